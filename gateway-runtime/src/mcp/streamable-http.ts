import { setTimeout as delay } from 'node:timers/promises';
import type { HttpBackend } from '../config/backend.js';
import type { OutboundAuth } from '../config/identity.js';
import type { JsonObject, JsonRpcId, JsonRpcMessage } from '../config/json-rpc.js';
import type { ServerDescription, Upstream, UpstreamEvents, UpstreamRequestOptions } from '../config/upstream.js';
import { UpstreamError } from '../errors.js';
import { Correlator } from './correlator.js';
import { readEvents } from './event-stream.js';
import { type Caller, initialize } from './handshake.js';
import { type HttpAnswer, HttpClient, headerOf, toUpstreamError } from './http-client.js';
import { Liveness } from './liveness.js';
import { readText } from './message-size.js';

/** Milliseconds until a listening stream that ended is opened again: by default, and what a backend may ask for. */
const relistenMs = { usual: 500, least: 100, most: 60_000 };

/** Milliseconds a stream may stay open after the answer it was opened for. */
const afterAnswerMs = 1000;

/**
 * A backend that speaks Streamable HTTP.
 * https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#streamable-http
 */
export class StreamableHttpUpstream implements Upstream {
  readonly #client: HttpClient;
  readonly #caller: Caller;
  readonly #correlator: Correlator;
  readonly #events: UpstreamEvents;
  readonly #connectMs: number;
  readonly #liveness: Liveness;
  readonly #closed = new AbortController();
  #session: { id?: string; version?: string } = {};
  #renewal: Promise<void> | undefined;
  #listening = false;

