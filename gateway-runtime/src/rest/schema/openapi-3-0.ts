import { isObject, type JsonObject } from '../../contracts/json-rpc.js';
import type { Refer, Translate } from './components.js';
import { annotations, isNumber, isPattern, listed, numbers, typesOf } from './keywords.js';
import type { Translation } from './translation.js';
import { isSchema, mapValues, placeOf } from './walk.js';

/** Members that have no equal in 3.0. */
const unknown = [
  ...['contains', 'contentMediaType', 'contentSchema', 'dependencies', 'dependentRequired', 'dependentSchemas'],
  ...['$dynamicRef', 'else', 'if', 'maxContains', 'minContains', 'patternProperties', 'propertyNames', 'then'],
  ...['unevaluatedItems', 'unevaluatedProperties'],
];

/** A schema as OpenAPI 3.0 takes it, which knows a part of an older JSON Schema. https://spec.openapis.org/oas/v3.0.4.html#schema-object */
export const toOpenApi30: Translate = (schema, place, translation, refer, level) => {
  if (typeof schema === 'boolean') return schema ? {} : { not: {} };
  translation.count(level);
  translation.leaveOut(place, schema, unknown);
  const inner = (part: JsonObject | boolean, below: string) =>
    toOpenApi30(part, below, translation, refer, level + 1) as JsonObject;
  const own = {
    ...annotations(schema),
    ...exampleOf(schema),
    ...patternOf(schema, place, translation),
    ...numbers(schema, place, translation),
    ...boundsOf(schema, place, translation),
    ...choicesOf(schema),
    ...objectsOf(schema, place, inner),
    ...combined(schema, place, inner),
  };
  const typed = withTypes(schema, own, itemsOf(schema, place, translation, inner));
  return withReference(schema, place, typed, refer);
};

/** What stands beside a reference counts in 3.1 and is overlooked in 3.0. */
function withReference({ $ref }: JsonObject, place: string, schema: JsonObject, refer: Refer): JsonObject {
  const reference = $ref === undefined ? undefined : refer(place, $ref);
  if (reference === undefined) return schema;
  if (Object.keys(schema).length === 0) return { $ref: reference };
  const allOf = Array.isArray(schema.allOf) ? schema.allOf : [];
  return { ...schema, allOf: [{ $ref: reference }, ...allOf] };
}

function patternOf(schema: JsonObject, place: string, translation: Translation): JsonObject {
  const { pattern } = schema;
  if (isPattern(pattern, 'u')) return { pattern };
  translation.leaveOut(place, schema, ['pattern']);
  return {};
}

function exampleOf({ example, examples }: JsonObject): JsonObject {
  if (example !== undefined) return { example };
  return Array.isArray(examples) && examples.length > 0 ? { example: examples[0] } : {};
}

/** Bounds that are left out of a range are numbers in 3.1, and say of another number that it is one in 3.0. */
function boundsOf(schema: JsonObject, place: string, translation: Translation): JsonObject {
  const bound = (inclusive: string, exclusive: string, isTighter: (one: number, other: number) => boolean) => {
    const [at, beyond] = [schema[inclusive], schema[exclusive]];
    if (isNumber(beyond) && !(isNumber(at) && isTighter(at, beyond))) {
      return { [inclusive]: beyond, [exclusive]: true };
    }
    if (!isNumber(at)) return {};
    // As it was written up to draft 4.
    return { [inclusive]: at, ...(beyond === true && { [exclusive]: true }) };
  };
  const { multipleOf } = schema;
  const isMultiple = isNumber(multipleOf) && multipleOf > 0;
  if (multipleOf !== undefined && !isMultiple) translation.leaveOut(place, schema, ['multipleOf']);
  return {
    ...bound('minimum', 'exclusiveMinimum', (at, beyond) => at > beyond),
    ...bound('maximum', 'exclusiveMaximum', (at, beyond) => at < beyond),
    ...(isMultiple && { multipleOf }),
  };
}

