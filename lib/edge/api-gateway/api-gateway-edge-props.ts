import type { ApiGatewayAttributes } from '../../mcp/api-gateway';
import type { IEdgeTarget } from '../../mcp/edge-target';
import type { IInboundAuth } from '../../mcp/inbound-auth';
import type { IMonitoring } from '../../mcp/monitoring';
import type { IConnectable } from '../../network/connections';
import type { IPrivateNetwork } from '../../network/private-network';
import type { UsagePlan } from './usage-plans';

/** How an API Gateway checks tokens; `NONE` leaves that to what stands behind it. */
export type ApiGatewayAuthentication = 'TOKEN_AUTHENTICATION' | 'JWT_AUTHENTICATION' | 'NONE';

/** An API Gateway that exists already, and what an edge on it has to know of it. */
export interface SharedApiGateway extends ApiGatewayAttributes {
  /** Host name under which clients reach it. @default - read from the API Gateway when Terraform runs */
  readonly hostname?: string;
  /** OCID of its network security group, in which the way to the target is opened. @default - `cidrBlock` */
  readonly securityGroupId?: string;
  /** Addresses of its subnet, which the target lets in; its own way out is opened elsewhere. @default - `securityGroupId` */
  readonly cidrBlock?: string;
}

/** A host name of one's own. */
export interface ApiGatewayDomain {
  /** Host name that the certificate is for and that clients use. Its DNS record is made elsewhere. */
  readonly hostname: string;
  /**
   * OCID of the certificate, best of one that the Certificates service keeps and renews.
   * @see https://docs.oracle.com/en-us/iaas/Content/APIGateway/Tasks/apigatewaysettingupcustomdomainscerts.htm
   */
  readonly certificateId: string;
}

/**
 * Clients prove themselves by a certificate before anything else is looked at.
 * @see https://docs.oracle.com/en-us/iaas/Content/APIGateway/Tasks/apigatewayaddingmtlssupport.htm
 */
export interface MutualTls {
  /** OCIDs of CA bundles that issue the clients' certificates. @default - none */
  readonly caBundleIds?: readonly string[];
  /** OCIDs of certificate authorities that issue them. @default - none */
  readonly certificateAuthorityIds?: readonly string[];
  /** Subject alternative names, of which a certificate needs one; at most 10. @default - any that the authorities vouch for */
  readonly allowedNames?: readonly string[];
}

/** How fast calls may come. What comes faster is answered with 429. */
export interface RateLimit {
  /** Requests in one second, at least 1. */
  readonly requestsPerSecond: number;
  /** Whether each address counts for itself, or all of them together. @default "CLIENT_IP" */
  readonly per?: 'CLIENT_IP' | 'TOTAL';
}

/** Seconds that the API Gateway waits for what stands behind it. */
export interface ApiGatewayTimeouts {
  /** Until a connection is open, 1 to 75. @default 10 */
  readonly connectSeconds?: number;
  /** Between two reads of an answer, 1 to 300: the longest that a tool may be silent. @default 300 */
  readonly readSeconds?: number;
  /** Between two writes of a request, 1 to 300. @default 30 */
  readonly sendSeconds?: number;
}

export interface ApiGatewayEdgeProps {
  /** OCID of the compartment. */
  readonly compartmentId: string;
  /**
   * Network of the API Gateway made here, a public one in its public subnet, and of the private load balancer that is made in
   * front of pods.
   * @default - `apiGateway` is given, and the target has an address of its own
   */
  readonly network?: IPrivateNetwork;
  /** What stands behind: an `McpGateway`, a server, or another edge. */
  readonly target: IEdgeTarget;
  /** An API Gateway that exists already. @default - one is made in `network` */
  readonly apiGateway?: SharedApiGateway;
  /** Whether the API Gateway made here has a public address, by which everybody reaches it. @default "PRIVATE" */
  readonly endpoint?: 'PRIVATE' | 'PUBLIC';
  /**
   * Who may connect to the API Gateway made here. `connections.allowFrom` adds others.
   * @default - everybody where it is public, nobody where it is private
   */
  readonly clients?: readonly IConnectable[];
  /**
   * Path in front of every route. "/" leaves room for no other deployment on the API Gateway.
   * @default - "/" on an API Gateway made here, "/<name of the edge>" on a shared one and with `usagePlans`
   * @see https://docs.oracle.com/en-us/iaas/Content/APIGateway/Tasks/apigatewaycreatingdeployment.htm
   */
  readonly pathPrefix?: string;
  /** Path of the MCP endpoint behind the prefix. @default "/mcp" */
  readonly path?: string;
  /** Path of the target that answers `GET` while it is healthy. @default - the one it gives to load balancers */
  readonly healthPath?: string;
  /** How clients prove themselves, where it is not as they do to the target. @default - as they do to the target, grants included */
  readonly inboundAuth?: IInboundAuth;
  /** Where tokens are checked. @default "TOKEN_AUTHENTICATION" */
  readonly authentication?: ApiGatewayAuthentication;
  /** Id (`kid`) that tokens name for the one PEM key of the inbound auth. @default - a key set has ids of its own */
  readonly publicKeyId?: string;
  /** How fast calls may come. @default - no limit */
  readonly rateLimit?: RateLimit;
  /** Quotas by client. Once there is one, who is in none is refused. @default - none */
  readonly usagePlans?: readonly UsagePlan[];
  /** Claim of the token by which usage plans know a client. @default "client_id" */
  readonly clientClaim?: string;
  /**
   * Headers besides those of MCP that pages in browsers may send. A tool with `x-mcp-header` in its schema has clients of MCP
   * 2026-07-28 repeat an argument in one, and an API Gateway knows names and no patterns.
   * @default - none
   * @example ['Mcp-Param-Region']
   */
  readonly browserHeaders?: readonly string[];
  /** How long the API Gateway waits. */
  readonly timeouts?: ApiGatewayTimeouts;
  /** Host name and certificate of the API Gateway made here. @default - a name of the service's own */
  readonly domain?: ApiGatewayDomain;
  /** Asks clients for a certificate. @default - no certificates */
  readonly mutualTls?: MutualTls;
  /** Where access and execution logs go. @default - no logs */
  readonly monitoring?: IMonitoring;
  /** From which level on the execution log is written. @default "INFO" */
  readonly executionLogLevel?: 'INFO' | 'WARN' | 'ERROR';
}
