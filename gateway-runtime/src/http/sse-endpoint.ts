import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Identity } from '../contracts/identity.js';
import type { Dispatcher, SessionStore } from '../contracts/session.js';
import { traceContextOf } from '../contracts/trace.js';
import { rpcCodes } from '../errors.js';
import type { ConversationDependencies } from '../protocol/conversation.js';
import { accepts } from './accept.js';
import type { Admitting } from './admission.js';
import { readJson } from './body.js';
import { EventStream } from './event-stream.js';
import type { Gatekeeper } from './gatekeeper.js';
import { Refusal } from './refusal.js';
import { requestIdOf } from './request-id.js';
import { SseConnection } from './sse-connection.js';

/** Where clients listen: to everything, or below it to a view. */
const streamPath = /^\/sse(?:\/(?<view>[\w.~-]+))?\/?$/;

/** Where they send their messages to. */
const messagePath = '/messages';

/** What the endpoint needs from the rest of the gateway. */
export interface SseEndpointDependencies extends ConversationDependencies {
  readonly gatekeeper: Pick<Gatekeeper, 'identify'>;
  readonly dispatcher: Dispatcher;
  readonly connections: SessionStore<SseConnection>;
  readonly current: Admitting;
  /** Milliseconds between keep-alive comments. @default 10000, as at the MCP endpoint */
  readonly keepAliveMs?: number;
}

/**
 * HTTP+SSE of 2024-11-05, for clients that know nothing newer. A connection belongs to the replica that its stream is open at.
 * https://modelcontextprotocol.io/specification/2024-11-05/basic/transports#http-with-sse
 */
export class SseEndpoint {
  readonly #dependencies: SseEndpointDependencies;

  constructor(dependencies: SseEndpointDependencies) {
    this.#dependencies = dependencies;
  }

  isServedAt(path: string): boolean {
    return path === messagePath || streamPath.test(path);
  }

  /** @throws {Refusal} when the request cannot be served. */
  handle(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const allowed = path === messagePath ? 'POST' : 'GET';
    if (request.method !== allowed) {
      throw new Refusal(405, `${request.method} is not supported here`, { allow: allowed });
    }
    if (path === messagePath) return this.#receive(request, response);
    return this.#open(request, response, streamPath.exec(path)?.groups?.view);
  }

  /** Lets requests in flight finish, at most `graceMs`, and ends every connection. */
  async drain(graceMs: number): Promise<void> {
    const { connections } = this.#dependencies;
    await Promise.all([...connections.values()].map((connection) => connection.drain(graceMs)));
    connections.close();
  }

  /** Ends the connections of callers who are not accepted any more. */
  keepOnly(isAccepted: (identity: Identity) => boolean): void {
    const { connections } = this.#dependencies;
    for (const { id, identity } of [...connections.values()]) if (!isAccepted(identity)) connections.delete(id);
  }

  async #open(request: IncomingMessage, response: ServerResponse, view: string | undefined): Promise<void> {
    const { gatekeeper, dispatcher, connections, current, keepAliveMs = 10_000 } = this.#dependencies;
    const identity = await gatekeeper.identify(request, view);
    if (view !== undefined && !dispatcher.hasView(view)) throw new Refusal(404, 'there is no such view');
    if (!accepts(request, 'text/event-stream')) throw new Refusal(406, 'Accept must allow text/event-stream');
    // The client may have left while its token was looked at; nothing would tell of it again.
    if (response.destroyed) return;
    const stream = new EventStream(response, keepAliveMs);
    const connection = new SseConnection({ identity, view }, stream, this.#dependencies);
    connections.add(connection);
    response.once('close', () => connections.delete(connection.id));
    stream.sendEndpoint(`${current.admission.prefix ?? ''}${messagePath}?sessionId=${connection.id}`);
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const id = new URL(request.url ?? '', 'http://gateway').searchParams.get('sessionId');
    const connection = id === null ? undefined : this.#dependencies.connections.get(id);
    const identity = await this.#dependencies.gatekeeper.identify(request, connection?.view);
    if (id === null) throw new Refusal(400, 'sessionId is missing', {}, rpcCodes.invalidRequest);
    if (connection?.owner !== identity.key) throw new Refusal(404, 'unknown session; open the stream again');
    const message = await readJson(request);
    response.writeHead(202).end('Accepted');
    const trace = traceContextOf(request.headers);
    await connection.conversation.receive(message, { identity, trace, requestId: requestIdOf(response) });
  }
}
