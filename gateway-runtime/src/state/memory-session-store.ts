import type { SessionStore } from '../contracts/session.js';

/** A session as the store sees it. */
export interface Storable {
  readonly id: string;
  /** Key of the caller it belongs to. */
  readonly owner: string;
  /** False while the client waits for an answer or listens. */
  readonly idle: boolean;
  /** Called when the store drops the session. */
  close(): void;
}

/** Limits of the store. */
export interface MemorySessionStoreOptions<T> {
  /** Milliseconds a session may stay unused. @default 30 minutes */
  readonly idleMs?: number;
  /** Sessions kept at most; when full, whoever has most of them loses the one unused for longest. @default 10000 */
  readonly most?: number;
  /** Told of a session that had to make room, before it is closed. @default - nobody is */
  readonly onEvicted?: (session: T) => void;
}

interface Entry<T> {
  readonly session: T;
  usedAt: number;
}

/** Sessions in the memory of this process, dropped when unused for long. */
export class MemorySessionStore<T extends Storable> implements SessionStore<T> {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #idleMs: number;
  readonly #most: number;
  readonly #onEvicted: (session: T) => void;
  readonly #sweeper: NodeJS.Timeout;

  constructor({ idleMs = 30 * 60_000, most = 10_000, onEvicted = () => {} }: MemorySessionStoreOptions<T> = {}) {
    this.#idleMs = idleMs;
    this.#most = most;
    this.#onEvicted = onEvicted;
    this.#sweeper = setInterval(() => this.#sweep(), Math.min(idleMs, 60_000)).unref();
  }

  get(id: string): T | undefined {
    const entry = this.#entries.get(id);
    if (!entry) return undefined;
    if (this.#isExpired(entry)) {
      this.#drop(id);
      return undefined;
    }
    entry.usedAt = now();
    return entry.session;
  }

  peek(id: string): T | undefined {
    const entry = this.#entries.get(id);
    return entry && !this.#isExpired(entry) ? entry.session : undefined;
  }

  add(session: T): void {
    if (this.#entries.size >= this.#most) this.#makeRoom();
    this.#entries.set(session.id, { session, usedAt: now() });
  }

  delete(id: string): void {
    this.#drop(id);
  }

  *values(): Iterable<T> {
    for (const { session } of this.#entries.values()) yield session;
  }

  *entries(): Iterable<{ readonly session: T; readonly usedAt: number }> {
    for (const entry of this.#entries.values()) if (!this.#isExpired(entry)) yield entry;
  }

  close(): void {
    clearInterval(this.#sweeper);
    for (const id of [...this.#entries.keys()]) this.#drop(id);
  }

  /** Takes from the caller with most sessions: nobody can push others out by opening many. */
  #makeRoom(): void {
    const counts = new Map<string, number>();
    for (const { owner } of this.values()) counts.set(owner, (counts.get(owner) ?? 0) + 1);
    const most = Math.max(...counts.values());
    let victim: Entry<T> | undefined;
    for (const entry of this.#entries.values()) {
      if (counts.get(entry.session.owner) === most && (!victim || goesBefore(entry, victim))) victim = entry;
    }
    if (!victim) return;
    this.#onEvicted(victim.session);
    this.#drop(victim.session.id);
  }

  #sweep(): void {
    for (const [id, entry] of [...this.#entries]) {
      if (this.#isExpired(entry)) this.#drop(id);
    }
  }

  #isExpired({ session, usedAt }: Entry<T>): boolean {
    return session.idle && now() - usedAt > this.#idleMs;
  }

  #drop(id: string): void {
    const entry = this.#entries.get(id);
    this.#entries.delete(id);
    entry?.session.close();
  }
}

/** Milliseconds since 1970, of which no two uses have the same. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

/** Whether a session makes room rather than another: idle ones first, and of those the one unused for longest. */
function goesBefore(one: Entry<Storable>, other: Entry<Storable>): boolean {
  return one.session.idle === other.session.idle ? one.usedAt < other.usedAt : one.session.idle;
}
