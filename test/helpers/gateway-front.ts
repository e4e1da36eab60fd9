import { createAuthenticator } from '../../gateway-runtime/src/auth/inbound/index.js';
import { RequestSigners, VaultSecrets } from '../../gateway-runtime/src/auth/oci/index.js';
import { createPolicy } from '../../gateway-runtime/src/auth/policy.js';
import { type GatewayConfigInput, parseGatewayConfig } from '../../gateway-runtime/src/config/index.js';
import type { JsonObject } from '../../gateway-runtime/src/contracts/json-rpc.js';
import type { Dispatcher, RequestContext, SharedSessions } from '../../gateway-runtime/src/contracts/session.js';
import { RpcError, rpcCodes } from '../../gateway-runtime/src/errors.js';
import { ClientSessions } from '../../gateway-runtime/src/http/client-sessions.js';
import { createListener } from '../../gateway-runtime/src/http/listener.js';
import { McpEndpoint } from '../../gateway-runtime/src/http/mcp-endpoint.js';
import { OpenAnswers } from '../../gateway-runtime/src/http/open-answers.js';
import { OriginGuard } from '../../gateway-runtime/src/http/origin-guard.js';
import { ProtectedResource } from '../../gateway-runtime/src/http/protected-resource.js';
import type { HttpSession } from '../../gateway-runtime/src/http/session.js';
import { GatewayMeters } from '../../gateway-runtime/src/observability/gateway-meters.js';
import { createLogger } from '../../gateway-runtime/src/observability/logger.js';
import { MemorySessionStore } from '../../gateway-runtime/src/state/memory-session-store.js';
import { listen } from './gateway-servers.js';

/** What answers behind a front: results by method. */
export type Methods = Record<string, (params: JsonObject, context: RequestContext) => unknown>;

/** What a front may do differently. */
export interface FrontOptions {
  readonly auth?: GatewayConfigInput['auth'];
  readonly keepAliveMs?: number;
  readonly sessionIdleMs?: number;
  /** What this front knows together with others. */
  readonly shared?: SharedSessions;
  /** Takes what is logged. */
  readonly logs?: { write(line: string): void };
  /** Replaces members of the dispatcher. */
  readonly dispatcher?: Partial<Dispatcher>;
}

/** The HTTP side of a gateway on a free port, in front of methods that a test writes. */
export interface TestFront {
  readonly url: string;
  readonly endpoint: McpEndpoint;
  /** Sessions that are open, oldest first. */
  readonly sessions: HttpSession[];
  /** Notifications of clients with a session. */
  readonly notified: { method: string; params: JsonObject }[];
  post(message: unknown, headers?: Record<string, string>, signal?: AbortSignal): Promise<Response>;
  get(headers?: Record<string, string>, signal?: AbortSignal): Promise<Response>;
  /** Opens a session. @returns the headers that name it */
  begin(headers?: Record<string, string>, version?: string, capabilities?: JsonObject): Promise<Record<string, string>>;
  close(): Promise<void>;
}

/** Starts a front. */
export async function startFront(methods: Methods, options: FrontOptions = {}): Promise<TestFront> {
  const config = parseGatewayConfig({ auth: options.auth ?? { enabled: false } });
  const { auth } = config;
  const logger = createLogger({ name: 'front', log_level: 'ERROR' }, options.logs ?? { write: () => {} });
  const signers = new RequestSigners({});
  const vault = new VaultSecrets(signers.signerFor({ method: 'resource_principal' }), {});
  const open: HttpSession[] = [];
  const notified: TestFront['notified'] = [];
  const known: Methods = {
    initialize: ({ protocolVersion }) => ({
      protocolVersion,
      capabilities: {},
      serverInfo: { name: 'front', version: '1' },
    }),
    ping: () => ({}),
    ...methods,
  };
  const dispatcher: Dispatcher = {
    dispatch: async (method, params, context) => {
      const answer = known[method];
      if (!answer) throw new RpcError(rpcCodes.methodNotFound, `unknown method ${method}`);
      return answer(params, context);
    },
    notified: (method, params) => void notified.push({ method, params }),
    inputSchemaOf: () => undefined,
    hasView: () => false,
    sessionOpened: (session) => void open.push(session as HttpSession),
    sessionClosed: (session) => void open.splice(open.indexOf(session as HttpSession), 1),
    sessionRestored: () => {},
    ...options.dispatcher,
  };
  const { shared } = options;
  const store = new MemorySessionStore<HttpSession>({ idleMs: options.sessionIdleMs });
  const sessions = new ClientSessions({ store, shared, dispatcher });
  shared?.start(sessions);
  const current = {
    admission: {
      authenticator: createAuthenticator(auth, { environment: {}, signers, vault, logger }),
      policy: createPolicy(config),
      protectedResource: new ProtectedResource({ scopes: [], name: 'front' }),
      guard: new OriginGuard({ corsOrigins: ['https://app.example'], host: '127.0.0.1' }),
    },
  };
  const endpoint = new McpEndpoint({
    current,
    dispatcher,
    sessions,
    serverInfo: { name: 'front', version: '1' },
    logger,
    keepAliveMs: options.keepAliveMs,
  });
  const listening = await listen(
    createListener({
      neighbours: [],
      answers: new OpenAnswers(),
      meters: new GatewayMeters(),
      onRefused: () => {},
      path: '/mcp',
      endpoint,
      current,
      logger,
      readiness: () => ({ ready: true, summary: {}, details: {} }),
      isClosing: () => false,
    }),
  );
  const url = `${listening.url}/mcp`;
  const post: TestFront['post'] = (message, headers, signal) =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
      body: typeof message === 'string' ? message : JSON.stringify(message),
      signal,
    });
  return {
    url,
    endpoint,
    sessions: open,
    notified,
    post,
    get: (headers, signal) => fetch(url, { headers: { accept: 'text/event-stream', ...headers }, signal }),
    begin: async (headers, protocolVersion = '2025-11-25', capabilities = {}) => {
      const params = { protocolVersion, capabilities, clientInfo: { name: 'test', version: '1' } };
      const answer = await post({ jsonrpc: '2.0', id: 0, method: 'initialize', params }, headers);
      await answer.text();
      return { ...headers, 'mcp-session-id': answer.headers.get('mcp-session-id') ?? '' };
    },
    close: async () => {
      shared?.close();
      store.close();
      await listening.close();
    },
  };
}
