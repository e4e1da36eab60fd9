import type { BackendInput } from 'oci-mcp-gateway/config';
import type { SecretReference } from './secret-reference';

/** The fields of a backend that only say what it is and how it is reached. */
type OtherFields =
  | 'name'
  | 'description'
  | 'enabled'
  | 'transport'
  | 'url'
  | 'command'
  | 'args'
  | 'env'
  | 'cwd'
  | 'module'
  | 'server_attr'
  | 'venv'
  | 'headers'
  | 'namespace_tools'
  | 'allowed_tools'
  | 'tags'
  | 'health_check_interval'
  | 'connect_timeout'
  | 'request_timeout'
  | 'json_only'
  | 'document_url'
  | 'document_file'
  | 'document'
  | 'operations';

/** The fields of a backend by which the gateway proves itself to a server. */
export type BackendAuthConfig = Omit<BackendInput, OtherFields>;

/** With which identity a program signs its requests to OCI, which depends on where it runs. */
export type SigningMethod = 'resource_principal' | 'oke_workload_identity';

/** Where the gateway finds a secret: in a file, or in Vault by its OCID. */
export type SecretLocation = { readonly file: string } | { readonly secretId: string };

/** What the gateway offers to whatever has to prove itself on its behalf. */
export interface OutboundAuthContext {
  readonly signingMethod: SigningMethod;
  /** Makes a secret readable for the gateway, once however often it is asked for. */
  locateSecret(secret: SecretReference): SecretLocation;
}

/** How the gateway proves itself to one server. */
export interface IOutboundAuth {
  /** The fields for the gateway's configuration. */
  renderConfig(context: OutboundAuthContext): BackendAuthConfig;
}

/** An OAuth 2.0 client that acts on its own behalf. */
export interface OAuthClientOptions {
  /** Token endpoint: `https://idcs-….identity.oraclecloud.com/oauth2/v1/token`. May be a reference. */
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: SecretReference;
  /** Scopes to ask for. @default - those the authorization server gives by itself */
  readonly scopes?: readonly string[];
  /** Name of the service that the token is for, where the authorization server wants one. @default - none is sent */
  readonly audience?: string;
  /**
   * URI of the service that the token is for; some authorization servers refuse requests that name one. @default - none is sent
   * @see https://www.rfc-editor.org/rfc/rfc8707
   */
  readonly resource?: string;
  /** How the client names itself: in the Authorization header, or in the body of the request. @default "basic" */
  readonly clientAuth?: 'basic' | 'post';
}

/** A user of a server. */
export interface BasicLogin {
  /** Without a colon. */
  readonly username: string;
  readonly password: SecretReference;
}

/** An OAuth 2.0 client that gets tokens in exchange for those of callers. */
export interface TokenExchangeOptions extends OAuthClientOptions {
  /** What callers' tokens are called. @default "access_token" */
  readonly subjectTokenType?: 'access_token' | 'jwt';
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
   * A user name and a password in the `Authorization` header.
   * @throws {Error} for a user name with a colon, which HTTP Basic cannot carry
   * @see https://www.rfc-editor.org/rfc/rfc7617
   */
  basic({ username, password }: BasicLogin): IOutboundAuth {
    if (username.includes(':')) throw new Error(`username: got "${username}"; HTTP Basic takes none with a colon`);
    return {
      renderConfig: ({ locateSecret }) => ({
        auth_method: 'basic',
        username,
        ...at('password', locateSecret(password)),
      }),
    };
  },

  /**
   * A token which the gateway gets with its own client id and secret, and renews before it expires.
   * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.4
   */
  oauthClientCredentials(client: OAuthClientOptions): IOutboundAuth {
    return {
      renderConfig: (context) => ({ auth_method: 'oauth_client_credentials', ...oauthClient(client, context) }),
    };
  },

  /**
   * A token for each caller, which the gateway gets in exchange for the caller's own: the server knows who calls, and the
   * caller's token goes to the authorization server alone. Needs inbound authentication by tokens of that server.
   * @see https://www.rfc-editor.org/rfc/rfc8693
   */
  tokenExchange({ subjectTokenType, ...client }: TokenExchangeOptions): IOutboundAuth {
    return {
      renderConfig: (context) => ({
        auth_method: 'token_exchange',
        ...oauthClient(client, context),
        subject_token_type: subjectTokenType && `urn:ietf:params:oauth:token-type:${subjectTokenType}`,
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

function oauthClient(
  { tokenUrl, clientId, clientSecret, scopes, audience, resource, clientAuth }: OAuthClientOptions,
  { locateSecret }: OutboundAuthContext,
): BackendAuthConfig {
  return {
    token_url: tokenUrl,
    client_id: clientId,
    ...at('client_secret', locateSecret(clientSecret)),
    scope: scopes?.join(' '),
    audience,
    resource,
    client_auth: clientAuth,
  };
}

type SecretField = 'bearer_token' | 'api_key' | 'client_secret' | 'password';

/** The field that tells where a secret is: `<field>_file` or `<field>_secret_id`. */
function at(field: SecretField, location: SecretLocation): BackendAuthConfig {
  return 'file' in location ? { [`${field}_file`]: location.file } : { [`${field}_secret_id`]: location.secretId };
}