function choicesOf(schema: JsonObject): JsonObject {
  if ('const' in schema) return { enum: [schema.const] };
  return Array.isArray(schema.enum) && schema.enum.length > 0 ? { enum: schema.enum } : {};
}

type Inner = (schema: JsonObject | boolean, place: string) => JsonObject;

function objectsOf(schema: JsonObject, place: string, inner: Inner): JsonObject {
  const { properties, additionalProperties } = schema;
  const required = listed(schema.required);
  return {
    ...(isObject(properties) && { properties: mapValues(properties, placeOf(place, 'properties'), inner) }),
    ...(typeof additionalProperties === 'boolean' && { additionalProperties }),
    ...(isObject(additionalProperties) && {
      additionalProperties: inner(additionalProperties, placeOf(place, 'additionalProperties')),
    }),
    ...(required.length > 0 && { required }),
  };
}

function combined(schema: JsonObject, place: string, inner: Inner): JsonObject {
  const lists = ['allOf', 'anyOf', 'oneOf'].flatMap((name) => {
    const parts = Array.isArray(schema[name]) ? schema[name].filter(isSchema) : [];
    return parts.length > 0
      ? [[name, parts.map((part, index) => inner(part, placeOf(placeOf(place, name), index)))]]
      : [];
  });
  return {
    ...Object.fromEntries(lists),
    ...(isSchema(schema.not) && { not: inner(schema.not, placeOf(place, 'not')) }),
  };
}

function itemsOf(schema: JsonObject, place: string, translation: Translation, inner: Inner): JsonObject | undefined {
  const below = placeOf(place, 'items');
  const tuple = [schema.prefixItems, schema.items].find(Array.isArray) as unknown[] | undefined;
  if (!tuple) return isSchema(schema.items) ? inner(schema.items, below) : undefined;
  translation.note(place, 'each item may be what any item of the tuple may be');
  const parts = [...tuple, ...(Array.isArray(schema.items) ? [] : [schema.items])].filter(isSchema);
  return parts.length > 0 ? { anyOf: parts.map((part, index) => inner(part, placeOf(below, index))) } : {};
}

/** 3.0 has one type, and says in another member that there may be nothing. */
function withTypes(schema: JsonObject, own: JsonObject, items: JsonObject | undefined): JsonObject {
  const types = typesOf(schema);
  const named = types.filter((type) => type !== 'null');
  const hasNull = types.includes('null');
  const typed = (type: string) => ({
    type,
    ...(hasNull && { nullable: true }),
    // A list has to say what it holds.
    ...(type === 'array' && { items: items ?? {} }),
  });
  if (named.length === 1) return { ...own, ...typed(named[0] as string) };
  if (named.length === 0) {
    if (hasNull) return { ...own, nullable: true, enum: [null] };
    return withoutNull(items === undefined ? own : { ...own, items });
  }
  const anyOf = named.map(typed);
  if (!('anyOf' in own)) return { ...own, anyOf };
  const { anyOf: alternatives, allOf = [], ...rest } = own;
  return { ...rest, allOf: [...(allOf as unknown[]), { anyOf: alternatives }, { anyOf }] };
}

/** An alternative that is nothing at all, as generators write what may be absent. */
function withoutNull(schema: JsonObject): JsonObject {
  for (const name of ['anyOf', 'oneOf'] as const) {
    const parts = schema[name];
    if (!Array.isArray(parts)) continue;
    const others = parts.filter((part) => !isNothing(part));
    if (others.length === parts.length || others.length === 0) continue;
    const { [name]: _, ...rest } = schema;
    const [only] = others;
    if (others.length > 1 || !isObject(only)) return { ...rest, nullable: true, [name]: others };
    return '$ref' in only ? { ...rest, nullable: true, [name]: others } : { ...only, ...rest, nullable: true };
  }
  return schema;
}

function isNothing(schema: unknown): boolean {
  return isObject(schema) && schema.nullable === true && Array.isArray(schema.enum) && schema.enum[0] === null;
}
