import type { ClientProfile } from '../contracts/client.js';
import { andThen, type Eventual } from '../contracts/eventual.js';
import type { Identity } from '../contracts/identity.js';
import type { JsonObject, JsonRpcId, JsonRpcMessage } from '../contracts/json-rpc.js';
import type {
  Dispatcher,
  HeldSession,
  SessionChoices,
  SessionHolder,
  SessionRecord,
  SessionStore,
  SharedSessions,
} from '../contracts/session.js';
import { UnavailableError } from '../errors.js';
import { cancelled } from '../protocol/incoming.js';
import { newSessionId } from '../protocol/session-id.js';
import type { Caller } from './gatekeeper.js';
import { Refusal } from './refusal.js';
import { ReplayBudget } from './replay-budget.js';
import { HttpSession, type HttpSessionOptions } from './session.js';

/** What sessions of clients need from the rest of the gateway. */
export interface ClientSessionsDependencies {
  readonly store: SessionStore<HttpSession>;
  /** Absent when this is the only replica. */
  readonly shared?: SharedSessions;
  readonly dispatcher: Pick<Dispatcher, 'sessionOpened' | 'sessionClosed' | 'sessionRestored'>;
}

/** The sessions of this replica, and those of the others as soon as their clients come here. */
export class ClientSessions implements SessionHolder {
  readonly #dependencies: ClientSessionsDependencies;
  readonly #common: Pick<HttpSessionOptions, 'events' | 'replay'>;
  /** Looked for at the moment: a client's parallel requests are one question. */
  readonly #looking = new Map<string, Promise<SessionRecord | undefined>>();

  constructor(dependencies: ClientSessionsDependencies) {
    const { shared, dispatcher } = dependencies;
    this.#dependencies = dependencies;
    this.#common = {
      events: {
        onClose: (session) => dispatcher.sessionClosed(session),
        onChange: ({ id }, change) => shared?.change(id, change),
        onUnheard: ({ id }, method, params) => shared?.notify(id, method, params),
        onUnasked: ({ id }, response) => shared?.answer(id, response),
      },
      replay: new ReplayBudget(),
    };
  }

  /** Begins a session. Resolves when every replica can know of it. */
  async open(caller: Caller, client: ClientProfile): Promise<HttpSession> {
    const { shared } = this.#dependencies;
    const { identity, view } = caller;
    const id = await shared?.nameOf({ owner: identity.key, client, view, subscriptions: new Set() });
    const session = this.#begin(new HttpSession({ id: id ?? newSessionId(), caller, client, ...this.#common }));
    await shared?.open(session.id, session.record);
    return session;
  }

  /**
   * The session with this id, if it is this caller's and of the same view; at once where it is known here.
   * @throws {Refusal} 503 when another replica may know it but cannot be asked
   */
  find(id: string, caller: Caller): Eventual<HttpSession | undefined> {
    return andThen(this.#dependencies.store.get(id) ?? this.#adopt(id, caller), (session) =>
      session?.owner === caller.identity.key && session.view === caller.view ? session : undefined,
    );
  }

  /** Ends a session everywhere. @throws {Refusal} 503 when the other replicas cannot be told */
  async end({ id }: HttpSession): Promise<void> {
    await this.#dependencies.shared?.end(id).catch(refuse);
    this.#dependencies.store.delete(id);
  }

  /** A session had to make room here. */
  evicted({ id, isAdopted }: HttpSession): void {
    if (!isAdopted) this.#dependencies.shared?.evicted(id);
  }

  /** Ends what only waits for news. */
  endStreams(): void {
    for (const session of this.#dependencies.store.values()) session.endStreams();
  }

  /** Ends the sessions of callers who are not accepted any more. */
  keepOnly(isAccepted: (identity: Identity) => boolean): void {
    for (const { id, identity } of [...this.#dependencies.store.values()]) {
      if (!isAccepted(identity)) this.#dependencies.store.delete(id);
    }
  }

  *held(since: number): Generator<HeldSession> {
    for (const { session, usedAt } of this.#dependencies.store.entries()) {
      yield { id: session.id, record: session.record, inUse: usedAt > since || !session.idle };
    }
  }

  ended(id: string): void {
    this.#dependencies.store.delete(id);
  }

  changed(id: string, choices: SessionChoices): void {
    const session = this.#dependencies.store.peek(id);
    if (!session?.assume(choices)) return;
    this.#dependencies.dispatcher.sessionRestored(session, choices);
  }

  notified(id: string, method: string, params?: JsonObject): void {
    const session = this.#dependencies.store.peek(id);
    if (method === cancelled) session?.cancelHere(params?.requestId as JsonRpcId);
    else session?.deliver(method, params);
  }

  answered(id: string, response: JsonRpcMessage): void {
    this.#dependencies.store.peek(id)?.settleHere(response);
  }

  async #adopt(id: string, { identity }: Caller): Promise<HttpSession | undefined> {
    const { store, shared } = this.#dependencies;
    if (!shared) return undefined;
    const key = `${id} ${identity.key}`;
    const looking = this.#looking.get(key) ?? shared.find(id, identity.key).finally(() => this.#looking.delete(key));
    this.#looking.set(key, looking);
    const record = await looking.catch(refuse);
    if (!record) return undefined;
    const existing = store.get(id);
    if (existing) return existing;
    const session = this.#begin(
      new HttpSession({
        id,
        caller: { identity, view: record.view },
        client: record.client,
        isAdopted: true,
        ...this.#common,
      }),
    );
    this.changed(id, record);
    return session;
  }

  #begin(session: HttpSession): HttpSession {
    this.#dependencies.store.add(session);
    this.#dependencies.dispatcher.sessionOpened(session);
    return session;
  }
}

function refuse(error: unknown): never {
  if (!(error instanceof UnavailableError)) throw error;
  throw new Refusal(503, error.message, { 'retry-after': '5' });
}
