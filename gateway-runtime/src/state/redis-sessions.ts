import type { JsonObject, JsonRpcMessage } from '../contracts/json-rpc.js';
import type { HeldSession, SessionChange, SessionHolder, SessionRecord, SharedSessions } from '../contracts/session.js';
import { isSessionId, newSessionId } from '../protocol/session-id.js';
import { digest } from './digest.js';
import type { RedisConnection } from './redis-connection.js';
import { deliver, type SessionMessage } from './session-messages.js';

/** What the sessions of a gateway are shared with. */
export interface RedisSessionsOptions {
  /** Started and closed by whoever made it. */
  readonly connection: RedisConnection;
  /** The name that replicas of this gateway have, and no other gateway on the same server. */
  readonly gateway: string;
  /** Milliseconds a session may stay unused. @default 30 minutes */
  readonly idleMs?: number;
}

/** What replicas tell each other. */
type Message = SessionMessage | { readonly type: 'changed'; readonly id: string };

/** Sessions whose records are looked up together. */
const batchSize = 100;

/** Fields of a record; what the client subscribed to are fields of their own, so that replicas change one at a time. */
const field = {
  owner: 'owner',
  version: 'version',
  capabilities: 'capabilities',
  view: 'view',
  level: 'level',
  ended: 'ended',
  resource: 'resource ',
} as const;

/** Sessions that replicas share on a Redis or Valkey server: one hash each, which expires when nobody uses the session. */
export class RedisSessions implements SharedSessions {
  readonly #prefix: string;
  readonly #channel: string;
  readonly #idleMs: number;
  readonly #connection: RedisConnection;
  /** Sessions with something the server does not know yet. */
  readonly #unsaved = new Set<string>();
  #refresher: NodeJS.Timeout | undefined;
  #refreshedAt = 0;
  #holder: SessionHolder | undefined;

  constructor({ connection, gateway, idleMs = 30 * 60_000 }: RedisSessionsOptions) {
    this.#prefix = `mcp:${gateway}:session:`;
    this.#channel = `mcp:${gateway}:sessions`;
    this.#idleMs = idleMs;
    this.#connection = connection;
    connection.listen({
      channel: this.#channel,
      onMessage: (message) => void this.#receive(message).catch(() => {}),
      onConnected: () => void this.#refresh().catch(() => {}),
    });
  }

  start(holder: SessionHolder): void {
    this.#holder = holder;
    this.#refresher = setInterval(() => void this.#refresh().catch(() => {}), this.#refreshMs).unref();
  }

