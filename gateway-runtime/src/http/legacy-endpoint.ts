import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { legacyVersions } from '../config/versions.js';
import type { ClientProfile } from '../contracts/client.js';
import { andThen, type Eventual } from '../contracts/eventual.js';
import type { Logger } from '../contracts/host.js';
import type { JsonRpcId, JsonRpcMessage } from '../contracts/json-rpc.js';
import type { Dispatcher } from '../contracts/session.js';
import { rpcCodes } from '../errors.js';
import type { CallsInFlight } from '../protocol/calls-in-flight.js';
import { capabilitiesOf } from '../protocol/capabilities.js';
import { failed } from '../protocol/failures.js';
import { batchVersion, type ClientRequest, cancelled } from '../protocol/incoming.js';
import { toLegacyResult } from '../protocol/results.js';
import { accepts } from './accept.js';
import type { ClientSessions } from './client-sessions.js';
import { Exchange } from './exchange.js';
import type { Caller, Gatekeeper } from './gatekeeper.js';
import type { Incoming } from './incoming.js';
import { LegacyRequest } from './legacy-request.js';
import { Refusal } from './refusal.js';
import type { ResumableStream } from './resumable-stream.js';
import type { HttpSession } from './session.js';

/**
 * Milliseconds after which a call that said nothing yet is answered on a stream: from then on a client that loses its connection
 * can resume it. Most calls are answered earlier, and as plain JSON.
 */
const streamAfterMs = 500;

/** What answers one request. */
interface Answer {
  readonly message: JsonRpcMessage;
  /** Of HTTP, where it is the answer to one request only. @default 200 */
  readonly status?: number;
  readonly headers?: OutgoingHttpHeaders;
}

/** What the endpoint needs from the rest of the gateway. */
export interface LegacyEndpointDependencies {
  readonly gatekeeper: Gatekeeper;
  readonly dispatcher: Dispatcher;
  /** Absent when the gateway keeps no sessions. */
  readonly sessions?: ClientSessions;
  readonly calls: CallsInFlight;
  readonly logger: Logger;
  /** Milliseconds between keep-alive comments. */
  readonly keepAliveMs: number;
}

/**
 * Streamable HTTP for clients of the legacy era, which begin with a handshake and keep a session.
 * https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#streamable-http
 */
export class LegacyEndpoint {
  readonly #dependencies: LegacyEndpointDependencies;

  constructor(dependencies: LegacyEndpointDependencies) {
    this.#dependencies = dependencies;
  }

