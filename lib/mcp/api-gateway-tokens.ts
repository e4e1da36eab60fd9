import { createPublicKey } from 'node:crypto';
import type { ApigatewayDeploymentSpecificationRequestPoliciesAuthentication } from '@cdktf/provider-oci/lib/apigateway-deployment';
import { Lazy, Token } from 'cdktf';
import type { IConstruct } from 'constructs';
import { admittingScopes, withBroader } from 'oci-mcp-gateway/config';
import { checkInteger, checkPattern, reportFault } from '../core/validation';
import type { InboundAuthConfig } from './inbound-auth';

/**
 * The most issuers, the most audiences and the most further claims that an API Gateway compares.
 * @see https://docs.oracle.com/en-us/iaas/Content/APIGateway/Tasks/apigatewayusingjwttokens-usinjson.htm
 */
const mostOf = { jwt_issuer: 5, jwt_audience: 5, jwt_claims: 10 } as const;

/**
 * The signatures it can check: RSA is the one type of key it takes.
 * @see https://docs.oracle.com/en-us/iaas/Content/APIGateway/Tasks/apigatewayusingjwttokens-keyparams.htm
 */
const algorithms = ['RS256', 'RS384', 'RS512'];

/** What the gateway of this library allows, so that both agree where nothing is said. */
const defaultClockSkew = 30;

/** What an API Gateway has to know about tokens beyond what the gateway of this library does. */
export interface TokenCheck {
  /** Hours for which it keeps the key set, 1 to 24. @default 1 */
  readonly keyCacheHours?: number;
  /** Id of the PEM key in the header of the tokens. @default - a key set is used */
  readonly publicKeyId?: string;
  /** Whether some routes are open to everybody. */
  readonly hasOpenRoutes: boolean;
  /** Value of `WWW-Authenticate` in a 401. @default - the platform's own answer */
  readonly challenge?: string;
}

type Authentication = ApigatewayDeploymentSpecificationRequestPoliciesAuthentication;

/** The policy which Oracle recommends. */
export function tokenAuthentication(config: InboundAuthConfig, check: TokenCheck): Authentication {
  const { issuers, audiences, verifyClaims } = comparisonsOf(config);
  return {
    type: 'TOKEN_AUTHENTICATION',
    ...whereTokensAre(config, check),
    validationPolicy: {
      ...keysOf(config, check),
      additionalValidationPolicy: { issuers, audiences, verifyClaims },
    },
    validationFailurePolicy: check.challenge === undefined ? undefined : challenging(check.challenge),
  };
}

/** The older policy, whose 401 nobody can change. */
export function jwtAuthentication(config: InboundAuthConfig, check: TokenCheck): Authentication {
  return {
    type: 'JWT_AUTHENTICATION',
    ...whereTokensAre(config, check),
    ...comparisonsOf(config),
    publicKeys: keysOf(config, check),
  };
}

/**
 * Lets in who has one of the scopes without which nothing can be got out of the gateway behind; it checks the rest. Rendered
 * last, because grants may still add scopes.
 * @param config Asked when everything is known.
 */
export function scopeAuthorization(config: () => InboundAuthConfig) {
  const scopes = () => [...withBroader(admittingScopesOf(config()), config().scope_hierarchy ?? {})];
  return {
    type: Lazy.stringValue({ produce: () => (scopes().length > 0 ? 'ANY_OF' : 'AUTHENTICATION_ONLY') }),
    allowedScope: Lazy.listValue({ produce: scopes }, { omitEmpty: true }),
  };
}

/** The scopes of which every client needs one. */
export function admittingScopesOf(config: InboundAuthConfig): string[] {
  return [...admittingScopes(config)];
}

