import { isObject, type JsonObject } from '../../contracts/json-rpc.js';

/** Members of JSON Schema that hold one schema. https://json-schema.org/draft/2020-12/json-schema-core#section-10 */
const single: ReadonlySet<string> = new Set([
  ...['additionalItems', 'additionalProperties', 'contains', 'contentSchema', 'else', 'if', 'items', 'not'],
  ...['propertyNames', 'then', 'unevaluatedItems', 'unevaluatedProperties'],
]);

/** Those that hold a list of schemas; `items` did so up to draft 7. */
const lists: ReadonlySet<string> = new Set(['allOf', 'anyOf', 'items', 'oneOf', 'prefixItems']);

/** Those that hold schemas by name. */
const maps: ReadonlySet<string> = new Set([
  '$defs',
  'definitions',
  'dependentSchemas',
  'patternProperties',
  'properties',
]);

/** Whether a value can be a schema. */
export function isSchema(value: unknown): value is JsonObject | boolean {
  return isObject(value) || typeof value === 'boolean';
}

/** A copy of a schema in which each schema directly below it is another one. @param place Where the schema is. */
export function mapSchemas(
  schema: JsonObject,
  place: string,
  map: (schema: JsonObject | boolean, place: string) => unknown,
): JsonObject {
  const members = Object.entries(schema).map(([name, value]) => {
    const below = placeOf(place, name);
    if (single.has(name) && isSchema(value)) return [name, map(value, below)];
    if (lists.has(name) && Array.isArray(value)) {
      return [name, value.map((item, index) => (isSchema(item) ? map(item, placeOf(below, index)) : item))];
    }
    return maps.has(name) && isObject(value) ? [name, mapValues(value, below, map)] : [name, value];
  });
  return Object.fromEntries(members);
}

/** The same for schemas by name; what is none is left out. */
export function mapValues(
  schemas: JsonObject,
  place: string,
  map: (schema: JsonObject | boolean, place: string) => unknown,
): JsonObject {
  const entries = Object.entries(schemas).filter((entry): entry is [string, JsonObject | boolean] =>
    isSchema(entry[1]),
  );
  return Object.fromEntries(entries.map(([name, schema]) => [name, map(schema, placeOf(place, name))]));
}

/** The place of something below a place. */
export function placeOf(place: string, name: string | number): string {
  return place === '' ? String(name) : `${place}.${name}`;
}
