import type { HttpBackend } from '../config/backend.js';
import type { OutboundAuth } from '../config/identity.js';
import type { JsonObject, JsonRpcMessage } from '../config/json-rpc.js';
import type { ServerDescription, Upstream, UpstreamEvents, UpstreamRequestOptions } from '../config/upstream.js';
import { UpstreamError } from '../errors.js';
import { Correlator } from './correlator.js';
import { readEvents, type ServerSentEvent } from './event-stream.js';
import { type Caller, initialize } from './handshake.js';
import { HttpClient, toUpstreamError } from './http-client.js';

/**
 * A backend that speaks the transport of 2024-11-05: one event stream for answers, another address for messages.
 * https://modelcontextprotocol.io/specification/2024-11-05/basic/transports#http-with-sse
 */
export class SseUpstream implements Upstream {
  readonly #client: HttpClient;
  readonly #caller: Caller;
  readonly #correlator: Correlator;
  readonly #events: UpstreamEvents;
  readonly #connectMs: number;
  /** Ends the event stream. */
  readonly #opened = new AbortController();
  #closed = false;
  #endpoint: URL | undefined;

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
  }

  async connect(): Promise<ServerDescription> {
    const timeout = setTimeout(() => this.#opened.abort(), this.#connectMs);
    try {
      const answer = await this.#client.send('GET', { accept: 'text/event-stream' }, { signal: this.#opened.signal });
      if (answer.statusCode !== 200) throw new UpstreamError(`answered HTTP ${answer.statusCode}`);
      const events = readEvents(answer.body);
      const first = await events.next();
      if (first.done || first.value.event !== 'endpoint') {
        throw new UpstreamError('opened a stream that does not begin with its endpoint');
      }
      this.#endpoint = this.#resolveEndpoint(first.value);
      void this.#read(events);
    } catch (error) {
      if (this.#opened.signal.aborted) throw new UpstreamError('no event stream within connect_timeout');
      throw toUpstreamError(error);
    } finally {
      clearTimeout(timeout);
    }
    return initialize(this.#correlator, this.#caller, this.#connectMs);
  }

  request(method: string, params: JsonObject | undefined, options?: UpstreamRequestOptions): Promise<unknown> {
    return this.#correlator.request(method, params, options);
  }

  notify(method: string, params?: JsonObject): void {
    void this.#correlator.notify(method, params).catch(() => {});
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#opened.abort();
    this.#correlator.rejectAll(new UpstreamError('connection closed'));
    await this.#client.close().catch(() => {});
  }

  /** The address is the backend's choice, but only on its own host: credentials go there. */
  #resolveEndpoint({ data }: ServerSentEvent): URL {
    const endpoint = URL.canParse(data, this.#client.url.href) ? new URL(data, this.#client.url) : undefined;
    if (endpoint?.origin !== this.#client.url.origin) {
      throw new UpstreamError('named a message endpoint on another host');
    }
    return endpoint;
  }

  async #post(
    message: JsonRpcMessage,
    signal?: AbortSignal,
    headers?: Readonly<Record<string, string>>,
  ): Promise<void> {
    const answer = await this.#client.send(
      'POST',
      { ...headers, 'content-type': 'application/json' },
      { body: JSON.stringify(message), signal, url: this.#endpoint },
    );
    await answer.body.dump();
    if (answer.statusCode >= 300) throw new UpstreamError(`answered HTTP ${answer.statusCode}`);
  }

  async #read(events: AsyncGenerator<ServerSentEvent>): Promise<void> {
    let reason = 'ended its event stream';
    try {
      for await (const { event, data } of events) {
        if (event === 'message') this.#correlator.receive(JSON.parse(data));
      }
    } catch (error) {
      reason = error instanceof SyntaxError ? 'sent something that is not JSON' : toUpstreamError(error).message;
    }
    if (this.#closed) return;
    this.#correlator.rejectAll(new UpstreamError(reason, true));
    this.#events.onDisconnected(reason);
  }
}
