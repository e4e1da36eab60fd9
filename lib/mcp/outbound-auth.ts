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
  | 'request_timeout';

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
