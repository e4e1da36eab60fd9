import { hash } from 'node:crypto';

/** Tokens that are remembered; the one that was verified first makes room. */
const mostTokens = 2000;

/** Remembers what was found out about tokens, by their hash and for a short time. */
export class TokenCache<T> {
  readonly #entries = new Map<string, { readonly content: T; readonly until: number }>();

  get(token: string): T | undefined {
    const entry = this.#entries.get(hashOf(token));
    return entry && Date.now() < entry.until ? entry.content : undefined;
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
