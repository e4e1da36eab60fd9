import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { RefusedCaller } from '../contracts/audit.js';
import { andThen, type Eventual } from '../contracts/eventual.js';
import type { Logger } from '../contracts/host.js';
import type { Meters, RenderMetrics } from '../contracts/meters.js';
import type { Admitting } from './admission.js';
import { checkIsGet, pathOf, sendCurrent } from './get.js';
import type { McpEndpoint } from './mcp-endpoint.js';
import { metricsPath, sendMetrics } from './metrics-endpoint.js';
import type { OpenAnswers } from './open-answers.js';
import { Refusal, type SendRefusal, sendFailure } from './refusal.js';
import { nameRequest } from './request-id.js';
import type { SseEndpoint } from './sse-endpoint.js';

/** What a request counts as whose client left before its answer began; nginx calls it so, too. */
const clientLeft = 499;

/** How ready the gateway is; `details` are only for callers who may know. */
export interface Readiness {
  readonly ready: boolean;
  readonly summary: object;
  readonly details: object;
}

/** Something that is served beside MCP, below a path of its own. */
export interface Neighbour {
  isServedAt(path: string): boolean;
  /** @throws {Refusal} when the request cannot be served */
  handle(request: IncomingMessage, response: ServerResponse, path: string): Promise<void>;
  /** Sends a refusal in the form that its clients read. */
  readonly sendRefusal: SendRefusal;
}

/** What the listener puts together. */
export interface ListenerDependencies {
  readonly path: string;
  readonly endpoint: McpEndpoint;
  /** Absent unless old clients are served, too. */
  readonly sse?: SseEndpoint;
  /** What is served beside MCP. */
  readonly neighbours: readonly Neighbour[];
  readonly current: Admitting;
  readonly logger: Logger;
  readonly answers: OpenAnswers;
  readonly meters: Pick<Meters, 'answered'>;
  /** Takes note of a caller who is not let in. */
  onRefused(caller: RefusedCaller): void;
  /** Absent when nothing is counted. */
  readonly metrics?: RenderMetrics;
  readiness(): Readiness;
  /** True when the gateway is about to end and takes nothing new. */
  isClosing(): boolean;
}

/** Sends every HTTP request to what answers it. */
export function createListener(dependencies: ListenerDependencies): RequestListener {
  const { answers, meters, onRefused, logger } = dependencies;
  return (request, response) => {
    const began = performance.now();
    const request_id = nameRequest(request, response);
    const open = answers.begin(response);
    response.once('close', () => {
      open.remove();
      const ms = performance.now() - began;
      const { method = '' } = request;
      const status = response.headersSent ? response.statusCode : clientLeft;
      meters.answered(method, status, ms / 1000);
      logger.debug({ request_id, method, status, ms: Math.round(ms) }, 'request answered');
    });
    const fail = (error: unknown) => {
      if (error instanceof Refusal && error.refusedCaller) {
        const { refusedCaller, message } = error;
        const address = request.socket.remoteAddress;
        onRefused({ ...refusedCaller, message, address, requestId: request_id, ms: performance.now() - began });
      }
      sendFailure(response, error, logger, neighbourAt(pathOf(request), dependencies)?.sendRefusal);
    };
    try {
      const answering = route(request, response, dependencies);
      if (answering instanceof Promise) answering.catch(fail);
    } catch (error) {
      fail(error);
    }
  };
}

function route(request: IncomingMessage, response: ServerResponse, dependencies: ListenerDependencies): Eventual<void> {
  const { path, endpoint, sse, current, metrics } = dependencies;
  const { guard, protectedResource } = current.admission;
  const requested = pathOf(request);
  if (requested === path) return answerGuarded(request, response, dependencies, endpoint);
  if (requested === '/health') return sendGet(request, response, 200, { status: 'ok' });
  if (requested === '/ready') {
    guard.check(request);
    return sendReadiness(request, response, dependencies);
  }
  if (requested === metricsPath && metrics) {
    guard.check(request);
    return andThen(endpoint.identify(request), () => sendMetrics(request, response, metrics));
  }
  const metadata = protectedResource.documentAt(requested, path);
  if (metadata !== undefined) {
    // Public by its nature: clients in browsers need it before they have a token.
    response.setHeader('access-control-allow-origin', '*');
    return sendGet(request, response, 200, metadata);
  }
  if (sse?.isServedAt(requested)) return answerGuarded(request, response, dependencies, sse, requested);
  const neighbour = neighbourAt(requested, dependencies);
  if (neighbour) return answerGuarded(request, response, dependencies, neighbour, requested);
  const [isMcp, view] = viewAt(requested, path);
  if (!isMcp) throw new Refusal(404, `nothing is served here; MCP is at ${path}`);
  return answerGuarded(request, response, dependencies, endpoint, view);
}

function neighbourAt(path: string, { neighbours }: ListenerDependencies): Neighbour | undefined {
  return neighbours.find((neighbour) => neighbour.isServedAt(path));
}

/** Has an endpoint answer whoever may send requests here. @param place Path or view that is asked. */
function answerGuarded<T extends string | undefined>(
  request: IncomingMessage,
  response: ServerResponse,
  { current, isClosing }: ListenerDependencies,
  endpoint: { handle(request: IncomingMessage, response: ServerResponse, place: T): Eventual<void> },
  place?: T,
): Eventual<void> {
  const { guard } = current.admission;
  guard.check(request);
  guard.addHeaders(request, response);
  if (request.method === 'OPTIONS') return guard.answerPreflight(request, response);
  if (isClosing()) {
    throw new Refusal(503, 'the gateway is shutting down', { connection: 'close', 'retry-after': '1' });
  }
  return endpoint.handle(request, response, place as T);
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
  const mayKnow = await isKnown(request, endpoint);
  sendGet(request, response, ready ? 200 : 503, mayKnow ? details : summary);
}

async function isKnown(request: IncomingMessage, endpoint: McpEndpoint): Promise<boolean> {
  try {
    await endpoint.identify(request);
    return true;
  } catch {
    return false;
  }
}

function sendGet(request: IncomingMessage, response: ServerResponse, status: number, body: string | object): void {
  checkIsGet(request);
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  sendCurrent(response, status, 'application/json', text);
}
