import type { IContainerImage } from '../mcp/container-image';
import type { IMcpServer } from '../mcp/imcp-server';
import type { IInboundAuth } from '../mcp/inbound-auth';
import type { IMcpHosting } from '../mcp/mcp-hosting';
import type { SecretDirectory } from '../mcp/mcp-workload';
import type { IMonitoring } from '../mcp/monitoring';
import type { SecretReference } from '../mcp/secret-reference';
import type { ISharedState } from '../mcp/shared-state';
import type { GatewayAudit } from './gateway-audit';
import type { GatewayCatalogProps } from './gateway-catalog';
import type { GatewayLimits } from './gateway-limits';

export interface McpGatewayProps extends GatewayCatalogProps {
  /** Where the gateway runs. */
  readonly hosting: IMcpHosting;
  /** The gateway's container image, by digest for preference. It also holds the programs of servers on stdio. */
  readonly image: string | IContainerImage;
  /** How clients prove themselves. `InboundAuth.none()` is possible and has to be said. */
  readonly inboundAuth: IInboundAuth;
  /** The servers behind the gateway. @default - none yet; `addBackend` adds them */
  readonly backends?: readonly IMcpServer[];
  /**
   * Names of ConfigMaps in the gateway's namespace that hold further servers, which somebody else adds and removes while the
   * gateway runs: each key is a file `<name>.json` with a backend or a list of them. On OKE only. Nothing opens a network path
   * or grants a call to them.
   * @default - none: what is in `backends`
   */
  readonly backendsConfigMaps?: readonly string[];
  /** Folders of secret files, such as a wallet, for servers on stdio. @default - none */
  readonly secretDirectories?: readonly SecretDirectory[];
  /**
   * Where replicas share sessions, so that any of them carries on with any client. @default - each keeps its own in memory, and
   * a client whose replica is gone begins anew, unless there is a `sealingKey`
   */
  readonly sharedState?: ISharedState;
  /**
   * Secret of at least 32 random characters, the same for all replicas: with it they seal what clients keep for them: ids of
   * sessions, which any replica can carry on then, the state of a question and the names of tasks. A new value counts once replicas start again.
   * @default - each replica makes up a key of its own, and does not know what another one sealed
   */
  readonly sealingKey?: SecretReference;
  /**
   * Whether clients of the HTTP+SSE transport of 2024-11-05 are served, too, at `/sse`. Such a client has to stay at one replica;
   * an `ApiGatewayEdge` does not pass it on. @default false
   */
  readonly enableSse?: boolean;
  /**
   * Whether tools are served as plain HTTP, too, below `/api/v1`, for clients that do not speak MCP: ChatGPT Actions, function
   * calling, generated clients. They need the same tokens and scopes as others. @default false
   */
  readonly restApi?: boolean;
  /**
   * The web page by which operators look into the gateway, at `/console`. No edge passes it on: it is for those who reach the gateway
   * itself, such as by `kubectl port-forward`. @default - there is none
   */
  readonly console?: GatewayConsole;
  /** Name the gateway tells its clients. @default - derived from the construct's path */
  readonly gatewayName?: string;
  /** TCP port, 1024 to 65535: the gateway does not run as root. @default 9000 */
  readonly port?: number;
  /** How much is logged. @default "INFO" */
  readonly logLevel?: 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR';
  /** How much callers may call. Limits of single servers are said where those are added. @default - as much as they like */
  readonly limits?: GatewayLimits;
  /** What is written about each call. @default - who called what, why it was allowed, how it ended, and a hash of the arguments */
  readonly audit?: GatewayAudit;
  /** Where metrics, spans, logs and alarms go. @default - nothing is published */
  readonly monitoring?: IMonitoring;
}

/** Who may look into a gateway. */
export interface GatewayConsole {
  /** Scopes that it needs besides those of `inboundAuth`; `[]` opens it to every caller. */
  readonly requiredScopes: readonly string[];
}
