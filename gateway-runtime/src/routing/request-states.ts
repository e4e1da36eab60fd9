import { createHash } from 'node:crypto';
import type { Identity } from '../contracts/identity.js';
import { isObject, type JsonObject } from '../contracts/json-rpc.js';
import { RpcError, rpcCodes } from '../errors.js';
import type { Sealer } from '../protocol/sealer.js';

/** Milliseconds for which a state is good: the time that a person has to answer. */
export const stateLifeMs = 10 * 60_000;

/** The request that a state belongs to: it is of no use with any other. */
export interface StateBinding {
  readonly identity: Identity;
  readonly method: string;
  readonly params: JsonObject;
}

/** What a state says. */
export type RequestState =
  /** The state that a modern backend wants back. */
  | { readonly backend: string; readonly state: string }
  /** A call that waits here for answers. */
  | { readonly parked: string };

/**
 * Seals what clients give back with their next request, so that nobody can read, change or lend it: bound to the caller, the
 * method and the parameters, and short-lived.
 * https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr#server-requirements-basic-workflow
 */
export class RequestStates {
  readonly #sealer: Sealer;
  readonly #now: () => number;

  constructor(sealer: Sealer, now: () => number = Date.now) {
    this.#sealer = sealer;
    this.#now = now;
  }

  seal(state: RequestState, binding: StateBinding): Promise<string> {
    return this.#sealer.seal(JSON.stringify({ ...state, until: this.#now() + stateLifeMs }), digestOf(binding));
  }

  /** @throws {RpcError} for anything but a state that was sealed for this request and has not lapsed */
  async open(sealed: unknown, binding: StateBinding): Promise<RequestState> {
    const text = typeof sealed === 'string' ? await this.#sealer.open(sealed, digestOf(binding)) : undefined;
    const { until, ...state } =
      text === undefined ? { until: 0 } : (JSON.parse(text) as RequestState & { until: number });
    if (until > this.#now()) return state as RequestState;
    throw new RpcError(
      rpcCodes.invalidParams,
      'requestState is not valid for this request, or too old; send the request again without it',
    );
  }
}

function digestOf({ identity, method, params }: StateBinding): Buffer {
  const { _meta, inputResponses, requestState, ...own } = params;
  return createHash('sha256')
    .update(JSON.stringify([identity.key, method, sorted(own)]))
    .digest();
}

/** A client may write the same members in another order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([key, member]) => [key, sorted(member)]));
}
