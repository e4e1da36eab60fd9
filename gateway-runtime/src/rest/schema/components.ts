import type { JsonObject } from '../../contracts/json-rpc.js';
import { tokensOf } from './pointer.js';
import type { Translation } from './translation.js';

/** Puts a schema into the language of a document. */
export type Translate = (
  schema: JsonObject | boolean,
  place: string,
  translation: Translation,
  refer: Refer,
  level: number,
) => JsonObject | boolean;

/** The reference to what a reference of a backend's schema means; `undefined` when it means nothing. */
export type Refer = (place: string, reference: unknown) => string | undefined;

/** A schema of a document, and what it refers to: a reference counts from the root of the document, not of the schema it is in. */
export interface WithComponents {
  readonly schema: JsonObject | boolean;
  /** Members of `components.schemas`. */
  readonly schemas: JsonObject;
}

/**
 * One schema in the language of the document, after everything that it refers to.
 *
 * @param owner What names of components begin with: unique, of letters, digits, "_" and "-".
 * @throws {SchemaTooLargeError}
 */
export function withComponents(owner: string, translation: Translation, translate: Translate): WithComponents {
  const names = new Map<string, string>();
  const waiting: [name: string, reference: string][] = [];
  const refer: Refer = (place, reference) => {
    if (typeof reference !== 'string' || translation.find(place, reference) === undefined) return undefined;
    const known = names.get(reference);
    const name = known ?? nameOf(owner, reference, names.size);
    if (known === undefined) {
      names.set(reference, name);
      waiting.push([name, reference]);
    }
    return `#/components/schemas/${name}`;
  };
  const schema = translate(translation.root, '', translation, refer, 0);
  const schemas: [name: string, schema: unknown][] = [];
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const [name, reference] = next;
    const found = translation.find(reference, reference);
    if (found !== undefined) schemas.push([name, translate(found, reference, translation, refer, 0)]);
  }
  return { schema, schemas: Object.fromEntries(schemas) };
}

/** `logs_search.Day`: the last name of a reference, and a number where names could be the same. */
function nameOf(owner: string, reference: string, index: number): string {
  const last = tokensOf(reference).at(-1) ?? '';
  const name = last.replace(/[^A-Za-z0-9_-]/g, '').slice(0, 64);
  return `${owner}.${name || 'Schema'}${index === 0 ? '' : `.${index}`}`;
}
