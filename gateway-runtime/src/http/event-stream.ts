import type { ServerResponse } from 'node:http';
import type { JsonRpcMessage } from '../contracts/json-rpc.js';
import { toJson } from '../protocol/json.js';

/** Bytes that may wait for a client that does not read; then it is disconnected. */
const mostWaiting = 4 * 1024 * 1024;

/** Where messages to a client go out. */
export interface MessageStream {
  send(message: JsonRpcMessage): void;
  end(): void;
}

/** Writes messages to a client as server-sent events. */
export class EventStream implements MessageStream {
  readonly #response: ServerResponse;
  readonly #keepAlive: NodeJS.Timeout;
  #isOverrun = false;

  /** @param keepAliveMs Milliseconds between comments that keep proxies from closing a quiet stream. */
  constructor(response: ServerResponse, keepAliveMs: number) {
    this.#response = response;
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    response.flushHeaders();
    this.#keepAlive = setInterval(() => response.write(': keep-alive\n\n'), keepAliveMs).unref();
    response.once('close', () => clearInterval(this.#keepAlive));
  }

  /** Whether the client was disconnected because it did not read. */
  get isOverrun(): boolean {
    return this.#isOverrun;
  }

  send(message: JsonRpcMessage): void {
    this.write(toJson(message));
  }

  /**
   * Sends a message that is JSON already.
   * @param id Names the event to a client that wants to go on after it. @default - the event has none
   * @returns whether it is on its way
   */
  write(json: string, id?: string): boolean {
    return this.#write(`event: message\n${id === undefined ? '' : `id: ${id}\n`}data: ${json}\n\n`);
  }

  /** Names the place before the first event, and says how long to wait before a lost stream is resumed. */
  prime(id: string, retryMs: number): void {
    this.#write(`id: ${id}\nretry: ${retryMs}\ndata: \n\n`);
  }

  /** Says where a client of the HTTP+SSE transport sends its messages to. */
  sendEndpoint(uri: string): void {
    this.#write(`event: endpoint\ndata: ${uri}\n\n`);
  }

  end(): void {
    clearInterval(this.#keepAlive);
    this.#response.end();
  }

  #write(text: string): boolean {
    if (this.#response.writableLength > mostWaiting) {
      this.#isOverrun = true;
      this.#response.destroy();
    }
    // `writable` stays true after the end.
    if (this.#response.writableEnded || this.#response.destroyed) return false;
    this.#response.write(text);
    return true;
  }
}
