import type { HttpBackend } from '../../config/backend.js';
import type { OutboundAuth } from '../../config/identity.js';
import { Credential } from './credential.js';
import type { OutboundDependencies } from './dependencies.js';

/** Sends a key in a header of the backend's choice. */
export function apiKey(backend: HttpBackend, { environment }: OutboundDependencies): OutboundAuth {
  const { api_key: value, api_key_env: variable, api_key_file: file, api_key_header: header } = backend;
  const key = new Credential({ value, variable, file }, environment);
  return {
    headers: async () => ({ [header.toLowerCase()]: await key.read() }),
    refresh: () => key.refresh(),
  };
}
