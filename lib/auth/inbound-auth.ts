import type { IInboundAuth, InboundAuthConfig } from '../mcp/inbound-auth';
import type { KubernetesSecretKey } from '../mcp/kubernetes-secret';

/** Which tokens the gateway accepts, and what they allow. */
export interface AccessOptions {
  /** Scopes that every token must have. @default - none */
  readonly requiredScopes?: readonly string[];
  /**
   * Further scopes by tool, under the name that clients see: `{ logs_delete: ['write:logs'] }`. @default - none
   */
  readonly toolScopes?: { readonly [tool: string]: readonly string[] };
  /** Origins of browsers that may call the gateway: `https://console.example`. @default - none */
  readonly corsOrigins?: readonly string[];
  /**
   * Public URL of the gateway's endpoint, told to clients that come without a token.
   * @default - clients have to be told where to get a token
   */
  readonly resourceUrl?: string;
}

export interface JwtAuthOptions extends AccessOptions {
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
}

export interface StaticTokenAuthOptions extends AccessOptions {
  /**
   * A Kubernetes secret that holds a JSON object of tokens: `{"<token>": {"client_id": "ci", "scopes": ["read:tools"]}}`.
   */
  readonly tokens: KubernetesSecretKey;
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
      renderConfig: () => ({
        ...accessConfig(options),
        jwt_issuer: [options.issuer].flat(),
        jwt_audience: [...options.audiences],
        jwt_jwks_uri: options.jwksUri,
        jwt_public_key: options.publicKey,
        jwt_algorithms: options.algorithms ? [...options.algorithms] : undefined,
      }),
    };
  },

  /** Fixed tokens, for development and for callers without an identity provider. */
  staticTokens(options: StaticTokenAuthOptions): IInboundAuth {
    return {
      anonymous: false,
      renderConfig: (mountSecret) => ({ ...accessConfig(options), static_tokens_file: mountSecret(options.tokens) }),
    };
  },

  /** Anybody who can reach the gateway may call every tool. The gateway warns at synth. */
  none(): IInboundAuth {
    return { anonymous: true, renderConfig: () => ({ enabled: false }) };
  },
};

function accessConfig(options: AccessOptions): InboundAuthConfig {
  const toolScopes = Object.entries(options.toolScopes ?? {}).map(([tool, scopes]) => [tool, [...scopes]]);
  return {
    enabled: true,
    required_scopes: options.requiredScopes && [...options.requiredScopes],
    tool_scopes: options.toolScopes && Object.fromEntries(toolScopes),
    cors_origins: options.corsOrigins && [...options.corsOrigins],
    resource_url: options.resourceUrl,
  };
}
