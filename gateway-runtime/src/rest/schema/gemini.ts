import { isObject, type JsonObject } from '../../contracts/json-rpc.js';
import { isNumber, isPattern, listed, numbers, typesOf } from './keywords.js';
import { objectRoot } from './object-root.js';
import type { Translation } from './translation.js';
import { isSchema, placeOf } from './walk.js';

/** Levels from which on a schema that refers to itself is not followed any more. */
const mostNested = 12;

/** Formats that Gemini knows; it refuses others of texts. https://firebase.google.com/docs/reference/js/ai.schemashared */
const formats: { readonly [type: string]: readonly string[] } = {
  string: ['date-time'],
  number: ['float', 'double'],
  integer: ['int32', 'int64'],
};

/** Members that have no equal. */
const unknown = [
  ...['additionalItems', 'contains', 'contentEncoding', 'contentMediaType', 'contentSchema', 'dependencies'],
  ...['dependentRequired', 'dependentSchemas', '$dynamicRef', 'else', 'if', 'maxContains', 'minContains', 'multipleOf'],
  ...['not', 'patternProperties', 'propertyNames', 'then', 'unevaluatedItems', 'unevaluatedProperties', 'uniqueItems'],
];

/**
 * The schema of arguments in the subset of OpenAPI 3.0 that function declarations of Gemini know; `undefined` when there are no
 * arguments, since an object without properties is refused.
 * https://ai.google.dev/api/caching#Schema https://github.com/agno-agi/agno/issues/2112
 */
export function geminiSchema(translation: Translation): JsonObject | undefined {
  const root = objectRoot(translation);
  const schema = objectOf(root, '', { translation, followed: [] });
  return Object.keys(schema.properties ?? {}).length > 0 ? schema : undefined;
}

interface Place {
  readonly translation: Translation;
  /** References that led here. */
  readonly followed: readonly unknown[];
}

function translated(schema: JsonObject | boolean, place: string, at: Place): JsonObject {
  const { translation, followed } = at;
  translation.count(followed.length);
  if (typeof schema === 'boolean') return anything({}, place, at);
  const { $ref, ...beside } = schema;
  if ($ref !== undefined) return referred($ref, beside, place, at);
  const merged = Array.isArray(schema.allOf) ? allOf(schema, place, at) : schema;
  translation.leaveOut(place, merged, unknown);
  const shape = shaped(merged, place, at);
  return 'anyOf' in shape ? shape : { ...said(merged), ...shape };
}

function referred(reference: unknown, beside: JsonObject, place: string, at: Place): JsonObject {
  const { translation, followed } = at;
  const found = translation.find(place, reference);
  const depth = followed.filter((before) => before === reference).length;
  if (depth > 0 || followed.length >= mostNested) {
    translation.note(place, 'it refers to itself, and is any object from here on');
    return { ...said(beside), type: 'OBJECT' };
  }
  const whole = isObject(found) ? { ...found, ...beside } : beside;
  return translated(whole, place, { ...at, followed: [...followed, reference] });
}

/** All parts as one, as far as they do not speak of the same. */
function allOf(schema: JsonObject, place: string, { translation, followed }: Place): JsonObject {
  const { allOf: parts, ...own } = schema;
  let merged = own;
  for (const part of parts as unknown[]) {
    if (!isObject(part)) continue;
    translation.count(followed.length);
    const found = part.$ref === undefined ? part : translation.find(place, part.$ref);
    if (!isObject(found)) continue;
    if (found.allOf !== undefined || found.$ref !== undefined) translation.note(place, 'parts of parts are left out');
    merged = { ...found, ...merged, ...both(found, merged) };
  }
  return merged;
}

function both(one: JsonObject, other: JsonObject): JsonObject {
  const properties = { ...(one.properties as JsonObject), ...(other.properties as JsonObject) };
  const required = [...listed(one.required), ...listed(other.required)];
  return {
    ...(Object.keys(properties).length > 0 && { properties }),
    ...(required.length > 0 && { required }),
  };
}

