import { randomBytes } from 'node:crypto';
import { isObject, type JsonObject, type JsonRpcId, type JsonRpcMessage } from '../contracts/json-rpc.js';
import { RpcError, rpcCodes } from '../errors.js';
import { cancelled } from './incoming.js';

/** Questions that may wait for the answer of one client: each is something a user or a model has to look at. */
const mostWaiting = 100;

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** What the gateway asked one client of the legacy era and waits for. */
export class Asks {
  readonly #waiting = new Map<JsonRpcId, Waiting>();
  /** No other client's questions have these ids, and no other replica's: an answer can be told apart wherever it arrives. */
  readonly #prefix = randomBytes(9).toString('base64url');
  #count = 0;

  /**
   * Asks, and tells the client when the answer is no longer wanted.
   * @param send Sends a message to the client. @returns whether it can reach it.
   * @returns the result as the client gave it. @throws {RpcError} as the client answered, or when it cannot
   */
  ask(
    method: string,
    params: JsonObject,
    signal: AbortSignal,
    send: (message: JsonRpcMessage) => boolean,
  ): Promise<unknown> {
    if (signal.aborted) return Promise.reject(unanswered('the question is no longer wanted'));
    if (this.#waiting.size >= mostWaiting) return Promise.reject(unanswered('the client has too much to answer'));
    this.#count += 1;
    const id = `${this.#prefix}.${this.#count}`;
    const answer = new Promise<unknown>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    const withdraw = () => {
      if (!this.#waiting.has(id)) return;
      send({ jsonrpc: '2.0', method: cancelled, params: { requestId: id } });
      this.#reject(id, 'the question is no longer wanted');
    };
    signal.addEventListener('abort', withdraw, { once: true });
    if (!send({ jsonrpc: '2.0', id, method, params })) this.#reject(id, 'the client does not listen');
    return answer.finally(() => signal.removeEventListener('abort', withdraw));
  }

  /** Takes in an answer. @returns whether anything waited for it: an answer to nothing is of no interest. */
  settle({ id, result, error }: JsonRpcMessage): boolean {
    const waiting = this.#waiting.get(id as JsonRpcId);
    if (!waiting) return false;
    this.#waiting.delete(id as JsonRpcId);
    if (error === undefined) waiting.resolve(result);
    else waiting.reject(toRpcError(error));
    return true;
  }

  /** The client is gone. */
  close(): void {
    for (const id of [...this.#waiting.keys()]) this.#reject(id, 'the client is gone');
  }

  #reject(id: JsonRpcId, reason: string): void {
    this.#waiting.get(id)?.reject(unanswered(reason));
    this.#waiting.delete(id);
  }
}

function unanswered(reason: string): RpcError {
  return new RpcError(rpcCodes.refused, reason);
}

function toRpcError(error: unknown): RpcError {
  const { code, message, data } = isObject(error) ? error : ({} as JsonObject);
  if (!Number.isInteger(code)) return new RpcError(rpcCodes.internalError, 'the client answered with an unknown error');
  return new RpcError(code as number, typeof message === 'string' ? message : '', data);
}
