import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Abortable } from '../contracts/abortable.js';
import { isObject, type JsonObject } from '../contracts/json-rpc.js';
import type { AnswerRequest } from '../contracts/upstream.js';
import { RpcError, rpcCodes, UpstreamError } from '../errors.js';
import type { InputRequest } from '../protocol/input-required.js';
import { stateLifeMs } from './request-states.js';

/** Calls that may wait for answers at once: each holds a request of a backend open. */
const most = { inAll: 1000, ofOneCaller: 50 };

/** Milliseconds that are waited for further questions which belong together with the first. */
const gatherMs = 10;

/** One request of the client that a parked call belongs to. */
export interface Round {
  /** Key of the caller. */
  readonly owner: string;
  readonly signal: Abortable;
  notify(method: string, params: JsonObject): void;
}

/** Sends the call to the backend. */
export type RunCall = (call: {
  readonly signal: AbortSignal;
  readonly ask: AnswerRequest;
  notify(method: string, params: JsonObject): void;
}) => Promise<unknown>;

/** How far a call came in one round. */
export type Progress =
  | { readonly result: unknown }
  /** What the backend wants to know, and how the call is found again. */
  | { readonly parked: string; readonly questions: { readonly [name: string]: InputRequest } };

interface Question extends InputRequest {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

/** Calls to legacy backends which wait until a modern client comes back with what the backend asked for meanwhile. */
export class ParkedCalls {
  readonly #calls = new Map<string, ParkedCall>();

  /** @throws {RpcError | UpstreamError} as the call fails */
  async begin(run: RunCall, round: Round): Promise<Progress> {
    const call = new ParkedCall(run, round);
    return this.#park(call, await call.next(round));
  }

  /**
   * Goes on with a call.
   * @param responses The client's answers by the names of the questions; what is missing is asked again.
   * @throws {RpcError | UpstreamError} as the call fails, or when it does not wait here any more
   */
  async resume(id: string, responses: unknown, round: Round): Promise<Progress> {
    const call = this.#calls.get(id);
    if (!call || call.owner !== round.owner) {
      throw new RpcError(
        rpcCodes.invalidParams,
        'the call does not wait any more; send the request again without requestState',
      );
    }
    if (responses !== undefined && !isObject(responses)) {
      throw new RpcError(rpcCodes.invalidParams, 'inputResponses must be an object');
    }
    this.#calls.delete(id);
    call.answer(responses ?? {});
    return this.#park(call, await call.next(round));
  }

  /** Gives every waiting call up. */
  close(): void {
    for (const call of this.#calls.values()) call.abort();
    this.#calls.clear();
  }

  #park(call: ParkedCall, outcome: { result: unknown } | undefined): Progress {
    if (outcome) return outcome;
    const ofOneCaller = [...this.#calls.values()].filter(({ owner }) => owner === call.owner).length;
    if (this.#calls.size >= most.inAll || ofOneCaller >= most.ofOneCaller) {
      call.abort();
      throw new UpstreamError('too many calls wait for answers of their clients');
    }
    const id = randomBytes(18).toString('base64url');
    this.#calls.set(id, call);
    call.giveUpAfter(stateLifeMs, () => this.#calls.delete(id));
    return { parked: id, questions: call.questions };
  }
}

class ParkedCall {
  readonly owner: string;
  readonly #questions = new Map<string, Question>();
  readonly #controller = new AbortController();
  readonly #outcome: Promise<{ result: unknown }>;
  #round: Round | undefined;
  #onAsked: () => void = () => {};
  #asked = 0;
  #isSettled = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(run: RunCall, round: Round) {
    this.owner = round.owner;
    this.#round = round;
    this.#outcome = run({
      signal: this.#controller.signal,
      ask: (method, params, signal) => this.#ask(method, params, signal),
      notify: (method, params) => this.#round?.notify(method, params),
    }).then((result) => ({ result }));
    const settle = () => {
      this.#isSettled = true;
    };
    // A call may end while nobody waits for it.
    this.#outcome.then(settle, settle);
  }

  get questions(): { [name: string]: InputRequest } {
    return Object.fromEntries([...this.#questions].map(([name, { method, params }]) => [name, { method, params }]));
  }

  /** Waits for the result, or until something is asked. @returns `undefined` in that case */
  async next(round: Round): Promise<{ result: unknown } | undefined> {
    clearTimeout(this.#timer);
    this.#round = round;
    const abort = () => this.abort();
    round.signal.addEventListener('abort', abort);
    if (round.signal.aborted) abort();
    try {
      if (this.#questions.size > 0 && !this.#isSettled) return undefined;
      const asked = new Promise<undefined>((resolve) => {
        this.#onAsked = () => resolve(undefined);
      });
      const outcome = await Promise.race([this.#outcome, asked]);
      if (outcome) return outcome;
      await delay(gatherMs);
      // A backend may have taken its question back.
      return this.#questions.size > 0 ? undefined : await this.next(round);
    } finally {
      round.signal.removeEventListener('abort', abort);
      this.#round = undefined;
    }
  }

  answer(responses: JsonObject): void {
    for (const [name, { resolve }] of this.#questions) {
      if (!isObject(responses[name])) continue;
      this.#questions.delete(name);
      resolve(responses[name]);
    }
  }

  giveUpAfter(ms: number, onGivenUp: () => void): void {
    this.#timer = setTimeout(() => {
      onGivenUp();
      this.abort();
    }, ms).unref();
  }

  abort(): void {
    clearTimeout(this.#timer);
    this.#controller.abort();
    for (const { reject } of this.#questions.values()) reject(new RpcError(rpcCodes.internalError, 'nobody answered'));
    this.#questions.clear();
  }

  #ask(method: string, params: JsonObject, signal: AbortSignal): Promise<unknown> {
    const name = `input-${++this.#asked}`;
    return new Promise((resolve, reject) => {
      this.#questions.set(name, { method, params, resolve, reject });
      signal.addEventListener('abort', () => {
        this.#questions.delete(name);
        reject(new RpcError(rpcCodes.internalError, 'cancelled'));
      });
      this.#onAsked();
    });
  }
}
