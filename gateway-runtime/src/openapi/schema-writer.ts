import { isObject, type JsonObject } from '../contracts/json-rpc.js';
import type { Budget } from './budget.js';
import type { References } from './references.js';
import { objectWeight, type SchemaWeights } from './schema-weights.js';

/** Which way what is described goes. */
export type Direction = 'request' | 'answer';

/** What schemas are written with. */
export interface SchemaSource {
  readonly references: References;
  readonly weights: SchemaWeights;
  /** Of all tools of the document. */
  readonly budget: Budget;
  /** Whether schemas are those of OpenAPI before 3.1, which differ from JSON Schema. */
  readonly isOlder: boolean;
}

/** Levels after which anything may follow: every one is two of JSON, and clients are shown no more than 200. */
const deepest = 40;

/** Levels after which what is referred to gets a definition of its own. */
const deepestInlined = 20;

const types: readonly unknown[] = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'];

const isType = (value: unknown) =>
  types.includes(value) || (Array.isArray(value) && value.length > 0 && value.every((each) => types.includes(each)));
const isText = (value: unknown) => typeof value === 'string';
const isNumber = (value: unknown) => typeof value === 'number';
const isCount = (value: unknown) => Number.isInteger(value) && (value as number) >= 0;
const isFlag = (value: unknown) => typeof value === 'boolean';
const isList = (value: unknown) => Array.isArray(value);
const isAnything = () => true;

/** Keywords whose value is no schema. One of another form would have clients refuse the tool, or all of them. */
const plain: ReadonlyMap<string, (value: unknown) => boolean> = new Map([
  ['type', isType],
  ...['format', 'title', 'description', 'contentEncoding', 'contentMediaType'].map((name) => [name, isText] as const),
  ...['maximum', 'exclusiveMaximum', 'minimum', 'exclusiveMinimum'].map((name) => [name, isNumber] as const),
  ...['maxLength', 'minLength', 'maxItems', 'minItems', 'maxProperties', 'minProperties'].map(
    (name) => [name, isCount] as const,
  ),
  ['multipleOf', (value) => typeof value === 'number' && value > 0],
  ['pattern', isPattern],
  ['enum', (value) => Array.isArray(value) && value.length > 0],
  ['examples', isList],
  ['uniqueItems', isFlag],
  ['deprecated', isFlag],
  ['default', isAnything],
  ['const', isAnything],
]);

/** Keywords whose value is a schema. */
const single: ReadonlySet<string> = new Set([
  ...['items', 'additionalProperties', 'not', 'contains', 'propertyNames', 'if', 'then', 'else'],
]);

const several: ReadonlySet<string> = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems']);

const named: ReadonlySet<string> = new Set(['properties', 'patternProperties']);

/** Writes schemas of a document as one schema of JSON Schema 2020-12 that needs nothing else: `$defs` hold what it refers to. */
export class SchemaWriter {
  readonly #source: SchemaSource;
  readonly #budget: Budget;
  readonly #direction: Direction;
  /** Whether a text may stand for bytes. */
  readonly #hasFiles: boolean;
  readonly #names = new Map<string, string>();
  /** How many definitions would have a name. */
  readonly #taken = new Map<string, number>();
  readonly #waiting: string[] = [];

  constructor(source: SchemaSource, budget: Budget, direction: Direction, hasFiles = false) {
    this.#source = source;
    this.#budget = budget;
    this.#direction = direction;
    this.#hasFiles = hasFiles;
  }

  /** A schema; what is beyond the budget may be anything. */
  write(schema: unknown): JsonObject {
    return this.#write(schema, 0);
  }

  /** What was referred to. To be called when everything else is written. */
  definitions(): { $defs?: JsonObject } {
    const definitions: [string, JsonObject][] = [];
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      definitions.push([this.#names.get(next) as string, this.#write(this.#source.references.find(next), 0)]);
    }
    return definitions.length > 0 ? { $defs: Object.fromEntries(definitions) } : {};
  }

  #write(schema: unknown, depth: number): JsonObject {
    if (schema === false) return { not: {} };
    if (!isObject(schema) || depth > deepest || !this.#budget.spend(objectWeight)) return {};
    if (typeof schema.$ref === 'string') return this.#follow(schema.$ref, schema, depth);
    const written: [string, unknown][] = [];
    for (const [keyword, value] of Object.entries(schema)) {
      const kept = this.#keyword(keyword, value, schema, depth);
      if (kept !== undefined) written.push([keyword, kept]);
    }
    const { example } = schema;
    if (example !== undefined && schema.examples === undefined && this.#spend(example)) {
      written.push(['examples', [example]]);
    }
    return this.#inJsonSchema(Object.fromEntries(written), schema);
  }

  #follow(reference: string, { description }: JsonObject, depth: number): JsonObject {
    const { references, weights } = this.#source;
    const target = references.find(reference);
    if (!isObject(target) || weights.isHollow(reference)) return {};
    const told = typeof description === 'string' && this.#budget.spend(description.length) ? { description } : {};
    if (depth <= deepestInlined && weights.isInlined(reference)) return { ...this.#write(target, depth + 1), ...told };
    return { $ref: `#/$defs/${this.#nameOf(reference)}`, ...told };
  }

  #nameOf(reference: string): string {
    const known = this.#names.get(reference);
    if (known !== undefined) return known;
    const last = reference.slice(reference.lastIndexOf('/') + 1);
    const plainName = last.replace(/[^A-Za-z0-9_-]+/g, '_').slice(0, 60) || 'schema';
    const number = (this.#taken.get(plainName) ?? 0) + 1;
    this.#taken.set(plainName, number);
    // A point is in no other name.
    const name = number === 1 ? plainName : `${plainName}.${number}`;
    this.#names.set(reference, name);
    this.#waiting.push(reference);
    return name;
  }

  #spend(value: unknown): boolean {
    return this.#budget.spend(this.#source.weights.lengthOf(value));
  }

