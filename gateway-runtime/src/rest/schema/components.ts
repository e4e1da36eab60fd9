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

/** What schemas of one document refer to: a reference counts from the root of the document, not of the schema it stands in. */
export class Components {
  readonly #schemas = new Map<string, JsonObject | boolean>();

  /** Schemas by name, for `components.schemas`. */
  get schemas(): JsonObject {
    return Object.fromEntries(this.#schemas);
  }

  /**
   * One schema in the language of the document, after everything that it refers to.
   * @param owner What names begin with. Unique, of letters, digits, "_" and "-".
   * @throws {SchemaTooLargeError} and adds nothing
   */
  add(owner: string, translation: Translation, translate: Translate): JsonObject | boolean {
    const names = new Map<string, string>();
    const added = new Map<string, JsonObject | boolean>();
    const waiting: [name: string, reference: string][] = [];
    const refer: Refer = (place, reference) => {
      if (translation.find(place, reference) === undefined) return undefined;
      const known = names.get(reference as string);
      const name = known ?? nameOf(owner, reference as string, names.size);
      if (known === undefined) {
        names.set(reference as string, name);
        waiting.push([name, reference as string]);
      }
      return `#/components/schemas/${name}`;
    };
    const schema = translate(translation.root, '', translation, refer, 0);
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [name, reference] = next;
      const found = translation.find(reference, reference);
      if (found !== undefined) added.set(name, translate(found, reference, translation, refer, 0));
    }
    for (const [name, part] of added) this.#schemas.set(name, part);
    return schema;
  }
}

/** `logs_search.Day`: the last name of a reference, and a number where names could be the same. */
function nameOf(owner: string, reference: string, index: number): string {
  const last = tokensOf(reference).at(-1) ?? '';
  const name = last.replace(/[^A-Za-z0-9_-]/g, '').slice(0, 64);
  return `${owner}.${name || 'Schema'}${index === 0 ? '' : `.${index}`}`;
}
