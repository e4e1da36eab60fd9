import type { GatewayConfigInput } from 'oci-mcp-gateway/config';
import type { MountSecret } from './kubernetes-secret';
import type { IOAuthResource } from './oauth';
import type { IVaultSecret } from './secret-reference';

/** The `auth` section of the gateway's configuration. */
export type InboundAuthConfig = NonNullable<GatewayConfigInput['auth']>;

/** The folder in which a gateway finds the secrets of its `vaultFiles`. */
export const inboundAuthDirectory = '/etc/mcp/inbound';

/** How clients prove themselves to the gateway. */
export interface IInboundAuth {
  /** True when nobody has to: the gateway then warns at synth. */
  readonly anonymous: boolean;
  /** Hours for which an API Gateway keeps the issuer's keys, 1 to 24. @default 1 */
  readonly keyCacheHours?: number;
  /** What the tokens are issued for, where clients can be given scopes of it. @default - scopes are managed elsewhere */
  readonly oauthResource?: IOAuthResource;
  /** What it was made of, where grants were added to it: an edge that is given that takes the grants, too. @default - nothing */
  readonly given?: IInboundAuth;
  /** Secrets in Vault that the gateway reads as files of `/etc/mcp/inbound`, by their names. @default - none */
  readonly vaultFiles?: { readonly [fileName: string]: IVaultSecret };
  /**
   * The `auth` section of the gateway's configuration.
   * @param mountSecret Puts a secret's value into a file of the gateway and returns the file's path.
   */
  renderConfig(mountSecret: MountSecret): InboundAuthConfig;
}
