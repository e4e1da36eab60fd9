import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Logger } from '../config/host.js';
import { rpcCodes } from '../errors.js';
import type { McpEndpoint } from './mcp-endpoint.js';
import type { OriginGuard } from './origin-guard.js';
import type { ProtectedResource } from './protected-resource.js';
import { Refusal, sendJson, sendRefusal } from './refusal.js';
import type { SseEndpoint } from './sse-endpoint.js';

/** How ready the gateway is; `details` are only for callers who may know. */
export interface Readiness {
  readonly ready: boolean;
  readonly summary: object;
  readonly details: object;
}

/** What the listener puts together. */
export interface ListenerDependencies {
  readonly path: string;
  readonly endpoint: McpEndpoint;
  /** Absent unless old clients are served, too. */
  readonly sse?: SseEndpoint;
  readonly guard: OriginGuard;
  readonly protectedResource: ProtectedResource;
  readonly logger: Logger;
  readiness(): Readiness;
  /** True when the gateway is about to end and takes nothing new. */
  isClosing(): boolean;
}

/** Sends every HTTP request to what answers it. */
export function createListener(dependencies: ListenerDependencies): RequestListener {
  return (request, response) => {
    answer(request, response, dependencies).catch((error) => {
      if (error instanceof Refusal) return sendRefusal(response, error);
      dependencies.logger.error({ error: String(error) }, 'request failed');
      sendRefusal(response, new Refusal(500, 'internal error', {}, rpcCodes.internalError));
    });
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  dependencies: ListenerDependencies,
): Promise<void> {
  const { path, endpoint, sse, guard, protectedResource } = dependencies;
  const requested = (request.url ?? '/').replace(/\?.*$/s, '');
  if (requested === '/health') return sendGet(request, response, 200, { status: 'ok' });
  if (requested === '/ready') {
    guard.check(request);
    return sendReadiness(request, response, dependencies);
  }
  const metadata = protectedResource.documentAt(requested, path);
  if (metadata !== undefined) {
    // Public by its nature: clients in browsers need it before they have a token.
    response.setHeader('access-control-allow-origin', '*');
    return sendGet(request, response, 200, metadata);
  }
  const isSse = sse?.isServedAt(requested) === true;
  const [isMcp, view] = viewAt(requested, path);
  if (!isMcp && !isSse) throw new Refusal(404, `nothing is served here; MCP is at ${path}`);
  guard.check(request);
  guard.addHeaders(request, response);
  if (request.method === 'OPTIONS') return guard.answerPreflight(request, response);
  if (dependencies.isClosing()) {
    throw new Refusal(503, 'the gateway is shutting down', { connection: 'close', 'retry-after': '1' });
  }
  return isSse ? sse.handle(request, response, requested) : endpoint.handle(request, response, view);
}

/** Whether MCP is at this path, and of which view: the one segment below the path of the endpoint. */
function viewAt(requested: string, path: string): readonly [isMcp: boolean, view?: string] {
  const below = path === '/' ? path : `${path}/`;
  if (requested === path || requested === below) return [true];
  const view = requested.startsWith(below) ? requested.slice(below.length) : '';
  return /^[\w.~-]+$/.test(view) ? [true, view] : [false];
}

async function sendReadiness(
  request: IncomingMessage,
  response: ServerResponse,
  { endpoint, readiness }: ListenerDependencies,
): Promise<void> {
  const { ready, summary, details } = readiness();
  const mayKnow = await endpoint.identify(request).then(
    () => true,
    () => false,
  );
  sendGet(request, response, ready ? 200 : 503, mayKnow ? details : summary);
}

function sendGet(request: IncomingMessage, response: ServerResponse, status: number, body: string | object): void {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    throw new Refusal(405, `${request.method} is not supported here`, { allow: 'GET, HEAD' });
  }
  sendJson(response, status, typeof body === 'string' ? body : JSON.stringify(body), { 'cache-control': 'no-store' });
}