function shaped(schema: JsonObject, place: string, at: Place): JsonObject {
  const alternatives = [schema.anyOf, schema.oneOf].find((list) => Array.isArray(list)) as unknown[] | undefined;
  if (alternatives) return anyOf(alternatives.filter(isSchema), schema, place, at);
  const types = typesOf(schema);
  const named = types.filter((type) => type !== 'null');
  const nullable = types.includes('null') || schema.nullable === true ? { nullable: true } : {};
  if (named.length > 1) {
    return anyOf(
      named.map((type) => ({ ...schema, type })),
      { type: types.filter((type) => type === 'null') },
      place,
      at,
    );
  }
  if (named.length === 0 && types.length > 0) return { type: 'STRING', nullable: true };
  const type = named[0] ?? impliedType(schema);
  return type === undefined ? anything(schema, place, at) : { ...ofType(type, schema, place, at), ...nullable };
}

/** Nothing may stand beside alternatives, so that all of them say it. */
function anyOf(parts: readonly (JsonObject | boolean)[], schema: JsonObject, place: string, at: Place): JsonObject {
  if (Array.isArray(schema.oneOf)) at.translation.note(place, 'more than one of the alternatives may hold');
  const isNull = (part: JsonObject | boolean) => isObject(part) && part.type === 'null';
  const others = parts.filter((part) => !isNull(part));
  const nullable = others.length < parts.length || typesOf(schema).includes('null') ? { nullable: true } : {};
  const { description } = said(schema);
  const translatedParts = others.map((part, index) => {
    const one = translated(part, placeOf(placeOf(place, 'anyOf'), index), at);
    return saying(one, description === undefined ? {} : { description }, nullable);
  });
  const [only, ...more] = translatedParts;
  if (only === undefined) return { type: 'STRING', ...nullable };
  return more.length === 0 ? only : { anyOf: translatedParts };
}

/** @param usual What it says unless it says something itself. @param certain What it says in any case. */
function saying(schema: JsonObject, usual: JsonObject, certain: JsonObject): JsonObject {
  if (!Array.isArray(schema.anyOf)) return { ...usual, ...schema, ...certain };
  return { anyOf: schema.anyOf.map((part: JsonObject) => saying(part, usual, certain)) };
}

/** What a schema says to the model. */
function said({ title, description }: JsonObject): JsonObject {
  return {
    ...(typeof title === 'string' && { title }),
    ...(typeof description === 'string' && { description }),
  };
}

function impliedType(schema: JsonObject): string | undefined {
  if (isObject(schema.properties) || isObject(schema.additionalProperties)) return 'object';
  if (schema.items !== undefined || schema.prefixItems !== undefined) return 'array';
  const values = choices(schema) ?? [];
  const [first] = values;
  if (typeof first === 'string') return 'string';
  if (typeof first === 'number') return values.every(Number.isInteger) ? 'integer' : 'number';
  return typeof first === 'boolean' ? 'boolean' : undefined;
}

function ofType(type: string, schema: JsonObject, place: string, at: Place): JsonObject {
  const { translation } = at;
  if (type === 'object') return objectOf(schema, place, at);
  if (type === 'array') return listOf(schema, place, at);
  return {
    type: type.toUpperCase(),
    ...choicesOf(type, schema, place, translation),
    ...formatOf(type, schema, place, translation),
    ...(type === 'string' ? textsOf(schema, place, translation) : rangeOf(type, schema, place, translation)),
  };
}

function objectOf(schema: JsonObject, place: string, at: Place): JsonObject {
  const { translation } = at;
  const { additionalProperties } = schema;
  if (additionalProperties === false || isObject(additionalProperties)) {
    translation.leaveOut(place, schema, ['additionalProperties']);
  }
  const entries = Object.entries(isObject(schema.properties) ? schema.properties : {})
    .filter((entry): entry is [string, JsonObject | boolean] => isSchema(entry[1]))
    .map(([name, part]) => [name, translated(part, placeOf(placeOf(place, 'properties'), name), at)] as const);
  const names = new Set(entries.map(([name]) => name));
  // A name that no property has is refused.
  const required = listed(schema.required).filter((name) => names.has(name));
  return {
    ...said(schema),
    type: 'OBJECT',
    ...(entries.length > 0 && { properties: Object.fromEntries(entries) }),
    ...(required.length > 0 && { required }),
    ...counted(schema, place, translation, ['minProperties', 'maxProperties']),
  };
}

