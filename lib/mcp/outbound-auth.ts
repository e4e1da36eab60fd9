import type { BackendInput } from 'oci-mcp-gateway/config';
import type { MountSecret } from './kubernetes-secret';

/** The fields of a backend by which the gateway proves itself to a server. */
export type BackendAuthConfig = Pick<
  BackendInput,
  'auth_method' | 'bearer_token_file' | 'bearer_token_env' | 'api_key_file' | 'api_key_env' | 'api_key_header'
>;

/** How the gateway proves itself to one server. */
export interface IOutboundAuth {
  /**
   * The fields for the gateway's configuration.
   * @param mountSecret Puts a secret's value into a file of the gateway and returns the file's path.
   */
  renderConfig(mountSecret: MountSecret): BackendAuthConfig;
}
