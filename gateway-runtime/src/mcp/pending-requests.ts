import type { JsonRpcId } from '../contracts/json-rpc.js';
import type { PendingRequest } from './pending-request.js';

/**
 * Requests that wait for their answers, in the order of their ids. A Map does the same and costs every request several
 * microseconds: the tables that it outgrew keep what was in them alive until the next full garbage collection.
 */
export class PendingRequests {
  readonly #requests: PendingRequest[] = [];

  /** @param request With a greater id than any before. */
  add(request: PendingRequest): void {
    this.#requests.push(request);
  }

  get(id: JsonRpcId | null | undefined): PendingRequest | undefined {
    const found = this.#requests[this.#placeOf(id)];
    return found?.id === id ? found : undefined;
  }

  delete({ id }: PendingRequest): void {
    const place = this.#placeOf(id);
    if (this.#requests[place]?.id === id) this.#requests.splice(place, 1);
  }

  /** Those of now. */
  all(): PendingRequest[] {
    return [...this.#requests];
  }

  /** Where the first one is whose id is not less. */
  #placeOf(id: JsonRpcId | null | undefined): number {
    // Other ids than numbers are none of ours.
    if (typeof id !== 'number') return -1;
    let from = 0;
    let to = this.#requests.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.#requests[middle] as PendingRequest).id < id) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
