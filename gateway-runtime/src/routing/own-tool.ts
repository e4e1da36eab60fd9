import type { JsonObject } from '../contracts/json-rpc.js';

/** A tool that the gateway itself offers. */
export interface OwnTool {
  /** As clients see it. */
  readonly item: JsonObject & { readonly name: string };
  /** @returns what it found, which is both the text and the structured content of its result @throws {WrongArgument} */
  call(args: JsonObject): JsonObject | Promise<JsonObject>;
}

/** Arguments that a tool cannot do anything with; the message tells the model what to send. */
export class WrongArgument extends Error {}

/** What a tool found, for clients that read structured content and for those that read text. */
export function resultOf(found: JsonObject): JsonObject {
  return { content: [{ type: 'text', text: JSON.stringify(found) }], structuredContent: found };
}

/** Something that went wrong, said to the model. */
export function failure(text: string): JsonObject {
  return { content: [{ type: 'text', text }], isError: true };
}

/** An argument that is a text; `undefined` when it is left out. @throws {WrongArgument} */
export function textArgument(args: JsonObject, name: string): string | undefined {
  const value = args[name];
  if (value === undefined || typeof value === 'string') return value;
  throw new WrongArgument(`${name} must be a string`);
}

/** A date, or a time that says its zone. https://www.rfc-editor.org/rfc/rfc3339 */
const timeForm = /^\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:\d\d))?$/;

/** An argument that is a time, in UTC to the millisecond; `undefined` when it is left out. @throws {WrongArgument} */
export function timeArgument(args: JsonObject, name: string): string | undefined {
  const given = textArgument(args, name);
  if (given === undefined) return undefined;
  const time = timeForm.test(given) ? Date.parse(given) : Number.NaN;
  if (!Number.isNaN(time)) return new Date(time).toISOString();
  throw new WrongArgument(`${name} must be a time such as 2026-11-23T07:00:00Z`);
}

/** An argument that is a whole number from 1 on. @throws {WrongArgument} */
export function countArgument(
  args: JsonObject,
  name: string,
  { usual, most }: { usual: number; most: number },
): number {
  const value = args[name] ?? usual;
  if (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= most) return value as number;
  throw new WrongArgument(`${name} must be a whole number from 1 to ${most}`);
}
