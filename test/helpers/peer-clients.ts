import type { PeerConnect } from './peer-client.js';
import { connectFastMcp, connectPython1, connectPython2 } from './peer-python.js';
import { connectTypeScript1, connectTypeScript2 } from './peer-typescript.js';

/** Clients by the SDK they are written with. */
export const clients = {
  'typescript-1': connectTypeScript1,
  'typescript-2': connectTypeScript2,
  'python-1': connectPython1,
  'python-2': connectPython2,
  fastmcp: connectFastMcp,
} satisfies Record<string, PeerConnect>;

/** The SDK of a client. */
export type ClientSdk = keyof typeof clients;
