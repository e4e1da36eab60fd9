import type { GatewayConfigInput } from 'oci-mcp-gateway/config';
import type { MountSecret } from './kubernetes-secret';
import type { IOAuthResource } from './oauth';

/** The `auth` section of the gateway's configuration. */
export type InboundAuthConfig = NonNullable<GatewayConfigInput['auth']>;

/** How clients prove themselves to the gateway. */
export interface IInboundAuth {
  /** True when nobody has to: the gateway then warns at synth. */
  readonly anonymous: boolean;
  /** Hours for which an API Gateway keeps the issuer's keys, 1 to 24. @default 1 */
  readonly keyCacheHours?: number;
  /** What the tokens are issued for, where clients can be given scopes of it. @default - scopes are managed elsewhere */
  readonly oauthResource?: IOAuthResource;
  /**
   * The `auth` section of the gateway's configuration.
   * @param mountSecret Puts a secret's value into a file of the gateway and returns the file's path.
   */
  renderConfig(mountSecret: MountSecret): InboundAuthConfig;
}
