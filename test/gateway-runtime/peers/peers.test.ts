import type { Era } from '../../../gateway-runtime/src/config/versions.js';
import type { PeerTarget } from '../../helpers/peer-client.js';
import type { ClientSdk } from '../../helpers/peer-clients.js';
import { type ServerSdk, startPeerServer, stdioServer } from '../../helpers/peer-servers.js';
import { describePython } from '../../helpers/python.js';
import type { FeatureName } from './features.js';
import { allClients, type Client, failures, gatewayOf, observe, type Seen } from './observation.js';

/** A server: the eras it speaks, whether it serves HTTP+SSE too, and the features it has no means for. */
interface ServerTraits {
  readonly eras: readonly Era[];
  /** Its own client, the others of its language, and those of the other era. */
  readonly clients: readonly Client[];
  readonly sse?: boolean;
  readonly lacks?: Partial<Record<Era, readonly FeatureName[]>>;
}

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