  #keyword(keyword: string, value: unknown, schema: JsonObject, depth: number): unknown {
    if (keyword === 'required') return this.#required(value, schema);
    const isUsable = plain.get(keyword);
    if (isUsable) return isUsable(value) && this.#spend(value) ? value : undefined;
    if (single.has(keyword)) {
      // A list of schemas for items is what prefixItems were before 2020-12.
      if (Array.isArray(value)) return undefined;
      return typeof value === 'boolean' ? value : this.#write(value, depth + 1);
    }
    if (several.has(keyword))
      return Array.isArray(value) ? value.map((each) => this.#write(each, depth + 1)) : undefined;
    if (!named.has(keyword) || !isObject(value)) return undefined;
    const members = Object.entries(value).filter(
      ([name, member]) => !this.#isHidden(member) && this.#budget.spend(name.length),
    );
    return Object.fromEntries(members.map(([name, member]) => [name, this.#write(member, depth + 1)]));
  }

  /** What only the service sets is not asked for, and what it never tells is not promised. */
  #isHidden(schema: unknown): boolean {
    const target = this.#source.references.resolve(schema);
    return (this.#direction === 'request' ? target?.readOnly : target?.writeOnly) === true;
  }

  #required(value: unknown, { properties }: JsonObject): unknown {
    if (!Array.isArray(value)) return undefined;
    const known = isObject(properties) ? properties : {};
    const names = value.filter((name) => typeof name === 'string');
    const asked = names.filter((name) => !Object.hasOwn(known, name) || !this.#isHidden(known[name]));
    return asked.length > 0 && this.#spend(asked) ? asked : undefined;
  }

  #inJsonSchema(written: JsonObject, schema: JsonObject): JsonObject {
    let result = written;
    if (this.#hasFiles && isFile(schema)) {
      const { format, ...rest } = result;
      result = { ...rest, type: 'string', contentEncoding: 'base64' };
    } else if (schema.type === 'file') result = { ...result, type: 'string' };
    return this.#source.isOlder ? fromOlder(result, schema) : result;
  }
}

/** Whether a schema of a field says that it holds a file. */
export function isFile({ type, format, contentMediaType, contentEncoding }: JsonObject): boolean {
  if (type === 'file') return true;
  if (type === 'string' && format === 'binary') return true;
  return typeof contentMediaType === 'string' && contentEncoding === undefined && (type ?? 'string') === 'string';
}

/** https://spec.openapis.org/oas/v3.0.4.html#schema-object */
function fromOlder(written: JsonObject, schema: JsonObject): JsonObject {
  const { minimum, maximum, type, enum: values, ...rest } = written;
  const isAbove = schema.exclusiveMinimum === true && minimum !== undefined;
  const isBelow = schema.exclusiveMaximum === true && maximum !== undefined;
  // Swagger 2.0 has no word for it; this one is the usual one.
  const isNullable = schema.nullable === true || schema['x-nullable'] === true;
  return {
    ...(type !== undefined && { type: isNullable ? [...new Set([type, 'null'].flat())] : type }),
    ...rest,
    ...(minimum !== undefined && { [isAbove ? 'exclusiveMinimum' : 'minimum']: minimum }),
    ...(maximum !== undefined && { [isBelow ? 'exclusiveMaximum' : 'maximum']: maximum }),
    ...(Array.isArray(values) && { enum: isNullable ? [...new Set([...values, null])] : values }),
  };
}

/** Patterns may be those of another language, which clients cannot read. */
function isPattern(value: unknown): boolean {
  try {
    return typeof value === 'string' && new RegExp(value, 'u') !== undefined;
  } catch {
    return false;
  }
}
