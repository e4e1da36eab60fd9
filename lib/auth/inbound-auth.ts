import { type IInboundAuth, type InboundAuthConfig, inboundAuthDirectory } from '../mcp/inbound-auth';
import { isVaultSecret, type SecretReference } from '../mcp/secret-reference';
import type { IIdentityDomainApp } from './identity-domain-app';

/** Scopes that a tool needs: all of a list, or one of the alternatives. */
export type ToolScopes = readonly string[] | { readonly anyOf: readonly string[] };

/** Which tokens the gateway accepts, and what they allow. */
export interface AccessOptions {
  /** Scopes that every token must have. @default - none */
  readonly requiredScopes?: readonly string[];
  /**
   * Further scopes by tool, under the name that clients see, in which `*` stands for any characters:
   * `{ logs_delete: ['write:logs'], 'logs_*': { anyOf: ['logs', 'operations'] } }`. Every scope of a list is needed, one of
   * `anyOf` is enough; all rules that match a tool count. Once there is a rule, a tool that none matches is denied for
   * everybody; `{ '*': [] }` opens the rest on purpose.
   * @default - every tool is open to whoever may use the gateway
   */
  readonly toolScopes?: { readonly [tool: string]: ToolScopes };
  /** Origins of browsers that may call the gateway: `https://console.example`. @default - none */
  readonly corsOrigins?: readonly string[];
  /**
   * Public URL of the gateway's endpoint, told to clients that come without a token.
   * @default - clients have to be told where to get a token
   */
  readonly resourceUrl?: string;
}

/** What else is checked in a signed token. */
export interface TokenCheckOptions extends AccessOptions {
  /** Seconds by which the clocks of issuer and gateway may differ, 0 to 120. @default 30 */
  readonly clockSkewSeconds?: number;
  /**
   * Further claims that every token needs, each with one of its values, compared exactly: `{ tenant: ['acme'] }`.
   * @default - none
   */
  readonly requiredClaims?: { readonly [claim: string]: readonly string[] };
  /**
   * Hours for which an API Gateway in front keeps the key set, 1 to 24. The gateway itself fetches it anew when it meets an
   * unknown key.
   * @default 1
   * @see https://docs.oracle.com/en-us/iaas/Content/APIGateway/Tasks/apigatewayusingjwttokens-usinjson.htm
   */
  readonly keyCacheHours?: number;
}

export interface JwtAuthOptions extends TokenCheckOptions {
  /** Issuer or issuers, exactly as the tokens carry them, trailing slash included. At least one. */
  readonly issuer: string | readonly string[];
  /**
   * Audiences that mean this gateway, of which a token must carry one. At least one: tokens for other services would be
   * accepted without.
   */
  readonly audiences: readonly string[];
  /** URL of the issuer's key set. @default - `publicKey` is given */
  readonly jwksUri?: string;
  /** One public key in PEM form, in place of a key set. @default - `jwksUri` is given */
  readonly publicKey?: string;
  /** Signature algorithms to accept. @default ["RS256"] */
  readonly algorithms?: readonly string[];
  /** URLs where clients get tokens, when those are not the issuers. @default - the issuers */
  readonly authorizationServers?: readonly string[];
  /**
   * What clients put in front of a scope when they ask for it, and tokens do not carry. An identity domain wants the audience
   * there.
   * @default - nothing
   */
  readonly scopePrefix?: string;
}

export interface StaticTokenAuthOptions extends AccessOptions {
  /**
   * A secret that holds a JSON object of tokens: `{"<token>": {"client_id": "ci", "scopes": ["read:tools"]}}`. One in Vault is
   * read when the gateway starts.
   */
  readonly tokens: SecretReference;
}

/** How clients prove themselves to a gateway. */
export const InboundAuth = {
  /**
   * Signed tokens of an identity provider.
   * @example InboundAuth.jwt({ issuer, audiences: ['mcp'], jwksUri });
   */
  jwt(options: JwtAuthOptions): IInboundAuth {
    return {
      anonymous: false,
      keyCacheHours: options.keyCacheHours,
      renderConfig: () => ({
        ...accessConfig(options),
        jwt_issuer: [options.issuer].flat(),
        jwt_audience: [...options.audiences],
        jwt_jwks_uri: options.jwksUri,
        jwt_public_key: options.publicKey,
        jwt_algorithms: options.algorithms && [...options.algorithms],
        jwt_clock_skew: options.clockSkewSeconds,
        jwt_claims: options.requiredClaims && claimsConfig(options.requiredClaims),
        authorization_servers: options.authorizationServers && [...options.authorizationServers],
        scope_prefix: options.scopePrefix,
      }),
    };
  },

  /**
   * Tokens of an identity domain for one of its applications. Every tenancy's domains share an issuer, so the application's
   * audience is always checked, and the keys are those of this domain alone. Scopes named in the options are added to the
   * application; {@link McpGateway.grantInvoke} adds more, for one client at a time.
   *
   * @example
   * const inboundAuth = InboundAuth.identityDomain(app, { requiredScopes: ['use'] });
   */
  identityDomain(app: IIdentityDomainApp, options: TokenCheckOptions = {}): IInboundAuth {
    const { domain } = app;
    const audience = app.requireAudience();
    for (const scope of options.requiredScopes ?? []) app.addScope(scope, 'Needed by every client');
    for (const [tool, scopes] of Object.entries(options.toolScopes ?? {})) {
      for (const scope of 'anyOf' in scopes ? scopes.anyOf : scopes) app.addScope(scope, `Needed for ${tool}`);
    }
    const auth = InboundAuth.jwt({
      ...options,
      issuer: domain.issuers,
      audiences: [audience],
      jwksUri: domain.jwksUri,
      authorizationServers: [domain.url],
      scopePrefix: audience,
    });
    return { ...auth, oauthResource: app };
  },

  /** Fixed tokens, for development and for callers without an identity provider. */
  staticTokens(options: StaticTokenAuthOptions): IInboundAuth {
    const { tokens } = options;
    if (isVaultSecret(tokens)) {
      const static_tokens_file = `${inboundAuthDirectory}/tokens.json`;
      return {
        anonymous: false,
        vaultFiles: { 'tokens.json': tokens },
        renderConfig: () => ({ ...accessConfig(options), static_tokens_file }),
      };
    }
    return {
      anonymous: false,
      renderConfig: (mountSecret) => ({ ...accessConfig(options), static_tokens_file: mountSecret(tokens) }),
    };
  },

  /** Anybody who can reach the gateway may call every tool. The gateway warns at synth. */
  none(): IInboundAuth {
    return { anonymous: true, renderConfig: () => ({ enabled: false }) };
  },
};

function accessConfig(options: AccessOptions): InboundAuthConfig {
  return {
    enabled: true,
    required_scopes: options.requiredScopes && [...options.requiredScopes],
    tool_scopes: options.toolScopes && toolScopesConfig(options.toolScopes),
    cors_origins: options.corsOrigins && [...options.corsOrigins],
    resource_url: options.resourceUrl,
  };
}

function toolScopesConfig(toolScopes: { readonly [tool: string]: ToolScopes }): InboundAuthConfig['tool_scopes'] {
  const rule = (scopes: ToolScopes) => ('anyOf' in scopes ? { any_of: [...scopes.anyOf] } : [...scopes]);
  return Object.fromEntries(Object.entries(toolScopes).map(([tool, scopes]) => [tool, rule(scopes)]));
}

function claimsConfig(claims: { readonly [claim: string]: readonly string[] }): InboundAuthConfig['jwt_claims'] {
  return Object.fromEntries(Object.entries(claims).map(([claim, values]) => [claim, [...values]]));
}
