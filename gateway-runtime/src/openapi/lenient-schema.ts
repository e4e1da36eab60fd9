import { isObject, type JsonObject } from '../contracts/json-rpc.js';

/** Keywords by which a schema tells of values without refusing any but those of another type. */
const kept: ReadonlySet<string> = new Set(['title', 'description', 'deprecated', 'examples', '$ref']);

/** Parts of an answer, and of its schema, that are compared: two references to each other would never end. */
const mostSteps = 500_000;

/** Levels of an answer that are compared. */
const deepest = 200;

/**
 * A schema that only says what an answer is made of. Clients refuse a result that does not fit the schema of its tool, and
 * services answer more loosely than their documents say: nothing is required, and everything may be null.
 */
export function lenient(schema: JsonObject): JsonObject {
  const result: [string, unknown][] = [];
  for (const [keyword, value] of Object.entries(schema)) {
    if (kept.has(keyword)) result.push([keyword, value]);
    else if (keyword === 'type') result.push(['type', withNull(value)]);
    else if (keyword === 'items' && isObject(value)) result.push(['items', lenient(value)]);
    else if (keyword === 'additionalProperties' && isObject(value)) result.push([keyword, lenient(value)]);
    else if (keyword === 'properties' || keyword === '$defs') result.push([keyword, lenientMembers(value)]);
    else if (keyword === 'allOf' && Array.isArray(value)) result.push(['allOf', value.map(lenient)]);
    else if ((keyword === 'anyOf' || keyword === 'oneOf') && Array.isArray(value)) {
      // Without what told them apart, several of them may fit.
      result.push(['anyOf', [...value.map(lenient), { type: ['null'] }]]);
    }
  }
  return Object.fromEntries(result);
}

function lenientMembers(value: unknown): JsonObject {
  const members = Object.entries(isObject(value) ? value : {});
  return Object.fromEntries(members.map(([name, member]) => [name, isObject(member) ? lenient(member) : {}]));
}

function withNull(type: unknown): unknown {
  const types = [type].flat().map((each) => (each === 'integer' ? 'number' : each));
  return [...new Set([...types, 'null'])];
}

/** The members of an answer that fit a lenient schema; the others would have clients refuse all of them. */
export function fitting(answer: JsonObject, schema: JsonObject): JsonObject {
  const fitter = new Fitter(schema);
  if (fitter.fits(answer)) return answer;
  return Object.fromEntries(Object.entries(answer).filter(([name, value]) => fitter.fits({ [name]: value })));
}

class Fitter {
  readonly #root: JsonObject;
  #steps = 0;

  constructor(root: JsonObject) {
    this.#root = root;
  }

  fits(value: unknown, schema: unknown = this.#root, depth = 0): boolean {
    if (!isObject(schema)) return true;
    this.#steps += 1;
    if (depth > deepest || this.#steps > mostSteps) return false;
    const next = (inner: unknown, described: unknown) =>
      described === undefined || this.fits(inner, described, depth + 1);
    if (typeof schema.$ref === 'string' && !next(value, definitionOf(schema.$ref, this.#root))) return false;
    if (Array.isArray(schema.type) && !schema.type.includes(typeOf(value))) return false;
    if (Array.isArray(schema.allOf) && !schema.allOf.every((each) => next(value, each))) return false;
    if (Array.isArray(schema.anyOf) && !schema.anyOf.some((each) => next(value, each))) return false;
    if (Array.isArray(value)) return value.every((item) => next(item, schema.items));
    if (!isObject(value)) return true;
    const described = isObject(schema.properties) ? schema.properties : {};
    return Object.entries(value).every(([name, member]) =>
      next(member, Object.hasOwn(described, name) ? described[name] : schema.additionalProperties),
    );
  }
}

function definitionOf(reference: string, { $defs }: JsonObject): unknown {
  const name = reference.slice('#/$defs/'.length);
  return isObject($defs) && Object.hasOwn($defs, name) ? $defs[name] : undefined;
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
