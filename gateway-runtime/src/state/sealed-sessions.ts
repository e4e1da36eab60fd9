import type { ClientProfile } from '../contracts/client.js';
import type { Logger } from '../contracts/host.js';
import type { JsonObject, JsonRpcMessage } from '../contracts/json-rpc.js';
import type { SessionHolder, SessionRecord, SharedSessions } from '../contracts/session.js';
import type { Relay } from '../contracts/worker.js';
import { UnavailableError } from '../errors.js';
import type { Sealer } from '../protocol/sealer.js';
import { newSessionId } from '../protocol/session-id.js';
import { digest } from './digest.js';
import { deliver, type SessionMessage } from './session-messages.js';

/** Milliseconds for which an id is good. */
const lifeMs = 24 * 60 * 60_000;

/**
 * Characters of an id at most: clients send it as a header with every request, and a server takes 16 KB of headers in all. A
 * client with more capabilities than fit gets an id that only one replica knows.
 */
const mostCharacters = 2048;

/** Ended sessions that are remembered; the one that ended first is forgotten. */
const mostEnded = 10_000;

/** What an id says. */
interface Sealed {
  readonly version: string;
  readonly capabilities?: ClientProfile['capabilities'];
  readonly view?: string;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/** What sealed sessions need. */
export interface SealedSessionsOptions {
  /** With the key that all replicas have. */
  readonly sealer: Sealer;
  readonly logger: Logger;
  /** Reaches the others, where there is a way. @default - what is said to one replica and meant for another is lost */
  readonly relay?: Relay;
  /** The time in milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
}

/**
 * Sessions whose ids say everything that a replica has to know of them, sealed and bound to their callers: any replica carries
 * any session on without asking anybody, and none needs to keep one that is idle. What clients choose later goes no further.
 */
export class SealedSessions implements SharedSessions {
  readonly #sealer: Sealer;
  readonly #logger: Logger;
  readonly #now: () => number;
  readonly #relay: Relay | undefined;
  /** Ids of sessions that ended here. */
  readonly #ended = new Set<string>();

  constructor({ sealer, logger, relay, now = Date.now }: SealedSessionsOptions) {
    this.#sealer = sealer;
    this.#logger = logger;
    this.#now = now;
    this.#relay = relay;
  }

  async nameOf({ owner, client, view }: SessionRecord): Promise<string> {
    const { version, capabilities } = client;
    const sealed: Sealed = {
      version,
      ...(Object.keys(capabilities).length > 0 && { capabilities }),
      view,
      until: this.#now() + lifeMs,
    };
    const id = await this.#sealer.seal(JSON.stringify(sealed), bindingOf(owner)).catch(this.#withoutKey);
    return id === undefined || id.length > mostCharacters ? newSessionId() : id;
  }

  async find(id: string, owner: string): Promise<SessionRecord | undefined> {
    if (id.length > mostCharacters || this.#ended.has(id)) return undefined;
    const text = await this.#sealer.open(id, bindingOf(owner)).catch((error) => {
      this.#withoutKey(error);
      throw new UnavailableError('sessions of other replicas cannot be read at the moment');
    });
    if (text === undefined) return undefined;
    const { version, capabilities = {}, view, until } = JSON.parse(text) as Sealed;
    if (until <= this.#now()) return undefined;
    return { owner, client: { era: 'legacy', version, capabilities }, view, subscriptions: new Set() };
  }

  async end(id: string): Promise<void> {
    this.#forget(id);
    this.#tell({ type: 'ended', id });
  }

  start(holder: SessionHolder): void {
    this.#relay?.listen((text) => {
      const message = JSON.parse(text) as SessionMessage;
      if (message.type === 'ended') this.#forget(message.id);
      deliver(message, holder);
    });
  }

  notify(id: string, method: string, params?: JsonObject): void {
    this.#tell({ type: 'notified', id, method, params });
  }

  answer(id: string, response: JsonRpcMessage): void {
    this.#tell({ type: 'answered', id, response });
  }

  async open(): Promise<void> {}

  change(): void {}

  evicted(): void {}

  close(): void {}

  #forget(id: string): void {
    this.#ended.add(id);
    if (this.#ended.size <= mostEnded) return;
    const [first] = this.#ended;
    this.#ended.delete(first as string);
  }

  #tell(message: SessionMessage): void {
    this.#relay?.send(JSON.stringify(message));
  }

  /** Sessions go on where they began: that much works without a key. */
  readonly #withoutKey = (error: Error): undefined => {
    this.#logger.warn({ reason: error.message }, 'the sealing key cannot be read; sessions stay with this replica');
  };
}

function bindingOf(owner: string): string {
  return `session of ${digest(owner)}`;
}
