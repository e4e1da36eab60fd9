import type { ClientProfile } from '../config/client.js';
import { isObject } from '../config/json-rpc.js';

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

/** Whether a client said that it can answer this. Of methods that the protocol does not know, whoever knows anything decides. */
export function canAnswer({ capabilities }: ClientProfile, method: string): boolean {
  const capability = Object.hasOwn(needed, method) ? (needed[method] as string) : undefined;
  return capability === undefined ? Object.keys(capabilities).length > 0 : isObject(capabilities[capability]);
}
