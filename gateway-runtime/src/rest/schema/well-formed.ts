import { isObject, type JsonObject } from '../../contracts/json-rpc.js';
import { isNumber, isPattern, listed, typesOf } from './keywords.js';
import type { Translation } from './translation.js';
import { isSchema } from './walk.js';

const isText = (value: unknown) => typeof value === 'string';
const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
const isTrueOrFalse = (value: unknown) => typeof value === 'boolean';
const isFull = (value: unknown) => Array.isArray(value) && value.length > 0;

/** What members have to be. https://json-schema.org/draft/2020-12/meta/validation */
const forms: { readonly [member: string]: (value: unknown) => boolean } = {
  type: (value) => typesOf({ type: value }).length === [value].flat().length,
  ...Object.fromEntries(['title', 'description', 'format'].map((name) => [name, isText])),
  pattern: isPattern,
  ...Object.fromEntries(['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'].map((name) => [name, isNumber])),
  ...Object.fromEntries(['minLength', 'maxLength', 'minItems', 'maxItems'].map((name) => [name, isCount])),
  ...Object.fromEntries(
    ['minProperties', 'maxProperties', 'minContains', 'maxContains'].map((name) => [name, isCount]),
  ),
  multipleOf: (value) => isNumber(value) && value > 0,
  uniqueItems: isTrueOrFalse,
  enum: isFull,
  required: Array.isArray,
  properties: isObject,
  patternProperties: isObject,
  items: (value) => isSchema(value) || isFull(value),
  additionalProperties: isSchema,
  not: isSchema,
  ...Object.fromEntries(['allOf', 'anyOf', 'oneOf', 'prefixItems'].map((name) => [name, isFull])),
};

/** A schema without what is none: a service that refuses it refuses the tools of all other backends, too. */
export function wellFormed(schema: JsonObject, place: string, translation: Translation): JsonObject {
  const wrong = Object.keys(schema).filter((name) => Object.hasOwn(forms, name) && !forms[name]?.(schema[name]));
  translation.leaveOut(place, schema, wrong);
  const members = Object.entries(schema).filter(([name]) => !wrong.includes(name));
  return Object.fromEntries(members.map(([name, value]) => [name, name === 'required' ? listed(value) : value]));
}
