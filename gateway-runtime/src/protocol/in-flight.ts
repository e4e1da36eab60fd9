import { type Abortable, Cancellation } from '../contracts/abortable.js';
import type { JsonRpcId } from '../contracts/json-rpc.js';
import { RpcError, rpcCodes } from '../errors.js';
import { CallsInFlight } from './calls-in-flight.js';

/** Requests at most, subscriptions included: each may hold a call to a backend. */
const most = 1000;

interface Request {
  readonly cancellation: Cancellation;
  end(): void;
}

/** The requests of one client that wait for their answers. */
export class InFlight {
  readonly #requests = new Map<JsonRpcId, Request>();
  readonly #calls = new CallsInFlight();

  /** @returns what is aborted when nobody waits any more. @throws {RpcError} when the id is in use, or too many wait */
  begin(id: JsonRpcId): Abortable {
    if (this.#requests.has(id)) throw new RpcError(rpcCodes.invalidRequest, 'a request with this id is in flight');
    if (this.#requests.size >= most) throw new RpcError(rpcCodes.refused, `more than ${most} requests at once`);
    const cancellation = new Cancellation();
    this.#requests.set(id, { cancellation, end: this.#calls.begin(cancellation) });
    return cancellation;
  }

  end(id: JsonRpcId): void {
    this.#requests.get(id)?.end();
    this.#requests.delete(id);
  }

  cancel(id: JsonRpcId): void {
    this.#requests.get(id)?.cancellation.abort();
  }

  /** Waits for all of them, at most `graceMs`; the rest is aborted. */
  drain(graceMs: number): Promise<void> {
    return this.#calls.drain(graceMs);
  }
}
