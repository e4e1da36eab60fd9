import type { BackendInput } from '../../../gateway-runtime/src/config/index.js';
import type { Era } from '../../../gateway-runtime/src/config/versions.js';
import { startGateway } from '../../helpers/gateway-instance.js';
import type { PeerTarget } from '../../helpers/peer-client.js';
import { type ClientSdk, clients } from '../../helpers/peer-clients.js';
import { features } from './features.js';
import { normal } from './normal.js';

/** A client in one of the eras that it knows. */
export type Client = readonly [ClientSdk, Era];

/** Every client in every era that it knows. */
export const allClients: readonly Client[] = [
  ['typescript-1', 'legacy'],
  ['typescript-2', 'legacy'],
  ['typescript-2', 'modern'],
  ['python-1', 'legacy'],
  ['python-2', 'legacy'],
  ['python-2', 'modern'],
  ['fastmcp', 'legacy'],
  ['fastmcp', 'modern'],
];

/** What a client saw, by the names of features. */
export type Seen = Record<string, unknown>;

/** All that a client sees of the features of a server, by their names. */
export async function observe(
  client: ClientSdk,
  target: PeerTarget,
  era: Era,
  lacks: readonly string[] = [],
): Promise<Seen> {
  const session = await clients[client](target, era);
  const seen: Seen = {};
  for (const [name, feature] of Object.entries(features).filter(([name]) => !lacks.includes(name))) {
    session.heard.length = 0;
    seen[name] = normal(await feature(session).catch((error: Error) => ({ thrown: error.message })));
  }
  await session.close();
  return seen;
}

/** Names of features of which nothing was seen but that they do not work. */
export function failures(seen: Seen): string[] {
  const isFailure = (text: string) => /"(thrown|error|isError)":|"heard":\[\]|^\[\]$/.test(text);
  return Object.keys(seen).filter((name) => !name.startsWith('error of') && isFailure(JSON.stringify(seen[name])));
}

/** How a backend is configured. */
export function backendOf(target: PeerTarget): BackendInput {
  const { transport } = target;
  const connection =
    transport === 'stdio'
      ? { command: target.command, args: [...target.args] }
      : { url: target.url, transport: transport === 'sse' ? transport : ('streamable_http' as const) };
  return { name: 'sink', namespace_tools: false, ...connection };
}

/** What a gateway in front of a backend serves over HTTP. */
export async function gatewayOf(backend: PeerTarget): Promise<PeerTarget> {
  const gateway = await startGateway({ backends: [backendOf(backend)] });
  await gateway.waitFor('sink', 'connected');
  return { transport: 'http', url: gateway.url };
}
