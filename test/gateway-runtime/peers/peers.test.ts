import type { Era } from '../../../gateway-runtime/src/config/versions.js';
import { startGateway } from '../../helpers/gateway-instance.js';
import type { PeerSession, PeerTarget } from '../../helpers/peer-client.js';
import { type ClientSdk, clients } from '../../helpers/peer-clients.js';
import { type ServerSdk, startPeerServer } from '../../helpers/peer-servers.js';
import { describePython } from '../../helpers/python.js';
import { features } from './features.js';
import { normal } from './normal.js';

const servers: readonly ServerSdk[] = ['typescript-1', 'typescript-2', 'python-1', 'python-2'];

/** The eras that each client has. */
const allClients: readonly (readonly [ClientSdk, Era])[] = [
  ['typescript-1', 'legacy'],
  ['typescript-2', 'legacy'],
  ['typescript-2', 'modern'],
  ['python-1', 'legacy'],
  ['python-2', 'legacy'],
  ['python-2', 'modern'],
];

/** All that a client saw of every feature, by its name. */
async function observe(session: PeerSession): Promise<Record<string, unknown>> {
  const seen: Record<string, unknown> = {};
  for (const [name, feature] of Object.entries(features)) {
    session.heard.length = 0;
    seen[name] = normal(await feature(session).catch((error: Error) => ({ thrown: error.message })));
  }
  await session.close();
  return seen;
}

async function connect(client: ClientSdk, target: PeerTarget, era: Era): Promise<Record<string, unknown>> {
  return observe(await clients[client](target, era));
}

/** What a gateway in front of a backend serves over HTTP. */
async function gatewayOf(backend: PeerTarget): Promise<PeerTarget> {
  const { transport } = backend;
  const connection =
    transport === 'stdio'
      ? { command: backend.command, args: [...backend.args] }
      : { url: backend.url, transport: transport === 'sse' ? transport : ('streamable_http' as const) };
  const gateway = await startGateway({ backends: [{ name: 'sink', namespace_tools: false, ...connection }] });
  await gateway.waitFor('sink', 'connected');
  return { transport: 'http', url: gateway.url };
}

describePython.each(servers)('a server of %s', (server) => {
  /** What the pair sees when nothing is between them. A server that knows the legacy era only has no clients of the other. */
  const eraOf = (era: Era): Era => (server.endsWith('1') ? 'legacy' : era);
  let direct: PeerTarget;
  let gateway: PeerTarget;

  beforeAll(async () => {
    direct = { transport: 'http', url: `${await startPeerServer(server)}/mcp` };
    gateway = await gatewayOf(direct);
  });

  test.each(allClients)('offers a client of %s in the %s era all that it offers directly', async (client, era) => {
    const seen = await connect(client, direct, eraOf(era));
    expect(await connect(client, gateway, era)).toEqual(seen);
  });
});
