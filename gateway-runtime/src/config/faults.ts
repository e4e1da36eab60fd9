import type { z } from 'zod';
import type { ConfigFault } from '../errors.js';

/** Fields whose value, or anything below it, may be a secret: a fault never quotes them. */
const secretFields = new Set([
  'api_key',
  'args',
  'bearer_token',
  'client_secret',
  'data_key',
  'env',
  'headers',
  'jwt_public_key',
  'key',
  'password',
  'public_key',
  'static_tokens',
  'static_tokens_file',
  'token_sha256',
]);

/**
 * Turns what zod found into faults with a readable path, without ever quoting a secret.
 *
 * @param at Where in `input` the schema was applied.
 */
export function toFaults(error: z.core.$ZodError, input: unknown, at: readonly PropertyKey[] = []): ConfigFault[] {
  return error.issues.flatMap((found): ConfigFault[] => {
    const issue = { ...found, path: [...at, ...found.path] };
    if (issue.code === 'unrecognized_keys') {
      const messages = issue.message.split('\n');
      const isBelowTokens = issue.path.includes('static_tokens');
      const keys = Object.keys(Object(valueAt(input, issue.path)));
      return issue.keys.map((key, index) => ({
        // Below static tokens, a key that is unknown may be a token that slipped.
        path: formatPath([...issue.path, isBelowTokens ? keys.indexOf(key) : key], input),
        message: messages[index] ?? issue.message,
      }));
    }
    const path = formatPath(issue.path, input);
    if (issue.code === 'custom') return [{ path, message: issue.message }];
    if (issue.code === 'invalid_key') return issue.issues.map((inner) => ({ path, message: keyFault(inner) }));
    return [{ path, message: expectation(issue, valueAt(input, issue.path)) }];
  });
}

function expectation(issue: z.core.$ZodIssue, value: unknown): string {
  const expected = issue.code === 'invalid_value' ? `one of ${issue.values.map(quote).join(', ')}` : issue.message;
  if (value === undefined) return `expected ${expected}, but it is missing`;
  const secret = issue.path.some((segment) => secretFields.has(String(segment)));
  return `expected ${expected}, got ${secret ? typeName(value) : quote(value)}`;
}

function keyFault(issue: z.core.$ZodIssue): string {
  return issue.code === 'custom' ? issue.message : `expected ${issue.message}`;
}

/** `['backends', 2, 'url']` as `backends[2].url`. A static token is a key of its object: its position stands in. */
export function formatPath(path: readonly PropertyKey[], input?: unknown): string {
  return path.reduce<string>((text, segment, index) => {
    if (typeof segment === 'number') return `${text}[${segment}]`;
    if (path[index - 1] === 'static_tokens') {
      const tokens = Object.keys(Object(valueAt(input, path.slice(0, index))));
      return `${text}[${tokens.indexOf(String(segment))}]`;
    }
    const key = String(segment);
    if (!/^[\w$-]+$/.test(key)) return `${text}[${JSON.stringify(key)}]`;
    return text === '' ? key : `${text}.${key}`;
  }, '');
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, segment) => (Object(value) as Record<PropertyKey, unknown>)[segment], input);
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (value === '') return 'an empty string';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** A value as a fault shows it: short, and a URL without its user, password, query and fragment. */
export function quote(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(shorten(withoutCredentials(value)));
  return typeof value === 'object' && value !== null ? typeName(value) : String(value);
}

/** The names that could have been meant, as a fault lists them. */
export function knownNames(names: Iterable<string>): string {
  const quoted = [...names].map(quote);
  return quoted.length > 0 ? `known: ${quoted.join(', ')}` : 'there are none';
}

function shorten(value: string): string {
  return value.length > 120 ? `${value.slice(0, 117)}...` : value;
}

/** A URL without the parts that may hold a secret; any other text unchanged. */
export function withoutCredentials(value: string): string {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(value)) return value;
  return value.replace(/[?#].*$/s, '').replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/]*@/i, '$1');
}
