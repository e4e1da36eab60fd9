import type { HttpBackend } from '../config/backend.js';
import type { OutboundAuth } from '../config/identity.js';
import { isObject, type JsonObject, type JsonRpcMessage } from '../config/json-rpc.js';
import type { ServerDescription, Upstream, UpstreamEvents, UpstreamRequestOptions } from '../config/upstream.js';
import { UpstreamError } from '../errors.js';
import { Correlator } from './correlator.js';
import { type Caller, initialize } from './handshake.js';
import { HttpClient, headerOf, toUpstreamError } from './http-client.js';
import { Liveness } from './liveness.js';
import { readText } from './message-size.js';

/**
 * A backend behind an endpoint that takes one request and gives one answer, such as a model deployment or a function:
 * Streamable HTTP without sessions and streams. Every message is a POST, every answer one JSON document.
 * https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#sending-messages-to-the-server
 */
export class JsonHttpUpstream implements Upstream {
  readonly #client: HttpClient;
  readonly #caller: Caller;
  readonly #correlator: Correlator;
  readonly #liveness: Liveness;
  readonly #connectMs: number;
  #version: string | undefined;
  #closed = false;

  constructor(backend: HttpBackend, caller: Caller, auth: OutboundAuth, events: UpstreamEvents) {
    this.#client = new HttpClient(backend, auth);
    this.#caller = caller;
    this.#connectMs = backend.connect_timeout * 1000;
    this.#correlator = new Correlator(
      (message, signal, headers) => this.#post(message, signal, headers),
      backend.request_timeout * 1000,
      events,
    );
    this.#liveness = new Liveness(this.#correlator, this.#connectMs, (reason) => {
      if (!this.#closed) events.onDisconnected(reason);
    });
  }

  connect(): Promise<ServerDescription> {
    return initialize(this.#correlator, this.#caller, this.#connectMs, (version) => {
      this.#version = version;
    });
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
    this.#correlator.rejectAll(new UpstreamError('connection closed'));
    await this.#client.close().catch(() => {});
  }

  async #post(message: JsonRpcMessage, signal?: AbortSignal, more?: Readonly<Record<string, string>>): Promise<void> {
    const headers = {
      ...more,
      'content-type': 'application/json',
      // Servers refuse a client that does not take both, whichever they answer with.
      accept: 'application/json, text/event-stream',
      ...(this.#version && { 'mcp-protocol-version': this.#version }),
    };
    const answer = await this.#client
      .send('POST', headers, { body: JSON.stringify(message), signal })
      .catch(this.#liveness.fail);
    if (headerOf(answer, 'content-type')?.toLowerCase().startsWith('text/event-stream')) {
      answer.body.on('error', () => {}).destroy();
      throw new UpstreamError('answered with an event stream; remove "json_only" from the backend');
    }
    const text = await readText(answer).catch((error) => this.#liveness.fail(toUpstreamError(error)));
    if (message.method === undefined || message.id === undefined) {
      if (answer.statusCode >= 300) throw refusal(answer.statusCode, text);
      return;
    }
    this.#receive(text, message, answer.statusCode);
  }

  #receive(text: string, { id, method }: JsonRpcMessage, status: number): void {
    const document = parse(text);
    // Some servers send JSON-RPC errors with a status of their own.
    if (status >= 300 && !(isObject(document) && document.jsonrpc === '2.0')) throw refusal(status, text);
    if (text.trim() === '') throw new UpstreamError(`sent an empty answer to ${method}`);
    if (document === undefined) throw new UpstreamError('sent something that is not JSON');
    this.#correlator.receive(document, id as number);
    if (this.#correlator.isPending(id as number)) {
      throw new UpstreamError(`sent JSON that is not an answer to ${method}`);
    }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** OCI names what was wrong in a code, which tells more than the status; its message might hold anything. */
function refusal(status: number, text: string): UpstreamError {
  const document = parse(text);
  const code = isObject(document) ? document.code : undefined;
  const named = typeof code === 'string' && /^[A-Za-z]{1,64}$/.test(code) ? ` (${code})` : '';
  return new UpstreamError(`answered HTTP ${status}${named}`);
}