function listOf(schema: JsonObject, place: string, at: Place): JsonObject {
  const { items, prefixItems } = schema;
  const tuple = [prefixItems, items].find(Array.isArray) as unknown[] | undefined;
  const below = placeOf(place, 'items');
  const inner = tuple
    ? anyOf(tuple.filter(isSchema), {}, below, at)
    : translated(isSchema(items) ? items : true, below, at);
  if (tuple) at.translation.note(place, 'each item may be what any item of the tuple may be');
  return { type: 'ARRAY', items: inner, ...counted(schema, place, at.translation, ['minItems', 'maxItems']) };
}

function choices(schema: JsonObject): unknown[] | undefined {
  if ('const' in schema) return [schema.const];
  return Array.isArray(schema.enum) ? schema.enum.filter((value) => value !== null) : undefined;
}

/** Only texts can be chosen from a list, and no empty ones; of others the description tells. */
function choicesOf(type: string, schema: JsonObject, place: string, translation: Translation): JsonObject {
  const values = choices(schema);
  if (!values || values.length === 0) return {};
  const texts = values.filter((value) => typeof value === 'string' && value !== '');
  if (type === 'string' && texts.length > 0) {
    if (texts.length < values.length) translation.note(place, 'a choice that is no text, or an empty one, is left out');
    return { enum: texts };
  }
  translation.note(place, 'its choices are only told in the description');
  const told = `One of ${JSON.stringify(values).slice(1, -1)}`;
  const { description } = said(schema);
  return { description: description === undefined ? told : `${description}. ${told}` };
}

function formatOf(type: string, schema: JsonObject, place: string, translation: Translation): JsonObject {
  const { format } = schema;
  if (typeof format !== 'string') return {};
  if (formats[type]?.includes(format)) return { format };
  translation.note(place, `the format ${JSON.stringify(format.slice(0, 50))} is left out`);
  return {};
}

function textsOf(schema: JsonObject, place: string, translation: Translation): JsonObject {
  const { pattern } = schema;
  if (pattern !== undefined && !isPattern(pattern)) translation.leaveOut(place, schema, ['pattern']);
  return {
    ...(isPattern(pattern) && { pattern }),
    ...counted(schema, place, translation, ['minLength', 'maxLength']),
  };
}

function rangeOf(type: string, schema: JsonObject, place: string, translation: Translation): JsonObject {
  const bound = (inclusive: string, exclusive: string, step: 1 | -1) => {
    const [at, beyond] = [schema[inclusive], schema[exclusive]];
    if (!isNumber(beyond)) return isNumber(at) ? { [inclusive]: at } : {};
    if (type === 'integer') {
      const next = step > 0 ? Math.floor(beyond) + 1 : Math.ceil(beyond) - 1;
      return { [inclusive]: isNumber(at) && (at - next) * step > 0 ? at : next };
    }
    translation.note(place, `${beyond} itself is allowed, too`);
    return { [inclusive]: isNumber(at) && (at - beyond) * step > 0 ? at : beyond };
  };
  return { ...bound('minimum', 'exclusiveMinimum', 1), ...bound('maximum', 'exclusiveMaximum', -1) };
}

/** Counts are 64-bit integers there, which JSON of Google's services writes as texts. */
function counted(schema: JsonObject, place: string, translation: Translation, names: readonly string[]): JsonObject {
  const given = Object.entries(numbers(schema, place, translation)).filter(([name]) => names.includes(name));
  return Object.fromEntries(given.map(([name, count]) => [name, String(count)]));
}

/** A schema has to say a type. */
function anything(schema: JsonObject, place: string, at: Place): JsonObject {
  at.translation.note(place, 'it may be anything, and is a text, a number or a truth value here');
  return anyOf([{ type: 'string' }, { type: 'number' }, { type: 'boolean' }], said(schema), place, at);
}
