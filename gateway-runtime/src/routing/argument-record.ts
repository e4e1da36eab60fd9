import { hash } from 'node:crypto';
import type { AuditConfig } from '../config/audit.js';
import { isObject, type JsonObject } from '../contracts/json-rpc.js';
import { redacted } from './redaction.js';

/** Characters of arguments up to which their members are sorted: sorting more would hold up other calls. */
const mostSorted = 64 * 1024;

/** What a record holds of the arguments of a call. */
export function argumentRecord(
  { arguments: form, redact }: Pick<AuditConfig, 'arguments' | 'redact'>,
  given: unknown,
): { arguments_sha256?: string; arguments?: JsonObject } {
  if (form === 'none' || !isObject(given)) return {};
  if (form === 'redacted') return { arguments: redacted(given, redact) };
  const sha256 = sha256Of(given);
  return sha256 === undefined ? {} : { arguments_sha256: sha256 };
}

/** SHA-256 of the JSON of arguments; `undefined` when they are nested too deeply to be written. */
function sha256Of(given: JsonObject): string | undefined {
  try {
    const asSent = JSON.stringify(given);
    const text = asSent.length > mostSorted || isInOrder(given) ? asSent : canonical(given);
    return hash('sha256', text, 'hex');
  } catch {
    return undefined;
  }
}

/** Whether the members of an object come in order already, and hold nothing that has an order of its own. */
function isInOrder(given: JsonObject): boolean {
  let before = '';
  for (const name in given) {
    if (name < before || typeof given[name] === 'object') return false;
    before = name;
  }
  return true;
}

/** The JSON of RFC 8785: without spaces, and with the members of objects in one order. https://www.rfc-editor.org/rfc/rfc8785 */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.keys(value).sort();
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join()}}`;
}
