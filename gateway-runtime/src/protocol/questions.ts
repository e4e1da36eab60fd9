import type { ClientProfile } from '../contracts/client.js';
import { isObject, type JsonObject } from '../contracts/json-rpc.js';

/** What a client has to be able to do to be asked. */
const needed: Readonly<Record<string, string>> = {
  'sampling/createMessage': 'sampling',
  'elicitation/create': 'elicitation',
  'roots/list': 'roots',
  'tasks/get': 'tasks',
  'tasks/result': 'tasks',
  'tasks/list': 'tasks',
  'tasks/cancel': 'tasks',
};

/**
 * Whether a client said that it can answer this, in the way in which it is asked. Of methods that the protocol does not know,
 * whoever knows anything decides.
 * https://modelcontextprotocol.io/specification/2025-11-25/client/elicitation#capabilities
 * https://modelcontextprotocol.io/specification/2025-11-25/client/sampling#capabilities
 */
export function canAnswer({ capabilities }: ClientProfile, method: string, params: JsonObject): boolean {
  const name = Object.hasOwn(needed, method) ? (needed[method] as string) : undefined;
  if (name === undefined) return Object.keys(capabilities).length > 0;
  const capability = capabilities[name];
  if (!isObject(capability)) return false;
  if (name === 'elicitation') return canElicit(capability, params);
  return name !== 'sampling' || params.tools === undefined || isObject(capability.tools);
}

/** Clients that name no mode know forms, as all did at first. */
function canElicit(capability: JsonObject, { mode = 'form' }: JsonObject): boolean {
  if (mode === 'form' && !isObject(capability.url)) return true;
  return typeof mode === 'string' && isObject(capability[mode]);
}