  close(): void {
    clearInterval(this.#refresher);
  }

  async find(id: string, owner: string): Promise<SessionRecord | undefined> {
    if (!isSessionId(id)) return undefined;
    const fields = await this.#read(id);
    const isOwn = fields?.[field.owner] === digest(owner) && !fields[field.ended];
    return isOwn ? { owner, ...fromFields(fields) } : undefined;
  }

  async nameOf(): Promise<string> {
    return newSessionId();
  }

  open(id: string, record: SessionRecord): Promise<void> {
    return this.#save(id, record).catch(() => {});
  }

  change(id: string, change: SessionChange): void {
    const key = this.#key(id);
    const changed = this.#connection.run((client) => {
      const commands = client.multi();
      if ('logLevel' in change) commands.hSet(key, field.level, change.logLevel);
      else if ('subscribed' in change) commands.hSet(key, field.resource + change.subscribed, '1');
      else commands.hDel(key, field.resource + change.unsubscribed);
      return commands
        .pExpire(key, this.#lifeMs)
        .publish(this.#channel, toText({ type: 'changed', id }))
        .exec();
    });
    changed.catch(() => this.#unsaved.add(id));
  }

  async end(id: string): Promise<void> {
    const key = this.#key(id);
    // What is left says that the session ended, to replicas that are cut off at the moment.
    await this.#connection.run((client) =>
      client
        .multi()
        .del(key)
        .hSet(key, field.ended, '1')
        .pExpire(key, this.#lifeMs)
        .publish(this.#channel, toText({ type: 'ended', id }))
        .exec(),
    );
  }

  /** It ends everywhere, which bounds what replicas share. */
  evicted(id: string): void {
    void this.end(id).catch(() => {});
  }

  notify(id: string, method: string, params?: JsonObject): void {
    this.#tell({ type: 'notified', id, method, params });
  }

  answer(id: string, response: JsonRpcMessage): void {
    this.#tell({ type: 'answered', id, response });
  }

  #tell(message: Message): void {
    const text = toText(message);
    void this.#connection.run((client) => client.publish(this.#channel, text)).catch(() => {});
  }

  async #receive(text: string): Promise<void> {
    const message = JSON.parse(text) as Message;
    if (message.type !== 'changed') deliver(message, this.#holder);
    else if (!this.#unsaved.has(message.id)) {
      const fields = await this.#read(message.id);
      if (fields) this.#holder?.changed(message.id, fromFields(fields));
    }
  }

  /** Keeps what is in use from expiring, and makes good whatever was missed while there was no connection. */
  async #refresh(): Promise<void> {
    const since = this.#refreshedAt;
    this.#refreshedAt = Date.now();
    const held = [...(this.#holder?.held(since) ?? [])];
    const ids = new Set(held.map(({ id }) => id));
    for (const id of this.#unsaved) if (!ids.has(id)) this.#unsaved.delete(id);
    for (let start = 0; start < held.length; start += batchSize) {
      await Promise.all(held.slice(start, start + batchSize).map((session) => this.#refreshOne(session)));
    }
  }

  async #refreshOne({ id, record, inUse }: HeldSession): Promise<void> {
    const known = await this.#read(id);
    if (known?.[field.ended]) this.#holder?.ended(id);
    else if (!known || this.#unsaved.has(id)) await this.#save(id, record);
    else {
      this.#holder?.changed(id, fromFields(known));
      if (inUse) await this.#connection.run((client) => client.pExpire(this.#key(id), this.#lifeMs));
    }
  }

  async #save(id: string, record: SessionRecord): Promise<void> {
    const key = this.#key(id);
    this.#unsaved.add(id);
    await this.#connection.run((client) =>
      client.multi().del(key).hSet(key, toFields(record)).pExpire(key, this.#lifeMs).exec(),
    );
    this.#unsaved.delete(id);
  }

  /** `undefined` when there is no record, or only what a late change left of one. */
  async #read(id: string): Promise<Record<string, string> | undefined> {
    const fields = await this.#connection.run((client) => client.hGetAll(this.#key(id)));
    return fields[field.owner] || fields[field.ended] ? fields : undefined;
  }

  #key(id: string): string {
    return this.#prefix + id;
  }

  /** Often enough that what is in use never expires. */
  get #refreshMs(): number {
    return Math.ceil(this.#idleMs / 6);
  }

  get #lifeMs(): number {
    return this.#idleMs + this.#refreshMs;
  }
}

function toFields({ owner, client, view, logLevel, subscriptions }: SessionRecord): Record<string, string> {
  return {
    [field.owner]: digest(owner),
    [field.version]: client.version,
    [field.capabilities]: JSON.stringify(client.capabilities),
    ...(view !== undefined && { [field.view]: view }),
    ...(logLevel !== undefined && { [field.level]: logLevel }),
    ...Object.fromEntries([...subscriptions].map((uri) => [field.resource + uri, '1'])),
  };
}

function fromFields(fields: Record<string, string>): Omit<SessionRecord, 'owner'> {
  const resources = Object.keys(fields).filter((name) => name.startsWith(field.resource));
  return {
    client: {
      era: 'legacy',
      version: fields[field.version] ?? '',
      capabilities: JSON.parse(fields[field.capabilities] ?? '{}'),
    },
    view: fields[field.view],
    logLevel: fields[field.level],
    subscriptions: new Set(resources.map((name) => name.slice(field.resource.length))),
  };
}

function toText(message: Message): string {
  return JSON.stringify(message);
}
