import type { JsonObject } from '../contracts/json-rpc.js';

/** Whether a claim has one of the accepted values. It may hold several, such as groups; one that is no text counts as its JSON: `true`. */
export function hasAccepted(claims: JsonObject | undefined, claim: string, accepted: readonly string[]): boolean {
  if (!claims || !Object.hasOwn(claims, claim)) return false;
  return [claims[claim]]
    .flat()
    .some((value) => accepted.includes(typeof value === 'string' ? value : JSON.stringify(value)));
}
