import type { Cancellation } from '../contracts/abortable.js';
import type { ClientProfile } from '../contracts/client.js';
import type { Identity } from '../contracts/identity.js';
import type { JsonObject, JsonRpcId, JsonRpcMessage } from '../contracts/json-rpc.js';
import type { ClientSession, SessionChange, SessionChoices, SessionRecord } from '../contracts/session.js';
import { Asks } from '../protocol/asks.js';
import { cancelled } from '../protocol/incoming.js';
import { LinkedList } from '../protocol/linked-list.js';
import type { MessageStream } from './event-stream.js';
import type { Exchange } from './exchange.js';
import type { Caller } from './gatekeeper.js';
import type { ReplayBudget } from './replay-budget.js';
import { ResumableStreams } from './resumable-streams.js';

/** Notifications kept for a client that does not listen at the moment. */
const mostKept = 100;

/** The first version whose clients understand an event without a message. */
const primedSince = '2025-11-25';

/** Event streams of one session at most; the oldest ends for a new one. */
const mostStreams = 4;

/** Milliseconds that a question waits for the client to listen: it does so soon after its handshake, or never. */
const untilHeardMs = 5000;

const nothing: ReadonlySet<string> = new Set();

/** Whom a session tells what happens to it. */
export interface SessionEvents {
  onClose(session: HttpSession): void;
  /** The client chose something. */
  onChange(session: HttpSession, change: SessionChange): void;
  /** A notification is of no use here, and no other replica knows of it. */
  onUnheard(session: HttpSession, method: string, params?: JsonObject): void;
  /** Nothing here asked what the client answers. */
  onUnasked(session: HttpSession, response: JsonRpcMessage): void;
}

/** A request that the client waits for. */
export interface RequestInFlight {
  readonly id: JsonRpcId;
  /** Says that nobody waits any more. */
  readonly signal: Cancellation;
  readonly exchange: Exchange;
}

/** What a session begins with. */
export interface HttpSessionOptions {
  readonly id: string;
  readonly caller: Caller;
  readonly client: ClientProfile;
  readonly events: SessionEvents;
  /** What its streams may keep. */
  readonly replay: ReplayBudget;
  /** True for a session that another replica opened. @default false */
  readonly isAdopted?: boolean;
}

/** A client with a session id. */
export class HttpSession implements ClientSession {
  readonly id: string;
  /** True for a session that another replica opened. */
  readonly isAdopted: boolean;
  readonly identity: Identity;
  readonly client: ClientProfile;
  readonly view: string | undefined;
  /** Everything that the client can resume. */
  readonly streams: ResumableStreams;
  readonly #inFlight = new LinkedList<RequestInFlight>();
  /** Where the client listens, newest last. */
  readonly #listening: MessageStream[] = [];
  #asks: Asks | undefined;
  /** Lets questions go that wait for the client to listen. */
  #awaited: (() => void)[] | undefined;
  /** By method and resource: a list that changed twice changed. */
  #kept: Map<string, JsonRpcMessage> | undefined;
  readonly #events: SessionEvents;
  #subscriptions: Set<string> | undefined;
  #logLevel: string | undefined;

  constructor({ id, caller, client, events, replay, isAdopted = false }: HttpSessionOptions) {
    this.id = id;
    this.identity = caller.identity;
    this.view = caller.view;
    this.client = client;
    this.isAdopted = isAdopted;
    this.streams = new ResumableStreams(replay, client.version >= primedSince);
    this.#events = events;
  }

