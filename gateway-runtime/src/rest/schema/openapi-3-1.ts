import type { JsonObject } from '../../contracts/json-rpc.js';
import type { Refer, Translate } from './components.js';
import type { Translation } from './translation.js';
import { isSchema, mapSchemas } from './walk.js';
import { wellFormed } from './well-formed.js';

/** What is said of a schema as a document of its own, and what other schemas find here in another way. */
const bookkeeping = ['$schema', '$id', '$anchor', '$dynamicAnchor', '$vocabulary', '$comment', '$defs', 'definitions'];

/** Members that say nothing of what may be. */
const sayings: ReadonlySet<string> = new Set(['title', 'description', 'default', 'deprecated', 'examples']);

/** Members that cannot be told in a document that holds many schemas. */
const unknown = ['$dynamicRef', 'dependencies'];

/** A schema as OpenAPI 3.1 takes it, which knows all of JSON Schema. https://spec.openapis.org/oas/v3.1.1.html#schema-object */
export const toOpenApi31: Translate = (schema, place, translation, refer, level) =>
  typeof schema === 'boolean' ? schema : written(schema, place, translation, refer, level);

function written(schema: JsonObject, place: string, translation: Translation, refer: Refer, level: number): JsonObject {
  translation.count(level);
  translation.leaveOut(place, schema, unknown);
  const { $ref, ...rest } = withTuples(wellFormed(schema, place, translation));
  const members = Object.entries(rest).filter(([name]) => !bookkeeping.includes(name) && !unknown.includes(name));
  const own = mapSchemas(Object.fromEntries(members), place, (part, below) =>
    toOpenApi31(part, below, translation, refer, level + 1),
  );
  const reference = $ref === undefined ? undefined : refer(place, $ref);
  if (reference === undefined) return own;
  const isSaying = Object.keys(own).every((name) => sayings.has(name));
  // Tools that read documents overlook what else stands beside a reference.
  return isSaying ? { $ref: reference, ...own } : { ...own, allOf: [{ $ref: reference }, ...listOf(own.allOf)] };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Up to draft 7, `items` could be a list. https://json-schema.org/draft/2020-12/release-notes#changes-to-items-and-additionalitems */
function withTuples(schema: JsonObject): JsonObject {
  if (!Array.isArray(schema.items)) return schema;
  const { items, additionalItems, ...rest } = schema;
  return { ...rest, prefixItems: items, ...(isSchema(additionalItems) && { items: additionalItems }) };
}
