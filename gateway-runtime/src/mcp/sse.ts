import type { HttpBackend } from '../config/backend.js';
import type { Era } from '../config/versions.js';
import type { Identity, OutboundAuth } from '../contracts/identity.js';
import { UpstreamError } from '../errors.js';
import type { AnswerStream } from '../outgoing/answer-stream.js';
import type { ServerSentEvent } from '../outgoing/event-stream.js';
import { HttpStatusError } from '../outgoing/failures.js';
import { HttpClient, toUpstreamError } from '../outgoing/http-client.js';
import { parsedMessage } from './parsed-message.js';
import type { Send, Transport, TransportEvents } from './transport.js';

/**
 * The transport of 2024-11-05: one event stream for answers, another address for messages.
 * https://modelcontextprotocol.io/specification/2024-11-05/basic/transports#http-with-sse
 */
export class Sse implements Transport {
  readonly eras: readonly Era[] = ['legacy'];
  readonly hasHeaders = false;
  readonly hasStreams = true;
  readonly #client: HttpClient;
  readonly #events: TransportEvents;
  readonly #connectMs: number;
  /** Ends the event stream. */
  readonly #opened = new AbortController();
  #closed = false;
  #endpoint: URL | undefined;

  constructor(backend: HttpBackend, auth: OutboundAuth, events: TransportEvents, owner?: Identity) {
    this.#client = new HttpClient(backend, auth, owner);
    this.#events = events;
    this.#connectMs = backend.connect_timeout * 1000;
  }

  async open(): Promise<void> {
    const timeout = setTimeout(() => this.#opened.abort(), this.#connectMs);
    try {
      const answer = await this.#client.send('GET', { accept: 'text/event-stream' }, { signal: this.#opened.signal });
      if (answer.status !== 200) throw new HttpStatusError(answer.status);
      if (!answer.stream) throw withoutEndpoint();
      await this.#begin(answer.stream);
    } catch (error) {
      if (this.#opened.signal.aborted) throw new UpstreamError('no event stream within connect_timeout');
      throw toUpstreamError(error);
    } finally {
      clearTimeout(timeout);
    }
  }

  speak(): void {}

  readonly send: Send = async (message, signal, options) => {
    const answer = await this.#client.send(
      'POST',
      { ...options?.trace, 'content-type': 'application/json' },
      { body: JSON.stringify(message), signal, url: this.#endpoint, caller: options?.caller },
    );
    answer.stream?.end();
    if (answer.status >= 300) throw new HttpStatusError(answer.status);
  };

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#opened.abort();
    await this.#client.close().catch(() => {});
  }

  /** The address is the backend's choice, but only on its own host: credentials go there. */
  #resolveEndpoint(event: ServerSentEvent): URL {
    const data = event.data.toString();
    const endpoint = URL.canParse(data, this.#client.url.href) ? new URL(data, this.#client.url) : undefined;
    if (endpoint?.origin !== this.#client.url.origin) {
      throw new UpstreamError('named a message endpoint on another host');
    }
    return endpoint;
  }

  /** Reads the stream from now on. Resolves when it has said where messages go. */
  #begin(stream: AnswerStream): Promise<void> {
    return new Promise((resolve, reject) => {
      const onEvent = (event: ServerSentEvent) => {
        if (this.#endpoint) return this.#receive(event);
        if (event.event !== 'endpoint') throw withoutEndpoint();
        this.#endpoint = this.#resolveEndpoint(event);
        resolve();
      };
      const onEnd = (error?: unknown) => {
        if (!this.#endpoint) reject(error ?? withoutEndpoint());
        else if (!this.#closed) this.#events.onGone(reasonOf(error));
      };
      stream.read(onEvent).then(() => onEnd(), onEnd);
    });
  }

  #receive({ event, data }: ServerSentEvent): void {
    if (event === 'message') this.#events.onMessage(parsedMessage(data));
  }
}

function withoutEndpoint(): UpstreamError {
  return new UpstreamError('opened a stream that does not begin with its endpoint');
}

function reasonOf(error: unknown): string {
  if (error === undefined) return 'ended its event stream';
  return error instanceof SyntaxError ? 'sent something that is not JSON' : toUpstreamError(error).message;
}