  /** Most clients are never asked anything. */
  get #asking(): Asks {
    this.#asks ??= new Asks();
    return this.#asks;
  }

  get owner(): string {
    return this.identity.key;
  }

  get idle(): boolean {
    return this.#listening.length === 0 && this.#inFlight.isEmpty;
  }

  get record(): SessionRecord {
    const { owner, client, view } = this;
    return { owner, client, view, logLevel: this.#logLevel, subscriptions: this.#subscriptions ?? nothing };
  }

  async ask(method: string, params: JsonObject, signal: AbortSignal): Promise<unknown> {
    if (this.idle) await this.#untilHeard(signal);
    return this.#asking.ask(method, params, signal, (message) => this.#sendAnywhere(message));
  }

  /** Asks on the stream of a request or, when that is over, where the client listens. */
  askIn(exchange: Exchange, method: string, params: JsonObject, signal: AbortSignal): Promise<unknown> {
    return this.#asking.ask(method, params, signal, (message) => exchange.send(message) || this.#sendAnywhere(message));
  }

  #untilHeard(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const go = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', go);
        this.#awaited = this.#awaited?.filter((other) => other !== go);
        resolve();
      };
      const timer = setTimeout(go, untilHeardMs).unref();
      signal.addEventListener('abort', go);
      this.#awaited = [...(this.#awaited ?? []), go];
    });
  }

  /** Takes in an answer of the client, wherever the question was asked. */
  settle(response: JsonRpcMessage): void {
    if (!this.settleHere(response)) this.#events.onUnasked(this, response);
  }

  /** Takes in an answer to what was asked here. @returns whether it was. */
  settleHere(response: JsonRpcMessage): boolean {
    return this.#asks?.settle(response) ?? false;
  }

  remember(change: SessionChange): void {
    if ('logLevel' in change) this.#logLevel = change.logLevel;
    else if ('subscribed' in change) {
      this.#subscriptions ??= new Set();
      this.#subscriptions.add(change.subscribed);
    } else this.#subscriptions?.delete(change.unsubscribed);
    this.#events.onChange(this, change);
  }

  /** Takes over what the client chose elsewhere. @returns whether that is new here. */
  assume({ logLevel, subscriptions }: SessionChoices): boolean {
    const own = this.#subscriptions ?? nothing;
    const isKnown =
      logLevel === this.#logLevel && own.size === subscriptions.size && [...own].every((uri) => subscriptions.has(uri));
    if (isKnown) return false;
    this.#logLevel = logLevel;
    this.#subscriptions = new Set(subscriptions);
    return true;
  }

  notify(method: string, params?: JsonObject, onlyHere = false): void {
    if (this.deliver(method, params)) return;
    const message: JsonRpcMessage = { jsonrpc: '2.0', method, params };
    this.#kept ??= new Map();
    if (this.#kept.size < mostKept) this.#kept.set(`${method} ${params?.uri ?? ''}`, message);
    if (onlyHere) this.#events.onUnheard(this, method, params);
  }

  /** Sends a notification if the client listens here. @returns whether it does. */
  deliver(method: string, params?: JsonObject): boolean {
    // A message goes to one stream only: the newest, since older ones may be dead without knowing.
    const stream = this.#listening.at(-1);
    stream?.send({ jsonrpc: '2.0', method, params });
    return stream !== undefined;
  }

  /** Sends what is unrelated to any request to this stream, first what was kept. */
  listen(stream: MessageStream): void {
    this.leave(stream);
    this.#listening.push(stream);
    if (this.#listening.length > mostStreams) this.#listening.shift()?.end();
    for (const message of this.#kept?.values() ?? []) stream.send(message);
    this.#kept = undefined;
    for (const go of this.#awaited ?? []) go();
  }

  /** Nobody listens at this stream any more. */
  leave(stream: MessageStream): void {
    const index = this.#listening.indexOf(stream);
    if (index !== -1) this.#listening.splice(index, 1);
  }

  /** Remembers a request so that it can be cancelled. Ids are the client's and may come twice. */
  begin(request: RequestInFlight): { remove(): void } {
    return this.#inFlight.add(request);
  }

  /** Cancels a request, wherever it is in flight. */
  cancel(id: JsonRpcId): void {
    if (!this.cancelHere(id)) this.#events.onUnheard(this, cancelled, { requestId: id });
  }

  /** Cancels a request that is in flight here. @returns whether it is. */
  cancelHere(id: JsonRpcId): boolean {
    const named = this.#inFlight.items().filter((request) => request.id === id);
    for (const { signal } of named) signal.abort();
    return named.length > 0;
  }

  close(): void {
    for (const go of this.#awaited ?? []) go();
    this.#asks?.close();
    for (const { signal } of this.#inFlight.items()) signal.abort();
    this.endStreams();
    this.streams.close();
    this.#events.onClose(this);
  }

  endStreams(): void {
    for (const stream of this.#listening.splice(0)) stream.end();
  }

  #sendAnywhere(message: JsonRpcMessage): boolean {
    const stream = this.#listening.at(-1);
    stream?.send(message);
    return stream !== undefined || this.#inFlight.items().some(({ exchange }) => exchange.send(message));
  }
}
