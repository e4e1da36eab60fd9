import { randomBytes } from 'node:crypto';
import type { Identity } from '../config/identity.js';
import type { JsonObject, JsonRpcId, JsonRpcMessage } from '../config/json-rpc.js';
import type { ClientSession } from '../config/session.js';
import type { EventStream } from './event-stream.js';

/** Notifications kept for a client that does not listen at the moment. */
const mostKept = 100;

/** Event streams of one session at most; the oldest ends for a new one. */
const mostStreams = 4;

/** A client with a session id. */
export class HttpSession implements ClientSession {
  /** 192 random bits: the id must not be guessed, though it alone gives no access. */
  readonly id = randomBytes(24).toString('base64url');
  readonly identity: Identity;
  readonly protocolVersion: string;
  readonly #inFlight = new Map<JsonRpcId, Set<AbortController>>();
  readonly #streams: EventStream[] = [];
  /** By method and resource: a list that changed twice changed. */
  readonly #kept = new Map<string, JsonRpcMessage>();
  readonly #onClose: (session: HttpSession) => void;

  constructor(identity: Identity, protocolVersion: string, onClose: (session: HttpSession) => void) {
    this.identity = identity;
    this.protocolVersion = protocolVersion;
    this.#onClose = onClose;
  }

  get owner(): string {
    return this.identity.key;
  }

  get idle(): boolean {
    return this.#streams.length === 0 && this.#inFlight.size === 0;
  }

  notify(method: string, params?: JsonObject): void {
    const message: JsonRpcMessage = { jsonrpc: '2.0', method, params };
    // A message goes to one stream only: the newest, since older ones may be dead without knowing.
    const stream = this.#streams.at(-1);
    if (stream) stream.send(message);
    else if (this.#kept.size < mostKept) this.#kept.set(`${method} ${params?.uri ?? ''}`, message);
  }

  /** Sends what is unrelated to any request to this stream, first what was kept. @returns what ends that */
  listen(stream: EventStream): () => void {
    this.#streams.push(stream);
    if (this.#streams.length > mostStreams) this.#streams.shift()?.end();
    for (const message of this.#kept.values()) stream.send(message);
    this.#kept.clear();
    return () => {
      const index = this.#streams.indexOf(stream);
      if (index !== -1) this.#streams.splice(index, 1);
    };
  }

  /** Remembers a request so that it can be cancelled. Ids are the client's and may come twice. */
  begin(id: JsonRpcId, controller: AbortController): void {
    const controllers = this.#inFlight.get(id) ?? new Set();
    this.#inFlight.set(id, controllers.add(controller));
  }

  end(id: JsonRpcId, controller: AbortController): void {
    const controllers = this.#inFlight.get(id);
    controllers?.delete(controller);
    if (controllers?.size === 0) this.#inFlight.delete(id);
  }

  cancel(id: JsonRpcId): void {
    for (const controller of this.#inFlight.get(id) ?? []) controller.abort();
  }

  close(): void {
    for (const id of this.#inFlight.keys()) this.cancel(id);
    this.endStreams();
    this.#onClose(this);
  }

  endStreams(): void {
    for (const stream of [...this.#streams]) stream.end();
  }
}
