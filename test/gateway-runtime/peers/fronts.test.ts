import { join } from 'node:path';
import { makeDirectory } from '../../helpers/gateway-directory.js';
import { startGateway } from '../../helpers/gateway-instance.js';
import type { PeerTarget } from '../../helpers/peer-client.js';
import { startPeerServer } from '../../helpers/peer-servers.js';
import { describePython } from '../../helpers/python.js';
import { allClients, backendOf, observe } from './observation.js';

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
