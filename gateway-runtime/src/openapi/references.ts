import { isObject, type JsonObject } from '../contracts/json-rpc.js';

/** References that lead to references. */
const mostSteps = 32;

/** Characters of a reference: what is looked up often may not be long. */
const longest = 1000;

/** Follows references within a document, and none that leads out of it: no file is read and no address asked. */
export class References {
  readonly #document: JsonObject;

  constructor(document: JsonObject) {
    this.#document = document;
  }

  /** An object, or the one that it refers to in the end. @returns undefined when there is none */
  resolve(value: unknown): JsonObject | undefined {
    let found = value;
    for (let step = 0; step < mostSteps && isObject(found); step++) {
      if (typeof found.$ref !== 'string') return found;
      found = this.find(found.$ref);
    }
    return undefined;
  }

  /** What a reference such as `#/components/schemas/Order` leads to. */
  find(reference: string): unknown {
    if (!reference.startsWith('#/') || reference.length > longest) return undefined;
    let found: unknown = this.#document;
    for (const token of reference.slice(2).split('/')) {
      const name = unescaped(token);
      if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined;
      found = (found as JsonObject)[name];
    }
    return found;
  }
}

/** https://www.rfc-editor.org/rfc/rfc6901#section-6 */
function unescaped(token: string): string {
  const name = token.replace(/~1/g, '/').replace(/~0/g, '~');
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
