import type { BackendAuthConfig, IOutboundAuth, SecretLocation, SigningMethod } from '../mcp/outbound-auth';
import type { SecretReference } from '../mcp/secret-reference';

/** An OAuth 2.0 client that acts on its own behalf. */
export interface OAuthClientOptions {
  /** Token endpoint: `https://idcs-….identity.oraclecloud.com/oauth2/v1/token`. May be a reference. */
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: SecretReference;
  /** Scopes to ask for. @default - those the authorization server gives by itself */
  readonly scopes?: readonly string[];
}

/** A database user whose name and password are exchanged for a token. */
export interface AutonomousDatabaseLogin {
  /** Token endpoint of the database. May be a reference. */
  readonly tokenUrl: string;
  /** Database user. */
  readonly username: string;
  readonly password: SecretReference;
}

/** How a gateway proves itself to a server. The client's own token is never passed on. */
export const OutboundAuth = {
  /** No credentials: the network path is the permission. */
  none(): IOutboundAuth {
    return { renderConfig: () => ({ auth_method: 'none' }) };
  },

  /**
   * A token in the `Authorization` header, read again when the server refuses it.
   * @example OutboundAuth.bearerToken({ name: 'docs-mcp', key: 'token' });
   */
  bearerToken(token: SecretReference): IOutboundAuth {
    return {
      renderConfig: ({ locateSecret }) => ({
        auth_method: 'bearer_token',
        ...at('bearer_token', locateSecret(token)),
      }),
    };
  },

  /**
   * A key in a header of its own.
   * @param header Name of the header. @default "x-api-key"
   */
  apiKey(key: SecretReference, header?: string): IOutboundAuth {
    return {
      renderConfig: ({ locateSecret }) => ({
        auth_method: 'api_key',
        ...at('api_key', locateSecret(key)),
        api_key_header: header,
      }),
    };
  },

  /**
   * A token which the gateway gets with its own client id and secret, and renews before it expires.
   * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.4
   */
  oauthClientCredentials({ tokenUrl, clientId, clientSecret, scopes }: OAuthClientOptions): IOutboundAuth {
    return {
      renderConfig: ({ locateSecret }) => ({
        auth_method: 'oauth_client_credentials',
        token_url: tokenUrl,
        client_id: clientId,
        ...at('client_secret', locateSecret(clientSecret)),
        scope: scopes?.join(' '),
      }),
    };
  },

  /** A token which the gateway gets from an Autonomous Database for a database user, and renews before it expires. */
  autonomousDatabase({ tokenUrl, username, password }: AutonomousDatabaseLogin): IOutboundAuth {
    return {
      renderConfig: ({ locateSecret }) => ({
        auth_method: 'autonomous_database',
        token_url: tokenUrl,
        username,
        ...at('password', locateSecret(password)),
      }),
    };
  },

  /**
   * Requests signed with the gateway's own OCI identity, as OCI's own endpoints want them.
   * @param method Which identity. @default - workload identity on OKE, the resource principal elsewhere
   * @see https://docs.oracle.com/en-us/iaas/Content/API/Concepts/signingrequests.htm
   */
  ociSignature(method?: SigningMethod | 'instance_principal'): IOutboundAuth {
    return { renderConfig: ({ signingMethod }) => ({ auth_method: method ?? signingMethod }) };
  },
};

type SecretField = 'bearer_token' | 'api_key' | 'client_secret' | 'password';

/** The field that tells where a secret is: `<field>_file` or `<field>_secret_id`. */
function at(field: SecretField, location: SecretLocation): BackendAuthConfig {
  return 'file' in location ? { [`${field}_file`]: location.file } : { [`${field}_secret_id`]: location.secretId };
}
