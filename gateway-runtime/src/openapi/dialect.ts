import { isObject, type JsonObject } from '../contracts/json-rpc.js';
import type { Operation } from './operation.js';
import type { References } from './references.js';

/** What dialects tell of an operation. */
export type Described = Pick<Operation, 'parameters' | 'body' | 'answer'>;

/** What a dialect needs to know besides the operation. */
export interface DialectContext {
  readonly document: JsonObject;
  readonly references: References;
}

/** What one version of the format makes of an operation. @throws {Unusable} */
export type Dialect = (operation: JsonObject, parameters: readonly JsonObject[], context: DialectContext) => Described;

/** An operation that cannot be a tool; the message says why, to follow a colon. */
export class Unusable extends Error {}

/** What a member that may be a reference stands for. @throws {Unusable} */
export function found(value: unknown, { references }: DialectContext): JsonObject {
  const target = references.resolve(value);
  if (target) return target;
  const reference = isObject(value) ? JSON.stringify(String(value.$ref).slice(0, 100)) : 'something';
  throw new Unusable(`it refers to ${reference}, which is not in this document`);
}

/** The parameters of an operation: its own, and those of its path that it does not describe anew. @throws {Unusable} */
export function parametersOf(operation: JsonObject, shared: JsonObject, context: DialectContext): JsonObject[] {
  const listed = [shared.parameters, operation.parameters].flatMap((list) => (Array.isArray(list) ? list : []));
  const parameters = listed
    .map((parameter) => found(parameter, context))
    .filter(({ name, in: place }) => {
      return typeof name === 'string' && name !== '' && typeof place === 'string';
    });
  return [...new Map(parameters.map((each) => [`${each.in} ${each.name}`, each])).values()];
}

/** The type of a body that is easiest to fill in: JSON, then a form, then text. */
export function bestType(types: readonly string[], rank: readonly string[], kindOf: (type: string) => string) {
  const usable = types.filter((type) => /^[\w.+*-]+\/[\w.+*-]+\s*(;[\x20-\x7e]*)?$/.test(type));
  return usable.sort((a, b) => rank.indexOf(kindOf(a)) - rank.indexOf(kindOf(b)))[0];
}

/** A text that somebody wrote. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

/** The member of an object that stands for success: 200, the first other one of 2xx, or the range. */
export function successIn(responses: unknown): unknown {
  if (!isObject(responses)) return undefined;
  const statuses = Object.keys(responses).filter((status) => /^2(\d\d|XX)$/i.test(status));
  const status = statuses.includes('200') ? '200' : statuses.sort()[0];
  return status === undefined ? undefined : responses[status];
}
