import { type IInboundAuth, type InboundAuthConfig, inboundAuthDirectory } from '../mcp/inbound-auth';
import { isVaultSecret, type SecretReference } from '../mcp/secret-reference';
import { type AccessRule, accessRules, scopesIn, type ToolScopes, toolRules } from './access-rule';
import type { IIdentityDomainApp } from './identity-domain-app';

/** Which tokens the gateway accepts, and what they allow. */
export interface AccessOptions {
  /** Scopes that every token must have. @default - none */
  readonly requiredScopes?: readonly string[];
  /**
   * Further scopes by tool, under the name that clients see, in which `*` stands for any characters:
   * `{ 'logs_*': { anyOf: ['logs', 'operations'], write: ['write:logs'] } }`. Every scope of a list is needed, one of
   * `anyOf` is enough, `read` and `write` speak of tools that do or do not say that they change nothing; all rules that match
   * a tool count. Once there is a rule, a tool that none matches is denied for
   * everybody; `{ '*': [] }` opens the rest on purpose.
   * @default - every tool is open to whoever may use the gateway
   */
  readonly toolScopes?: { readonly [tool: string]: ToolScopes };
  /** The same for prompts, by name. @default - every prompt is open to whoever may use the gateway */
  readonly promptScopes?: { readonly [prompt: string]: AccessRule };
  /** The same for resources, by URI. @default - every resource is open to whoever may use the gateway */
  readonly resourceScopes?: { readonly [uri: string]: AccessRule };
  /**
   * Scopes that stand for others: `{ admin: ['read:logs', 'write:logs'] }`; whoever has the first has those, too.
   * @default - each scope stands for itself
   */
  readonly scopeHierarchy?: { readonly [scope: string]: readonly string[] };
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

/** One more issuer of signed tokens. A token is checked with the keys of the issuer that it names, and no others. */
export interface TrustedIssuer {
  /** The issuer as the tokens carry it, with or without the trailing slash. */
  readonly issuer: string;
  /** Audiences that mean this gateway, of which a token must carry one. At least one. */
  readonly audiences: readonly string[];
  /** URL of the issuer's key set. @default - `publicKey` is given */
  readonly jwksUri?: string;
  /** One public key in PEM form, in place of a key set. @default - `jwksUri` is given */
  readonly publicKey?: string;
  /** Signature algorithms to accept. @default ["RS256"] */
  readonly algorithms?: readonly string[];
  /** Further claims that its tokens need, each with one of its values. @default - none */
  readonly requiredClaims?: { readonly [claim: string]: readonly string[] };
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
  /** Further issuers, each with keys and audiences of its own. An `ApiGatewayEdge` cannot check their tokens. @default - none */
  readonly otherIssuers?: readonly TrustedIssuer[];
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

export interface IntrospectionAuthOptions extends AccessOptions {
  /** Introspection endpoint of the authorization server: `https://idcs-….identity.oraclecloud.com/oauth2/v1/introspect`. May be a reference. */
  readonly url: string;
  /** Client as which the gateway asks. */
  readonly clientId: string;
  /** Its secret. One in Vault is read when the gateway starts. */
  readonly clientSecret: SecretReference;
  /** Audience that means this gateway. A token must carry it: one for other services would be accepted without. */
  readonly audience: string;
  /** Seconds for which an answer holds, 0 to 60: a token that was taken back is accepted no longer than that. @default 30 */
  readonly cacheSeconds?: number;
  /** URLs where clients get tokens. @default - clients have to know */
  readonly authorizationServers?: readonly string[];
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
        issuers: options.otherIssuers?.map(issuerConfig),
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
      for (const scope of scopesIn(scopes)) app.addScope(scope, `Needed for ${tool}`);
    }
    for (const [pattern, rule] of Object.entries({ ...options.promptScopes, ...options.resourceScopes })) {
      for (const scope of scopesIn(rule)) app.addScope(scope, `Needed for ${pattern}`);
    }
    for (const scope of Object.keys(options.scopeHierarchy ?? {})) app.addScope(scope, 'Stands for other scopes');
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

  /**
   * Tokens that say nothing by themselves: the gateway asks the authorization server about each of them, and keeps the answer for
   * a while. An `ApiGatewayEdge` cannot check them.
   * @see https://www.rfc-editor.org/rfc/rfc7662
   */
  introspection(options: IntrospectionAuthOptions): IInboundAuth {
    const { url, clientId, clientSecret, audience, cacheSeconds, authorizationServers } = options;
    const config = (client_secret_file: string): InboundAuthConfig => ({
      ...accessConfig(options),
      introspection: { url, client_id: clientId, client_secret_file, audience, cache_seconds: cacheSeconds },
      authorization_servers: authorizationServers && [...authorizationServers],
    });
    if (isVaultSecret(clientSecret)) {
      const file = 'introspection-secret';
      return {
        anonymous: false,
        vaultFiles: { [file]: clientSecret },
        renderConfig: () => config(`${inboundAuthDirectory}/${file}`),
      };
    }
    return { anonymous: false, renderConfig: (mountSecret) => config(mountSecret(clientSecret)) };
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
    tool_scopes: options.toolScopes && toolRules(options.toolScopes),
    prompt_scopes: options.promptScopes && accessRules(options.promptScopes),
    resource_scopes: options.resourceScopes && accessRules(options.resourceScopes),
    scope_hierarchy: options.scopeHierarchy && claimsConfig(options.scopeHierarchy),
    cors_origins: options.corsOrigins && [...options.corsOrigins],
    resource_url: options.resourceUrl,
  };
}

function issuerConfig({ issuer, audiences, jwksUri, publicKey, algorithms, requiredClaims }: TrustedIssuer) {
  return {
    issuer,
    audience: [...audiences],
    jwks_uri: jwksUri,
    public_key: publicKey,
    algorithms: algorithms && [...algorithms],
    claims: requiredClaims && claimsConfig(requiredClaims),
  };
}

function claimsConfig(claims: { readonly [claim: string]: readonly string[] }): Record<string, string[]> {
  return Object.fromEntries(Object.entries(claims).map(([claim, values]) => [claim, [...values]]));
}
