import type { JsonObject } from '../../contracts/json-rpc.js';
import type { Translation } from './translation.js';

/** The types of JSON Schema. */
const types = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'];

/** The types that a schema names, each once; none when it names none. */
export function typesOf({ type }: JsonObject): string[] {
  return listed(Array.isArray(type) ? type : [type]).filter((name) => types.includes(name));
}

/** The texts of a list, each once. */
export function listed(list: unknown): string[] {
  return Array.isArray(list) ? [...new Set(list.filter((item) => typeof item === 'string'))] : [];
}

/** Whether a value is a number that JSON can say: 1e999 is read as one that it cannot. */
export function isNumber(value: unknown): value is number {
  return Number.isFinite(value);
}

/** Whether a value is a regular expression. Some that are none in the strict form are used nevertheless. */
export function isPattern(value: unknown, flags?: 'u'): value is string {
  if (typeof value !== 'string') return false;
  try {
    new RegExp(value, flags);
    return true;
  } catch {
    return flags === undefined && isPattern(value, 'u');
  }
}

/** What a schema says to people, as far as it is of the right type. Schemas are written by backends and may be anything. */
export function annotations(schema: JsonObject): JsonObject {
  const { default: usual } = schema;
  return {
    ...pick(schema, ['title', 'description', 'format'], 'string'),
    ...pick(schema, ['readOnly', 'writeOnly', 'deprecated', 'uniqueItems'], 'boolean'),
    ...(schema.readOnly === true && schema.writeOnly === true && { writeOnly: false }),
    ...(usual !== undefined && { default: usual }),
  };
}

const counts = ['maxItems', 'maxLength', 'maxProperties', 'minItems', 'minLength', 'minProperties'];

/** How much there may be of something. */
export function numbers(schema: JsonObject, place: string, translation: Translation): { [name: string]: number } {
  const given = counts.filter((name) => schema[name] !== undefined);
  const usable = given.filter((name) => Number.isSafeInteger(schema[name]) && (schema[name] as number) >= 0);
  for (const name of given) if (!usable.includes(name)) translation.leaveOut(place, schema, [name]);
  return Object.fromEntries(usable.map((name) => [name, schema[name] as number]));
}

function pick(schema: JsonObject, names: readonly string[], type: 'string' | 'boolean'): JsonObject {
  return Object.fromEntries(names.filter((name) => typeof schema[name] === type).map((name) => [name, schema[name]]));
}
