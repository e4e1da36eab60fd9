import { hash } from 'node:crypto';

/** Tokens that are remembered; the one that was verified first makes room. */
const mostTokens = 2000;

/** What was found out about a token. */
interface Entry<T> {
  readonly content: T;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/** Remembers what was found out about tokens, by their hash and for a short time. */
export class TokenCache<T> {
  readonly #entries = new Map<string, Entry<T>>();
  /** The token that came last over each connection: mostly the next one is the same, and to compare them is faster than to hash one. */
  readonly #last = new WeakMap<object, { readonly token: string; readonly entry: Entry<T> }>();

  /** @param connection Over which it came. @default - that is not known */
  get(token: string, connection?: object): T | undefined {
    const now = Date.now();
    const last = connection && this.#last.get(connection);
    if (last?.token === token && now < last.entry.until) return last.entry.content;
    const entry = this.#entries.get(hashOf(token));
    if (!entry || now >= entry.until) return undefined;
    if (connection) this.#last.set(connection, { token, entry });
    return entry.content;
  }

  /** @param until Milliseconds since 1970. */
  set(token: string, content: T, until: number): void {
    if (until <= Date.now()) return;
    const key = hashOf(token);
    this.#entries.delete(key);
    this.#entries.set(key, { content, until });
    if (this.#entries.size <= mostTokens) return;
    const [oldest] = this.#entries.keys();
    this.#entries.delete(oldest as string);
  }
}

function hashOf(token: string): string {
  return hash('sha256', token, 'base64url');
}
