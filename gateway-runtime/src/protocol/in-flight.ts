import type { JsonRpcId } from '../contracts/json-rpc.js';
import { RpcError, rpcCodes } from '../errors.js';
import { CallsInFlight } from './calls-in-flight.js';

/** Requests at most, subscriptions included: each may hold a call to a backend. */
const most = 1000;

/** The requests of one client that wait for their answers. */
export class InFlight {
  readonly #controllers = new Map<JsonRpcId, AbortController>();
  readonly #calls = new CallsInFlight();

  /** @returns what is aborted when nobody waits any more. @throws {RpcError} when the id is in use, or too many wait */
  begin(id: JsonRpcId): AbortSignal {
    if (this.#controllers.has(id)) throw new RpcError(rpcCodes.invalidRequest, 'a request with this id is in flight');
    if (this.#controllers.size >= most) throw new RpcError(rpcCodes.refused, `more than ${most} requests at once`);
    const controller = new AbortController();
    this.#controllers.set(id, controller);
    this.#calls.begin(controller);
    return controller.signal;
  }

  end(id: JsonRpcId): void {
    const controller = this.#controllers.get(id);
    this.#controllers.delete(id);
    if (controller) this.#calls.end(controller);
  }

  cancel(id: JsonRpcId): void {
    this.#controllers.get(id)?.abort();
  }

  /** Waits for all of them, at most `graceMs`; the rest is aborted. */
  drain(graceMs: number): Promise<void> {
    return this.#calls.drain(graceMs);
  }
}
