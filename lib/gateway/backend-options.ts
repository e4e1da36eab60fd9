import type { IConstruct } from 'constructs';
import type { BackendInput } from 'oci-mcp-gateway/config';
import { checkInteger, checkNumber } from '../core/validation';
import type { IMcpServer } from '../mcp/imcp-server';
import type { OpenApiEndpoint } from '../mcp/mcp-endpoint';
import { McpTransport } from '../mcp/mcp-transport';
import type { OutboundAuthContext } from '../mcp/outbound-auth';
import { type ExposedTools, exposedToolsConfig } from './exposed-tools';
import { type CallLimit, checkLimit } from './gateway-limits';

/** The versions of MCP that the gateway speaks. */
export type ProtocolVersion = '2026-07-28' | '2025-11-25' | '2025-06-18' | '2025-03-26' | '2024-11-05';

/** What the gateway does with one server. */
export interface BackendOptions extends ExposedTools {
  /** Name of the backend, in front of its tools' names. @default - the server's own name */
  readonly name?: string;
  /** Scopes that callers need for anything of this server, besides what else is asked. @default - none */
  readonly requiredScopes?: readonly string[];
  /** How much all callers together may call this server. @default - as much as they like */
  readonly limit?: CallLimit;
  /** Calls and pings that fail one after the other until the server counts as down, at least 1. @default 3 */
  readonly failureThreshold?: number;
  /**
   * Megabytes of memory above which a server on stdio, with all that it started, is ended and started again, at least 1.
   * @default - as much as the gateway's host has
   */
  readonly memoryLimitMegabytes?: number;
  /** Seconds until an attempt to connect is given up. @default 10 */
  readonly connectTimeoutSeconds?: number;
  /** Seconds without an answer or progress until a call is given up. @default 60 */
  readonly requestTimeoutSeconds?: number;
  /** Seconds between pings, 0 for none: a function counts each of them as a call. @default 30 */
  readonly healthCheckIntervalSeconds?: number;
  /**
   * Whether clients share one session with a server of a version before 2026-07-28, or have one each; "auto" gives one of their
   * own to clients that the server can ask something: for sampling, elicitation or roots. @default "auto"
   */
  readonly sessions?: 'auto' | 'shared' | 'perClient';
  /** The one version of MCP to speak with the server. @default - the newest that both sides speak */
  readonly protocolVersion?: ProtocolVersion;
}

/** Reports times that the gateway would not take. */
export function checkBackendOptions(scope: IConstruct, options: BackendOptions): void {
  checkNumber(scope, 'connectTimeoutSeconds', options.connectTimeoutSeconds, { min: 0.001, max: 3600 });
  checkNumber(scope, 'requestTimeoutSeconds', options.requestTimeoutSeconds, { min: 0.001, max: 3600 });
  checkNumber(scope, 'healthCheckIntervalSeconds', options.healthCheckIntervalSeconds, { min: 0, max: 86_400 });
  checkInteger(scope, 'failureThreshold', options.failureThreshold, { min: 1 });
  checkInteger(scope, 'memoryLimitMegabytes', options.memoryLimitMegabytes, { min: 1 });
  checkLimit(scope, 'limit', options.limit);
}

/** A server as the gateway's configuration has it. */
export function backendConfig(server: IMcpServer, options: BackendOptions, context: OutboundAuthContext): BackendInput {
  const { endpoint } = server;
  const common = {
    name: options.name ?? server.serverName,
    description: server.description,
    transport: endpoint.transport,
    ...exposedToolsConfig(options),
    required_scopes: options.requiredScopes && [...options.requiredScopes],
    failure_threshold: options.failureThreshold,
    memory_limit_mb: options.memoryLimitMegabytes,
    connect_timeout: options.connectTimeoutSeconds,
    request_timeout: options.requestTimeoutSeconds,
    health_check_interval: options.healthCheckIntervalSeconds,
    sessions: options.sessions === 'perClient' ? ('per_client' as const) : options.sessions,
    protocol_version: options.protocolVersion,
  };
  if (endpoint.transport === McpTransport.STDIO) {
    return { ...common, command: endpoint.command, args: [...endpoint.args], env: { ...endpoint.environment } };
  }
  const { url, headers, outboundAuth } = endpoint;
  const auth = outboundAuth?.renderConfig(context);
  const overHttp = { ...common, url, headers: headers && { ...headers }, ...auth };
  if (endpoint.transport !== McpTransport.OPENAPI) return { ...overHttp, json_only: endpoint.jsonOnly };
  return { ...overHttp, ...documentConfig(endpoint) };
}

function documentConfig({ document, operations }: OpenApiEndpoint): Partial<BackendInput> {
  const { methods, tags } = operations ?? {};
  return {
    ...('url' in document ? { document_url: document.url } : { document: document.text }),
    operations: operations && { methods: methods && [...methods], tags: tags && [...tags] },
  };
}
