import type { McpBackend } from '../../gateway-runtime/src/config/backend.js';
import { type BackendInput, parseGatewayConfig } from '../../gateway-runtime/src/config/index.js';
import type { JsonObject } from '../../gateway-runtime/src/contracts/json-rpc.js';
import type {
  AnswerRequest,
  ServerDescription,
  Upstream,
  UpstreamPurpose,
} from '../../gateway-runtime/src/contracts/upstream.js';
import { upstreamFactory } from '../../gateway-runtime/src/mcp/index.js';
import { closeAtEnd } from './gateway-servers.js';

/** A connection of the gateway to a backend, and what it reported. */
export interface TestUpstream {
  readonly upstream: Upstream;
  readonly notifications: [method: string, params: JsonObject][];
  readonly disconnected: string[];
  readonly reinitialized: ServerDescription[];
  connect(): Promise<ServerDescription>;
}

/** Makes connections that share what is remembered of backends, as those of one gateway do. */
export function upstreams() {
  const logs: [fields: object, message: string][] = [];
  const log = (fields: object, message: string) => void logs.push([fields, message]);
  const factory = upstreamFactory({
    clientInfo: { name: 'gateway', version: '1.0.0' },
    host: { env: process.env, kill: (pid, signal) => process.kill(pid, signal) },
    logger: { debug: () => {}, info: log, warn: log, error: log },
    outboundAuth: () => ({ headers: async () => ({}), refresh: async () => false }),
  });
  return {
    logs,
    /** A connection that has not been opened yet; closed at the end of the file. */
    make(
      backend: Omit<BackendInput, 'name'>,
      purpose: Partial<UpstreamPurpose> = {},
      onRequest: AnswerRequest = async () => ({}),
    ): TestUpstream {
      const [parsed] = parseGatewayConfig({ backends: [{ name: 'b', ...backend }] }).backends;
      if (!parsed) throw new Error('no backend');
      const notifications: TestUpstream['notifications'] = [];
      const disconnected: string[] = [];
      const reinitialized: ServerDescription[] = [];
      const upstream = factory(
        parsed as McpBackend,
        { capabilities: {}, ...purpose },
        {
          onNotification: (method, params) => void notifications.push([method, params]),
          onRequest,
          onReinitialized: (description) => void reinitialized.push(description),
          onDisconnected: (reason) => void disconnected.push(reason),
        },
      );
      closeAtEnd(() => upstream.close());
      return { upstream, notifications, disconnected, reinitialized, connect: () => upstream.connect() };
    },
  };
}
