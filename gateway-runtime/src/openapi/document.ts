import { CORE_SCHEMA, load } from 'js-yaml';
import { isObject, type JsonObject } from '../contracts/json-rpc.js';
import { UpstreamError } from '../errors.js';

/** Members and list items of a document that are taken in, also where an alias of YAML stands for them once more. */
const mostNodes = 1_000_000;

/** Far deeper than any schema needs to be. */
const deepest = 100;

/** Aliases of a YAML document. */
const mostAliases = 1000;

const versions = /^(3\.[0-2](\.|$)|2\.0$)/;

/** A document that describes a service. */
export interface OpenApiDocument {
  /** What it says, made of plain objects without a member `__proto__`. */
  readonly content: JsonObject;
  /** `2.0` for Swagger, else `3.0` and so on. */
  readonly version: string;
}

/**
 * Reads a document in JSON or YAML.
 * @throws {UpstreamError} when it is none, is of another version, or is too large or too deep
 */
export function readDocument(bytes: Buffer): OpenApiDocument {
  const text = new TextDecoder().decode(bytes);
  const content = copied(parsed(text), { nodes: 0 }, 0);
  if (!isObject(content)) throw new UpstreamError('has a document that is not an OpenAPI document');
  const version = content.openapi ?? content.swagger;
  if (typeof version !== 'string') {
    throw new UpstreamError('has a document that is not an OpenAPI document: it names no version');
  }
  if (!versions.test(version)) {
    const named = JSON.stringify(version.slice(0, 20));
    throw new UpstreamError(`has a document of OpenAPI ${named}; 2.0 (Swagger) and 3.0 to 3.2 can be read`);
  }
  return { content, version: version.slice(0, 3) };
}

function parsed(text: string): unknown {
  try {
    if (/^\s*[{[]/.test(text)) return JSON.parse(text);
    return load(text, { schema: CORE_SCHEMA, maxAliases: mostAliases, maxDepth: deepest });
  } catch {
    throw new UpstreamError('has a document that is neither JSON nor YAML');
  }
}

/** A copy that is a tree, whatever aliases made of it, and in which no member can be mistaken for a prototype. */
function copied(value: unknown, count: { nodes: number }, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > deepest) throw new UpstreamError(`has a document that is nested more than ${deepest} levels deep`);
  count.nodes += 1;
  if (count.nodes > mostNodes) throw new UpstreamError(`has a document of more than ${mostNodes} objects`);
  if (Array.isArray(value)) return value.map((item) => copied(item, count, depth + 1));
  const members = Object.entries(value).filter(([name]) => name !== '__proto__');
  return Object.fromEntries(members.map(([name, member]) => [name, copied(member, count, depth + 1)]));
}
