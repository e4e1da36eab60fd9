import { join } from 'node:path';
import type { BackendInput } from '../../../gateway-runtime/src/config/index.js';
import type { Era } from '../../../gateway-runtime/src/config/versions.js';
import { makeDirectory } from '../../helpers/gateway-directory.js';
import { startGateway } from '../../helpers/gateway-instance.js';
import type { PeerTarget } from '../../helpers/peer-client.js';
import { type ClientSdk, clients } from '../../helpers/peer-clients.js';
import { type ServerSdk, startPeerServer, stdioServer } from '../../helpers/peer-servers.js';
import { describePython } from '../../helpers/python.js';
import { type FeatureName, features } from './features.js';
import { normal } from './normal.js';

type Client = readonly [ClientSdk, Era];

/** A server: the eras it speaks, whether it serves HTTP+SSE too, and the features it has no means for. */
interface ServerTraits {
  readonly eras: readonly Era[];
  /** Its own client, the others of its language, and those of the other era. */
  readonly clients: readonly Client[];
  readonly sse?: boolean;
  readonly lacks?: Partial<Record<Era, readonly FeatureName[]>>;
}

const allClients: readonly Client[] = [
  ['typescript-1', 'legacy'],
  ['typescript-2', 'legacy'],
  ['typescript-2', 'modern'],
  ['python-1', 'legacy'],
  ['python-2', 'legacy'],
  ['python-2', 'modern'],
  ['fastmcp', 'legacy'],
  ['fastmcp', 'modern'],
];

const ofFastMcp = [
  'error of the protocol',
  'question of a prompt',
  'question of a resource',
  'resource that changes',
] as const;

const servers: Record<ServerSdk, ServerTraits> = {
  'typescript-1': {
    eras: ['legacy'],
    clients: [
      ['typescript-1', 'legacy'],
      ['typescript-2', 'legacy'],
      ['python-2', 'modern'],
      ['fastmcp', 'modern'],
    ],
    sse: true,
  },
  'typescript-2': { eras: ['legacy', 'modern'], clients: allClients },
  'python-1': {
    eras: ['legacy'],
    clients: [
      ['python-1', 'legacy'],
      ['python-2', 'legacy'],
      ['python-2', 'modern'],
      ['typescript-2', 'modern'],
    ],
    sse: true,
  },
  'python-2': {
    eras: ['legacy', 'modern'],
    clients: [
      ['python-1', 'legacy'],
      ['python-2', 'legacy'],
      ['python-2', 'modern'],
      ['typescript-2', 'modern'],
    ],
    sse: true,
  },
  fastmcp: {
    eras: ['legacy', 'modern'],
    clients: [
      ['fastmcp', 'legacy'],
      ['fastmcp', 'modern'],
      ['typescript-1', 'legacy'],
      ['typescript-2', 'modern'],
    ],
    sse: true,
    // Without a session, FastMCP shows every client the same.
    lacks: { legacy: ofFastMcp, modern: [...ofFastMcp, 'lists that change'] },
  },
};

type Seen = Record<string, unknown>;

/** All that a client sees of the features of a server, by their names. */
async function observe(client: ClientSdk, target: PeerTarget, era: Era, lacks: readonly string[] = []): Promise<Seen> {
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
function failures(seen: Seen): string[] {
  const isFailure = (text: string) => /"(thrown|error|isError)":|"heard":\[\]|^\[\]$/.test(text);
  return Object.keys(seen).filter((name) => !name.startsWith('error of') && isFailure(JSON.stringify(seen[name])));
}

/** How a backend is configured. */
function backendOf(target: PeerTarget): BackendInput {
  const { transport } = target;
  const connection =
    transport === 'stdio'
      ? { command: target.command, args: [...target.args] }
      : { url: target.url, transport: transport === 'sse' ? transport : ('streamable_http' as const) };
  return { name: 'sink', namespace_tools: false, ...connection };
}

/** What a gateway in front of a backend serves over HTTP. */
async function gatewayOf(backend: PeerTarget): Promise<PeerTarget> {
  const gateway = await startGateway({ backends: [backendOf(backend)] });
  await gateway.waitFor('sink', 'connected');
  return { transport: 'http', url: gateway.url };
}

describePython.each(Object.entries(servers) as [ServerSdk, ServerTraits][])('a server of %s', (sdk, server) => {
  /** The era of a direct connection: a server of one era has no clients of the other. */
  const eraOf = (era: Era): Era => (server.eras.includes(era) ? era : 'legacy');
  const lacksOf = (era: Era) => server.lacks?.[eraOf(era)];
  let origin: string;
  let gateway: PeerTarget;
  const directly: Record<string, Promise<Seen>> = {};

  beforeAll(async () => {
    origin = await startPeerServer(sdk);
    gateway = await gatewayOf({ transport: 'http', url: `${origin}/mcp` });
  });

  /** What the pair sees when nothing is between them. */
  function direct(client: ClientSdk, era: Era): Promise<Seen> {
    const target = { transport: 'http', url: `${origin}/mcp` } as const;
    directly[`${client} ${eraOf(era)}`] ??= observe(client, target, eraOf(era), lacksOf(era));
    return directly[`${client} ${eraOf(era)}`] as Promise<Seen>;
  }

  test.each(server.clients)('offers a client of %s in the %s era all that it offers directly', async (client, era) => {
    const seen = await direct(client, era);
    expect(failures(seen)).toEqual([]);
    expect(await observe(client, gateway, era, lacksOf(era))).toEqual(seen);
  });

  const others = (['stdio', ...(server.sse ? ['sse' as const] : [])] as const).flatMap((transport) =>
    (['legacy', 'modern'] as const).map((era) => [transport, era] as const),
  );
  test.each(others)('offers the same over %s in the %s era', async (transport, era) => {
    const seen = await direct('typescript-2', era);
    const backend = transport === 'stdio' ? stdioServer(sdk) : { transport, url: `${origin}/sse` };
    expect(await observe('typescript-2', await gatewayOf(backend), era, lacksOf(era))).toEqual(seen);
  });
});

describePython('a gateway', () => {
  const directory = makeDirectory();
  let server: PeerTarget;
  let fronts: Record<'stdio' | 'sse', PeerTarget>;

  beforeAll(async () => {
    server = { transport: 'http', url: `${await startPeerServer('typescript-2')}/mcp` };
    const config = directory.write('gateway.json', { backends: [backendOf(server)] });
    const main = join(__dirname, '../../../gateway-runtime/dist/main.js');
    const { origin, waitFor } = await startGateway({ enable_sse: true, backends: [backendOf(server)] });
    await waitFor('sink', 'connected');
    fronts = {
      stdio: { transport: 'stdio', command: process.execPath, args: [main, '--stdio', '--config', config] },
      sse: { transport: 'sse', url: `${origin}/sse` },
    };
  });

  afterAll(() => directory.remove());

  const cells = allClients.flatMap(([client, era]) =>
    // The transport of 2024-11-05 is older than the modern era.
    (era === 'legacy' ? (['stdio', 'sse'] as const) : (['stdio'] as const)).map(
      (front) => [client, era, front] as const,
    ),
  );
  test.each(cells)(
    'offers a client of %s in the %s era over %s all that the server does',
    async (client, era, front) => {
      const seen = await observe(client, server, era);
      expect(await observe(client, fronts[front], era)).toEqual(seen);
    },
  );
});
