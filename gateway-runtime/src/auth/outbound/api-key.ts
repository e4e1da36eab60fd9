import type { HttpBackend } from '../../config/backend.js';
import type { OutboundAuth } from '../../contracts/identity.js';
import { Credential } from './credential.js';
import type { OutboundDependencies } from './dependencies.js';

/** Sends a key in a header of the backend's choice. */
export function apiKey(backend: HttpBackend, dependencies: OutboundDependencies): OutboundAuth {
  const key = new Credential(backend, 'api_key', dependencies);
  const header = backend.api_key_header.toLowerCase();
  return {
    headers: async () => ({ [header]: await key.readWord() }),
    refresh: async (refused) => refused[header] !== (await key.readWord()) || key.refresh(),
  };
}