  constructor(backend: HttpBackend, caller: Caller, auth: OutboundAuth, events: UpstreamEvents) {
    this.#client = new HttpClient(backend, auth);
    this.#caller = caller;
    this.#events = events;
    this.#connectMs = backend.connect_timeout * 1000;
    this.#correlator = new Correlator(
      (message, signal, headers) => this.#post(message, signal, headers),
      backend.request_timeout * 1000,
      events,
    );
    this.#liveness = new Liveness(this.#correlator, this.#connectMs, (reason) => {
      if (!this.#closed.signal.aborted) events.onDisconnected(reason);
    });
  }

  async connect(): Promise<ServerDescription> {
    const description = await this.#initialize();
    void this.#listen();
    return description;
  }

  request(method: string, params: JsonObject | undefined, options?: UpstreamRequestOptions): Promise<unknown> {
    return this.#correlator.request(method, params, options);
  }

  notify(method: string, params?: JsonObject): void {
    void this.#correlator.notify(method, params).catch(() => {});
  }

  async close(): Promise<void> {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort();
    this.#correlator.rejectAll(new UpstreamError('connection closed'));
    if (this.#session.id) {
      const signal = AbortSignal.timeout(1000);
      await this.#client.send('DELETE', this.#headers(), { signal }).catch(() => {});
    }
    await this.#client.close().catch(() => {});
  }

  #initialize(): Promise<ServerDescription> {
    this.#session = {};
    const onVersion = (version: string) => {
      this.#session.version = version;
    };
    return initialize(this.#correlator, this.#caller, this.#connectMs, onVersion);
  }

  #headers(): Record<string, string> {
    const { id, version } = this.#session;
    return { ...(id && { 'mcp-session-id': id }), ...(version && { 'mcp-protocol-version': version }) };
  }

  async #post(
    message: JsonRpcMessage,
    signal?: AbortSignal,
    more?: Readonly<Record<string, string>>,
    again = true,
  ): Promise<void> {
    if (this.#renewal && !isHandshake(message)) await this.#renewal;
    const session = this.#session;
    const headers = {
      ...more,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...this.#headers(),
    };
    const answer = await this.#client
      .send('POST', headers, { body: JSON.stringify(message), signal })
      .catch(this.#liveness.fail);
    if (answer.statusCode >= 300) {
      const text = await readText(answer).catch(() => '');
      if (again && isSessionLost(session.id, answer.statusCode, text)) {
        await this.#renew(session);
        return this.#post(message, signal, more, false);
      }
      throw new UpstreamError(`answered HTTP ${answer.statusCode}`);
    }
    if (message.method === 'initialize') session.id = headerOf(answer, 'mcp-session-id');
    await this.#readAnswer(answer, message).catch((error) => this.#liveness.fail(toUpstreamError(error)));
  }

  async #readAnswer(answer: HttpAnswer, { id, method }: JsonRpcMessage): Promise<void> {
    const type = headerOf(answer, 'content-type')?.toLowerCase() ?? '';
    const awaited = method === undefined ? undefined : (id ?? undefined);
    if (type.startsWith('text/event-stream')) {
      await this.#readEvents(answer, awaited);
    } else if (type.startsWith('application/json')) {
      const text = await readText(answer);
      // Python's SDK says JSON of an accepted notification, too, which is answered with nothing.
      if (text !== '') this.#receive(text, awaited);
    } else {
      await answer.body.dump();
    }
    if (awaited !== undefined && this.#correlator.isPending(awaited)) {
      throw new UpstreamError(`ended its answer to ${method} without a result`);
    }
  }

  /** A stream should end after the answer; one that does not is ended, else each call would leave a connection open. */
  async #readEvents({ body }: HttpAnswer, awaited?: JsonRpcId): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    try {
      for await (const { data } of readEvents(body)) {
        if (data !== '') this.#receive(data, awaited);
        if (awaited !== undefined && !this.#correlator.isPending(awaited)) {
          timer ??= setTimeout(() => body.destroy(), afterAnswerMs).unref();
        }
      }
    } catch (error) {
      if (!timer) throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  #receive(text: string, related?: JsonRpcId): void {
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      throw new UpstreamError('sent something that is not JSON');
    }
    this.#correlator.receive(message, related);
  }

  /** Initializes again, once for all the requests that found the session gone. */
  #renew(stale: object): Promise<void> {
    if (this.#renewal) return this.#renewal;
    if (this.#session !== stale) return Promise.resolve();
    this.#renewal = this.#initialize()
      .then((description) => {
        this.#events.onReinitialized(description);
        void this.#listen();
      })
      .catch((error) => {
        const failure = toUpstreamError(error);
        if (!this.#closed.signal.aborted) this.#events.onDisconnected(failure.message);
        throw failure;
      })
      .finally(() => {
        this.#renewal = undefined;
      });
    return this.#renewal;
  }

  /** Keeps a stream open for what the backend sends unasked, as long as it offers one. */
  async #listen(): Promise<void> {
    if (this.#listening) return;
    this.#listening = true;
    const { signal } = this.#closed;
    const stream: ListeningStream = { waitMs: relistenMs.usual };
    while (!signal.aborted) {
      const offered = await this.#readStream(stream).catch(async (error) => {
        if (toUpstreamError(error).disconnected) await this.#liveness.probe();
        return true;
      });
      if (!offered) break;
      await delay(stream.waitMs, undefined, { signal, ref: false }).catch(() => {});
    }
    this.#listening = false;
  }

  /** Reads one stream to its end. @returns false when the backend offers none */
  async #readStream(stream: ListeningStream): Promise<boolean> {
    const session = this.#session;
    const { lastEventId } = stream;
    const headers = {
      accept: 'text/event-stream',
      ...this.#headers(),
      ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
    };
    const answer = await this.#client.send('GET', headers, { signal: this.#closed.signal });
    if (answer.statusCode !== 200) {
      stream.lastEventId = undefined;
      if (isSessionLost(session.id, answer.statusCode, await readText(answer))) await this.#renew(session);
      // A conflict: the backend has not noticed yet that the stream before this one broke.
      else if (answer.statusCode !== 409) return false;
      return true;
    }
    if (!headerOf(answer, 'content-type')?.toLowerCase().startsWith('text/event-stream')) {
      await answer.body.dump();
      return false;
    }
    for await (const { data, id, retry } of readEvents(answer.body)) {
      if (id !== undefined) stream.lastEventId = fitsHeader.test(id) ? id : undefined;
      if (retry !== undefined) stream.waitMs = Math.min(Math.max(retry, relistenMs.least), relistenMs.most);
      if (data !== '') this.#receive(data);
    }
    return true;
  }
}

/** Event ids that can be sent back. */
const fitsHeader = /^[\x20-\x7e]{0,1024}$/;

/** Where a listening stream goes on when it breaks. */
interface ListeningStream {
  /** Milliseconds until it is opened again. */
  waitMs: number;
  lastEventId?: string;
}

function isHandshake({ method }: JsonRpcMessage): boolean {
  return method === 'initialize' || method === 'notifications/initialized';
}

/** 404 by the specification; several servers answer 400 and say so in the text. */
function isSessionLost(sessionId: string | undefined, status: number, text: string): boolean {
  return sessionId !== undefined && (status === 404 || (status === 400 && /session/i.test(text)));
}
