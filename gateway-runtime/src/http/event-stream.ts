import type { ServerResponse } from 'node:http';
import type { JsonRpcMessage } from '../config/json-rpc.js';
import { toJson } from '../protocol/json.js';

/** Bytes that may wait for a client that does not read; then it is disconnected. */
const mostWaiting = 4 * 1024 * 1024;

/** Writes messages to a client as server-sent events. */
export class EventStream {
  readonly #response: ServerResponse;
  readonly #keepAlive: NodeJS.Timeout;

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

  send(message: JsonRpcMessage): void {
    if (this.#response.writableLength > mostWaiting) this.#response.destroy();
    // `writable` stays true after the end.
    if (this.#response.writableEnded || this.#response.destroyed) return;
    this.#response.write(`event: message\ndata: ${toJson(message)}\n\n`);
  }

  end(): void {
    clearInterval(this.#keepAlive);
    this.#response.end();
  }
}
