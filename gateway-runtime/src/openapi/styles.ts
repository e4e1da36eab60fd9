import { isObject } from '../contracts/json-rpc.js';
import type { Writing } from './operation.js';
import { WrongArguments } from './wrong-arguments.js';

/** Levels of an object within brackets: `filter[price][min]=1`. */
const deepest = 8;

/** A value of which a parameter is made. */
type Encode = (text: string) => string;

/**
 * The value of a parameter of the path, or of a header, without its name.
 * https://spec.openapis.org/oas/v3.1.1.html#style-examples
 * @throws {WrongArguments}
 */
export function written(name: string, value: unknown, { style, explode, isJson }: Writing, encode: Encode): string {
  if (isJson) return encode(JSON.stringify(value));
  const key = encode(name);
  const lead = { label: '.', matrix: ';' }[style as string] ?? '';
  const between = explode && lead ? lead : ',';
  const named = style === 'matrix' ? `${key}=` : '';
  if (Array.isArray(value)) {
    const items = value.map((item) => encode(textOf(name, item)));
    return explode && named ? items.map((item) => lead + named + item).join('') : lead + named + items.join(between);
  }
  if (isObject(value)) {
    const members = membersOf(name, value).map(([member, text]) => [encode(member), encode(text)] as const);
    if (explode) return lead + members.map((pair) => pair.join('=')).join(between);
    return lead + named + members.flat().join(',');
  }
  return lead + named + encode(textOf(name, value));
}

/** What a parameter adds to a query, a form or a cookie: `name=value`, or several of them. @throws {WrongArguments} */
export function pairs(name: string, value: unknown, writing: Writing): string[] {
  const { style, explode, isJson } = writing;
  const encode = writing.allowReserved ? encodeUnreserved : encodeText;
  const key = encodeText(name);
  if (isJson) return [`${key}=${encode(JSON.stringify(value))}`];
  if (style === 'deepObject' && isObject(value)) return deepPairs(name, key, value, encode, 1);
  if (Array.isArray(value)) {
    const items = value.map((item) => encode(textOf(name, item)));
    if (items.length === 0) return [];
    if (explode) return items.map((item) => `${key}=${item}`);
    const between = { spaceDelimited: '%20', pipeDelimited: '%7C' }[style as string] ?? ',';
    return [`${key}=${items.join(between)}`];
  }
  if (isObject(value)) {
    const members = membersOf(name, value).map(([member, text]) => [encodeText(member), encode(text)] as const);
    return explode ? members.map((pair) => pair.join('=')) : [`${key}=${members.flat().join(',')}`];
  }
  return [`${key}=${encode(textOf(name, value))}`];
}

function deepPairs(name: string, key: string, value: object, encode: Encode, depth: number): string[] {
  if (depth > deepest) throw new WrongArguments(`${name} is nested too deeply`);
  return Object.entries(value).flatMap(([member, inner]) => {
    const path = `${key}%5B${encodeText(member)}%5D`;
    if (isObject(inner)) return deepPairs(name, path, inner, encode, depth + 1);
    const items = Array.isArray(inner) ? inner : [inner];
    return items.map((item) => `${path}=${encode(textOf(name, item))}`);
  });
}

function membersOf(name: string, value: object): [string, string][] {
  return Object.entries(value).map(([member, inner]) => [member, textOf(name, inner)]);
}

/** @throws {WrongArguments} for what has parts, where there is no way to write them */
export function textOf(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value === null) return '';
  throw new WrongArguments(`${name} holds lists or objects where only texts, numbers, true and false can be written`);
}

/** @throws {WrongArguments} for half a character */
export function encodeText(text: string): string {
  try {
    // These mean something in some URLs, which encodeURIComponent does not know.
    return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  } catch {
    throw new WrongArguments('a text holds half a character');
  }
}

/** Leaves what may stand in a query: not what ends a parameter, begins the next one, or is decoded to something else. */
function encodeUnreserved(text: string): string {
  return encodeText(text).replace(/%(2F|3A|3F|40|21|24|27|28|29|2A|2C|3B)/g, (code) => decodeURIComponent(code));
}
