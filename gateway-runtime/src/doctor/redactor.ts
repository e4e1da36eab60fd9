import { readFileSync } from 'node:fs';
import { isObject } from '../contracts/json-rpc.js';

/** Shorter values, such as "true", would blank ordinary words. */
const shortestSecret = 6;

/** Fields of a configuration whose value, or anything below it, may be a secret. */
const secretFields = /^(api_key|args|bearer_token|client_secret|data_key|env|headers|key|password)$/;

/** What is a credential whoever it belongs to: a token in a header, a JWT. */
const credentials = /\b(Bearer|Basic|dataKey) +[\w.~+/=-]{8,}|\beyJ[\w-]{8,}\.[\w-]+(\.[\w-]*)?/g;

/**
 * Blanks what must not be printed. Checks say nothing of secrets themselves; this is for what they quote of others, who may
 * repeat what they were sent.
 */
export class Redactor {
  readonly #secrets = new Set<string>();

  add(secret: string | undefined): void {
    const value = secret?.trim();
    if (value && value.length >= shortestSecret) this.#secrets.add(value);
  }

  /** Adds what may be secret in a URL: its password and its query. */
  addUrl(text: string): void {
    if (!URL.canParse(text)) return;
    const { password, search, searchParams } = new URL(text);
    for (const secret of [password, search.slice(1), ...searchParams.values()]) this.add(secret);
  }

  /** Adds every secret that a configuration holds, or takes from the environment. */
  addConfiguration(value: unknown, environment: Readonly<Record<string, string | undefined>>): void {
    if (!isObject(value) && !Array.isArray(value)) return;
    for (const [field, member] of Object.entries(value)) {
      if (field === 'static_tokens') for (const token of Object.keys(Object(member))) this.add(token);
      if (secretFields.test(field)) this.#addAll(member);
      else if (field.endsWith('_env') && typeof member === 'string') this.add(environment[member]);
      else if (/(key|password|secret|token)_file$/.test(field) && typeof member === 'string') this.#addFile(member);
      else if (typeof member === 'string') this.addUrl(member);
      else this.addConfiguration(member, environment);
    }
  }

  /** A text that can be printed. */
  clean(text: string): string {
    let cleaned = text.replace(credentials, '***');
    for (const secret of this.#secrets) cleaned = cleaned.replaceAll(secret, '***');
    return [...cleaned].map((character) => (isControl(character) ? ' ' : character)).join('');
  }

  #addFile(path: string): void {
    try {
      this.add(readFileSync(path, 'utf8'));
    } catch {
      // What cannot be read cannot be repeated either.
    }
  }

  #addAll(value: unknown): void {
    if (typeof value === 'string') this.add(value);
    else if (typeof value === 'object' && value !== null)
      for (const member of Object.values(value)) this.#addAll(member);
  }
}

/** Terminals take orders in these. */
function isControl(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x20 || (code >= 0x7f && code < 0xa0);
}