  /** @throws {Refusal} when the messages cannot be served, at once or in the promise */
  post(request: IncomingMessage, response: ServerResponse, incoming: Incoming, caller: Caller): Eventual<void> {
    const initializes = incoming.requests.some(({ method }) => method === 'initialize');
    if (initializes && incoming.isBatch) {
      throw new Refusal(400, 'initialize must come alone', {}, rpcCodes.invalidRequest);
    }
    const version = checkVersion(request);
    return andThen(initializes ? undefined : this.#sessionOf(request, caller), (session) => {
      if (incoming.isBatch && (session?.client.version ?? version ?? batchVersion) !== batchVersion) {
        throw new Refusal(400, `batches exist only in MCP ${batchVersion}`, {}, rpcCodes.invalidRequest);
      }
      // The client may have left while its session was looked up; nothing would tell of it again.
      if (!response.destroyed) return this.#take(response, incoming, caller, session);
    });
  }

  #take(
    response: ServerResponse,
    incoming: Incoming,
    caller: Caller,
    session: HttpSession | undefined,
  ): Eventual<void> {
    const { requests, notifications, responses } = incoming;
    for (const { method, params } of notifications) {
      if (method === cancelled) session?.cancel(params.requestId as JsonRpcId);
      else if (session) this.#dependencies.dispatcher.notified(method, params, session);
    }
    for (const answer of responses) session?.settle(answer);
    const [first] = requests;
    if (first && incoming.isBatch) return this.#answerBatch(response, requests, caller, session);
    if (first) return this.#answerOne(response, first, caller, session);
    response.writeHead(202).end();
  }

  async #answerOne(
    response: ServerResponse,
    message: ClientRequest,
    caller: Caller,
    session: HttpSession | undefined,
  ): Promise<void> {
    const exchange = this.#exchange(response, session, false, () => request.signal.abort());
    const request = new LegacyRequest({ message, caller, client: clientOf(session), session, exchange });
    const { message: answer, status, headers } = await this.#answer(request);
    exchange.finish(request.signal.aborted ? [] : [answer], status, headers);
  }

  /** Of several answers none speaks for the others: the status of HTTP is that of success. */
  async #answerBatch(
    response: ServerResponse,
    messages: readonly ClientRequest[],
    caller: Caller,
    session: HttpSession | undefined,
  ): Promise<void> {
    const exchange = this.#exchange(response, session, true, () => {
      for (const { signal } of requests) signal.abort();
    });
    const client = clientOf(session);
    const requests = messages.map((message) => new LegacyRequest({ message, caller, client, session, exchange }));
    const answers = await Promise.all(requests.map((request) => this.#answer(request)));
    const wanted = answers.filter((_, index) => !requests[index]?.signal.aborted);
    exchange.finish(wanted.map(({ message }) => message));
  }

  #exchange(
    response: ServerResponse,
    session: HttpSession | undefined,
    isBatch: boolean,
    onGone: () => void,
  ): Exchange {
    const streams = session?.streams;
    const beginsAfterMs = streams?.isPrimed ? streamAfterMs : undefined;
    return new Exchange({
      response,
      keepAliveMs: this.#dependencies.keepAliveMs,
      streams,
      isBatch,
      beginsAfterMs,
      onGone,
    });
  }

  /** Answers GET. @throws {Refusal} when the client cannot listen. */
  async listen(request: IncomingMessage, response: ServerResponse, caller: Caller): Promise<void> {
    if (!accepts(request, 'text/event-stream')) throw new Refusal(406, 'Accept must allow text/event-stream');
    checkVersion(request);
    const session = (await this.#sessionOf(request, caller)) as HttpSession;
    // The client may have left while its token and its session were looked at; nothing would tell of it again.
    if (response.destroyed) return;
    const place = session.streams.find(String(request.headers['last-event-id']));
    // Whatever else it could get here, it would wait for its answer in vain.
    if (place?.isAnswer && !place.stream)
      throw new Refusal(400, 'what came after this event is not known here any more');
    if (place?.stream) place.stream.attach(response, place.sequence);
    if (place?.isAnswer) return;
    const { keepAliveMs } = this.#dependencies;
    const onDetached = (stream: ResumableStream) => session.leave(stream);
    session.listen(place?.stream ?? session.streams.begin({ isAnswer: false, response, keepAliveMs, onDetached }));
  }

  /** Answers DELETE. @throws {Refusal} when there is no such session. */
  async end(request: IncomingMessage, response: ServerResponse, caller: Caller): Promise<void> {
    const session = (await this.#sessionOf(request, caller)) as HttpSession;
    await this.#dependencies.sessions?.end(session);
    response.writeHead(204).end();
  }

  async #answer(request: LegacyRequest): Promise<Answer> {
    const { calls, dispatcher, gatekeeper, logger } = this.#dependencies;
    const { id, method, params } = request.message;
    const end = calls.begin(request.signal);
    const link = request.session?.begin(request);
    try {
      const result = await dispatcher.dispatch(method, params, request);
      const message = { jsonrpc: '2.0', id, result: toLegacyResult(result) } as const;
      if (method !== 'initialize') return { message };
      return { message, headers: await this.#openSession(request, result) };
    } catch (error) {
      const refusal = gatekeeper.refusalOf(error, request.view);
      const message = failed(request.message, error, 'legacy', logger, request);
      return { message, status: refusal?.status, headers: refusal?.headers };
    } finally {
      request.end();
      link?.remove();
      end();
    }
  }

  async #openSession(request: LegacyRequest, result: unknown): Promise<OutgoingHttpHeaders> {
    const { sessions } = this.#dependencies;
    if (!sessions) return {};
    const { protocolVersion } = result as { protocolVersion: string };
    const client = legacyClient(protocolVersion, request.message.params.capabilities);
    return { 'mcp-session-id': (await sessions.open(request, client)).id };
  }

  /** @throws {Refusal} 400 without an id, 404 when it is unknown or belongs to somebody else, 503 when that is not known */
  #sessionOf({ headers }: IncomingMessage, caller: Caller): Eventual<HttpSession | undefined> {
    const { sessions } = this.#dependencies;
    if (!sessions) return undefined;
    const id = headers['mcp-session-id'];
    if (typeof id !== 'string') {
      throw new Refusal(400, 'Mcp-Session-Id is missing; send initialize first', {}, rpcCodes.invalidRequest);
    }
    return andThen(sessions.find(id, caller), (session) => {
      if (!session) throw new Refusal(404, 'unknown session; send initialize again');
      return session;
    });
  }
}

/** Who sends a request. Without a handshake nothing is known of a client. */
function clientOf(session: HttpSession | undefined): ClientProfile {
  return session?.client ?? legacyClient(batchVersion);
}

function legacyClient(version: string, capabilities?: unknown): ClientProfile {
  return { era: 'legacy', version, capabilities: capabilitiesOf(capabilities) };
}

/** @throws {Refusal} 400 for a version nobody here speaks */
function checkVersion({ headers }: IncomingMessage): string | undefined {
  const version = headers['mcp-protocol-version'];
  if (version === undefined || legacyVersions.includes(String(version))) return version as string | undefined;
  const supported = legacyVersions.join(', ');
  throw new Refusal(400, `unsupported MCP-Protocol-Version; supported: ${supported}`, {}, rpcCodes.invalidRequest);
}
