import { isObject, type JsonObject } from '../contracts/json-rpc.js';
import { decodeHeader, encodeHeader } from './header-value.js';

/** An argument of a tool that is said in a header, too. */
export interface ParamHeader {
  /** Name of the header in lower case: `mcp-param-region`. */
  readonly header: string;
  /** Names of the properties that lead to it from the root of the arguments. */
  readonly path: readonly string[];
}

/** What the annotations of one input schema say. */
export interface ParamHeaders {
  readonly headers: readonly ParamHeader[];
  /** Why the tool must not be offered over Streamable HTTP; undefined when all is well. */
  readonly fault?: string;
}

/**
 * Most annotations of one schema, and most properties on the way to one. A Node.js server takes 16 KiB of headers in all:
 * https://nodejs.org/api/cli.html#--max-http-header-sizesize
 */
const most = { annotations: 64, depth: 32 };

/** Keywords whose value is a schema or a list of schemas. */
const schemas = [
  ...['items', 'prefixItems', 'additionalItems', 'unevaluatedItems', 'contains', 'contentSchema'],
  ...['additionalProperties', 'unevaluatedProperties', 'propertyNames'],
  ...['allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else'],
];

/** Keywords whose members are schemas. */
const schemaMaps = ['patternProperties', 'dependentSchemas', 'dependencies', '$defs', 'definitions'];

const token = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;
const types: readonly unknown[] = ['string', 'integer', 'boolean'];

/** A place in a schema; linked, so that deep schemas cost no more than their length. */
interface Place {
  readonly schema: unknown;
  /** The property it describes; undefined at the root. */
  readonly name?: string;
  readonly above?: Place;
  readonly depth: number;
  /** Whether only properties lead to it. */
  readonly reachable: boolean;
}

const known = new WeakMap<JsonObject, ParamHeaders>();

/**
 * The arguments that a tool wants in headers, by the `x-mcp-header` annotations of its input schema.
 * https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#schema-extension
 */
export function paramHeadersOf(inputSchema: unknown): ParamHeaders {
  if (!isObject(inputSchema)) return { headers: [] };
  let found = known.get(inputSchema);
  if (!found) {
    found = findHeaders(inputSchema);
    known.set(inputSchema, found);
  }
  return found;
}

function findHeaders(inputSchema: JsonObject): ParamHeaders {
  const headers = new Map<string, ParamHeader>();
  const places: Place[] = [{ schema: inputSchema, depth: 0, reachable: true }];
  for (let place = places.pop(); place; place = places.pop()) {
    const { schema } = place;
    if (!isObject(schema)) continue;
    if (Object.hasOwn(schema, 'x-mcp-header')) {
      const name = schema['x-mcp-header'];
      const fault = faultOf(name, schema.type, place);
      if (fault) return { headers: [], fault };
      const header = `mcp-param-${String(name).toLowerCase()}`;
      if (headers.has(header)) return { headers: [], fault: `"x-mcp-header" names ${header} twice` };
      headers.set(header, { header, path: pathOf(place) });
      if (headers.size > most.annotations)
        return { headers: [], fault: `more than ${most.annotations} "x-mcp-header"` };
    }
    for (const next of below(schema, place)) places.push(next);
  }
  return { headers: [...headers.values()] };
}

function faultOf(name: unknown, type: unknown, { reachable, depth }: Place): string | undefined {
  if (!reachable || depth === 0) return '"x-mcp-header" stands where no chain of properties leads';
  if (depth > most.depth) return `"x-mcp-header" lies more than ${most.depth} properties deep`;
  if (typeof name !== 'string' || !token.test(name)) return '"x-mcp-header" is not the name of a header';
  return types.includes(type) ? undefined : '"x-mcp-header" is only for strings, integers and booleans';
}

function* below(schema: JsonObject, above: Place): Generator<Place> {
  const depth = above.depth + 1;
  for (const [name, property] of membersOf(schema.properties)) {
    yield { schema: property, name, above, depth, reachable: above.reachable };
  }
  const elsewhere = { above, depth, reachable: false };
  for (const keyword of schemas) {
    for (const part of [schema[keyword]].flat()) yield { ...elsewhere, schema: part };
  }
  for (const keyword of schemaMaps) {
    for (const [, part] of membersOf(schema[keyword])) yield { ...elsewhere, schema: part };
  }
}

function membersOf(value: unknown): [string, unknown][] {
  return isObject(value) ? Object.entries(value) : [];
}

function pathOf(place: Place): string[] {
  const path: string[] = [];
  for (let at: Place | undefined = place; at?.name !== undefined; at = at.above) path.unshift(at.name);
  return path;
}

/** The headers for a call with these arguments. Whatever is absent, `null` or not primitive is in no header. */
export function headersFor(inputSchema: unknown, args: unknown): Record<string, string> {
  const result: Record<string, string> = {};
  for (const { header, path } of paramHeadersOf(inputSchema).headers) {
    const text = textOf(valueAt(args, path));
    if (text !== undefined) result[header] = encodeHeader(text);
  }
  return result;
}

/**
 * Compares the headers of a call with its arguments.
 *
 * @param sent Headers as Node.js has them, names in lower case.
 * @returns the first header that is missing, or that does not say what the body says
 */
export function mismatchedHeader(
  inputSchema: unknown,
  args: unknown,
  sent: Readonly<Record<string, string | string[] | undefined>>,
): string | undefined {
  const differs = ({ header, path }: ParamHeader) => {
    const value = valueAt(args, path);
    const text = textOf(value);
    const raw = sent[header];
    const said = typeof raw === 'string' ? decodeHeader(raw) : undefined;
    if (text === undefined || said === undefined) return text !== undefined || raw !== undefined;
    return said !== text && !(typeof value === 'number' && said.trim() !== '' && Number(said) === value);
  };
  return paramHeadersOf(inputSchema).headers.find(differs)?.header;
}

function valueAt(args: unknown, path: readonly string[]): unknown {
  let value = args;
  for (const name of path) value = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return value;
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  const sayable = typeof value === 'boolean' || (typeof value === 'number' && !isUnsafe(value));
  return sayable ? String(value) : undefined;
}

/** Integers that a reader of JSON may have rounded. */
function isUnsafe(value: number): boolean {
  return Number.isInteger(value) && !Number.isSafeInteger(value);
}
