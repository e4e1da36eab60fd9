import { Cancellation, toAbortSignal } from '../contracts/abortable.js';
import type { ClientProfile } from '../contracts/client.js';
import type { Identity } from '../contracts/identity.js';
import type { JsonObject, JsonRpcId } from '../contracts/json-rpc.js';
import type { RequestContext } from '../contracts/session.js';
import type { TraceContext } from '../contracts/trace.js';
import type { AnswerRequest } from '../contracts/upstream.js';
import type { ClientRequest } from '../protocol/incoming.js';
import type { Exchange } from './exchange.js';
import type { Caller } from './gatekeeper.js';
import type { HttpSession, RequestInFlight } from './session.js';

/** What a request of the legacy era comes with. */
export interface LegacyRequestOptions {
  readonly message: ClientRequest;
  readonly caller: Caller;
  readonly client: ClientProfile;
  /** Absent for a handshake, and when the gateway keeps no sessions. */
  readonly session: HttpSession | undefined;
  readonly exchange: Exchange;
}

/** A request of a client of the legacy era while it is answered. */
export class LegacyRequest implements RequestContext, RequestInFlight {
  readonly message: ClientRequest;
  readonly identity: Identity;
  readonly client: ClientProfile;
  readonly session: HttpSession | undefined;
  readonly view: string | undefined;
  readonly exchange: Exchange;
  readonly signal = new Cancellation();
  /** Gives up what the client was asked for the request. */
  #questions: AbortController | undefined;

  constructor({ message, caller, client, session, exchange }: LegacyRequestOptions) {
    this.message = message;
    this.identity = caller.identity;
    this.client = client;
    this.session = session;
    this.view = caller.view;
    this.exchange = exchange;
  }

  get id(): JsonRpcId {
    return this.message.id;
  }

  get trace(): TraceContext | undefined {
    return this.exchange.trace;
  }

  get requestId(): string | undefined {
    return this.exchange.requestId;
  }

  get ask(): AnswerRequest | undefined {
    const { session } = this;
    return session && ((...question) => this.#ask(session, ...question));
  }

  notify(method: string, params: JsonObject): void {
    this.exchange.send({ jsonrpc: '2.0', method, params });
  }

  answeredBy(backend: string): void {
    this.exchange.answeredBy(backend);
  }

  /** It was answered. */
  end(): void {
    this.#questions?.abort();
  }

  #ask(session: HttpSession, ...[method, params, wanted]: Parameters<AnswerRequest>): Promise<unknown> {
    this.#questions ??= new AbortController();
    const asking = AbortSignal.any([toAbortSignal(this.signal), wanted, this.#questions.signal]);
    return session.askIn(this.exchange, method, params, asking);
  }
}
