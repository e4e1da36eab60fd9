import type { ITerraformDependable } from 'cdktf';
import type { GatewayConfigInput } from 'oci-mcp-gateway/config';
import type { IConnectable } from '../network/connections';
import type { SecretLocation } from './outbound-auth';
import type { SecretReference } from './secret-reference';

/** The `state` section of the gateway's configuration. */
export type SharedStateConfig = NonNullable<GatewayConfigInput['state']>;

/** What the gateway offers to whatever its replicas share sessions in. */
export interface SharedStateContext {
  /** Makes a secret readable for the gateway. */
  locateSecret(secret: SecretReference): SecretLocation;
}

/** Where replicas of a gateway share what they know of sessions. Its connections are those of the gateway to it. */
export interface ISharedState extends IConnectable {
  /** What must exist before a gateway can log in. */
  readonly preconditions: readonly ITerraformDependable[];
  /** The `state` section of the gateway's configuration. */
  renderConfig(context: SharedStateContext): SharedStateConfig;
}