/** Reports tokens which an API Gateway cannot check, whatever checks them afterwards. */
export function checkTokens(
  scope: IConstruct,
  prop: string,
  config: InboundAuthConfig,
  check: Pick<TokenCheck, 'keyCacheHours'>,
): void {
  const report = (got: unknown, allowed: string) => reportFault(scope, { prop, got, allowed });
  if (!config.jwt_jwks_uri && !config.jwt_public_key) {
    report(undefined, 'jwksUri, which the API Gateway must be able to read');
    return;
  }
  checkPattern(scope, prop, config.jwt_jwks_uri ?? undefined, {
    // As the gateway has it: plain HTTP goes nowhere on a loopback host.
    pattern: /^(https:\/\/|http:\/\/(localhost|127\.0\.0\.1|\[::1\])[:/])/i,
    allowed: 'a jwksUri with https: whoever answers in between would say whose tokens count',
  });
  for (const field of ['jwt_issuer', 'jwt_audience'] as const) {
    const values = listOf(config[field]);
    if (values.length > mostOf[field]) report(values, `at most ${mostOf[field]} values of ${field}`);
    else if (values.length === 0 || values.includes('')) report(undefined, `at least one value of ${field}`);
  }
  const claims = Object.keys(config.jwt_claims ?? {});
  if (claims.length > mostOf.jwt_claims) report(claims, `at most ${mostOf.jwt_claims} claims on an API Gateway`);
  const others = (config.jwt_algorithms ?? []).filter((name) => !algorithms.includes(name));
  if (others.length > 0) report(others, `${algorithms.join(', ')}: an API Gateway checks no other signatures`);
  checkInteger(scope, prop, config.jwt_clock_skew, { min: 0, max: 120 });
  checkInteger(scope, prop, check.keyCacheHours, { min: 1, max: 24 });
  if (config.jwt_public_key) checkPublicKey(scope, prop, config.jwt_public_key);
}

function checkPublicKey(scope: IConstruct, prop: string, pem: string): void {
  if (Token.isUnresolved(pem)) return;
  const type = keyTypeOf(pem);
  if (type === 'rsa') return;
  reportFault(scope, { prop, got: `a public key of type ${type}`, allowed: 'an RSA key in PEM form' });
}

function keyTypeOf(pem: string): string {
  try {
    return createPublicKey(pem).asymmetricKeyType ?? 'unknown';
  } catch {
    return 'unknown';
  }
}

function whereTokensAre(config: InboundAuthConfig, { hasOpenRoutes }: TokenCheck) {
  return {
    tokenHeader: 'Authorization',
    tokenAuthScheme: 'Bearer',
    isAnonymousAccessAllowed: hasOpenRoutes,
    maxClockSkewInSeconds: config.jwt_clock_skew ?? defaultClockSkew,
  };
}

function comparisonsOf(config: InboundAuthConfig) {
  const claims = Object.entries(config.jwt_claims ?? {});
  return {
    issuers: listOf(config.jwt_issuer),
    audiences: listOf(config.jwt_audience),
    verifyClaims:
      claims.length > 0
        ? claims.map(([key, accepted]) => ({ key, values: listOf(accepted), isRequired: true }))
        : undefined,
  };
}

function keysOf(config: InboundAuthConfig, { keyCacheHours, publicKeyId }: TokenCheck) {
  if (config.jwt_public_key) {
    const key = { format: 'PEM', kid: publicKeyId, key: withoutCertificate(config.jwt_public_key) };
    return { type: 'STATIC_KEYS', keys: [key] };
  }
  return {
    type: 'REMOTE_JWKS',
    uri: config.jwt_jwks_uri ?? undefined,
    isSslVerifyDisabled: false,
    maxCacheDurationInHours: keyCacheHours ?? 1,
  };
}

/** The key alone: the gateway of this library also takes a certificate, an API Gateway does not. */
function withoutCertificate(pem: string): string {
  if (Token.isUnresolved(pem) || keyTypeOf(pem) === 'unknown') return pem;
  return createPublicKey(pem).export({ type: 'spki', format: 'pem' }).toString();
}

function challenging(challenge: string) {
  return {
    type: 'MODIFY_RESPONSE',
    responseCode: '401',
    responseHeaderTransformations: {
      setHeaders: { items: [{ name: 'WWW-Authenticate', values: [challenge], ifExists: 'OVERWRITE' }] },
    },
  };
}

function listOf(value: string | readonly string[] | null | undefined): string[] {
  return [value ?? []].flat();
}
