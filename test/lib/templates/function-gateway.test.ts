import { dirname, join } from 'node:path';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { makeFunctionFolder } from '../../helpers/function-folder';
import {
  type FunctionContainer,
  type InvokeEndpoint,
  type StatusHandling,
  startContainer,
  startInvokeEndpoint,
} from '../../helpers/function-platform';
import { startGateway, type TestGateway, textOf } from '../../helpers/gateway-instance';
import { closeAtEnd } from '../../helpers/gateway-servers';
import { makeKeyPair, makeSessionToken, type SignatureGate, startSignatureGate } from '../../helpers/oci-signature';
import { describePython, pythonOf } from '../../helpers/python';

/** What a stack gives the gateway for a function, see `FunctionHosting`. */
const backend = {
  json_only: true,
  auth_method: 'resource_principal' as const,
  headers: { 'fn-intent': 'httprequest', 'fn-invoke-type': 'sync' },
};

/** A function of the example behind an invoke endpoint that checks signatures, and a gateway in front. */
interface Setup {
  readonly gateway: TestGateway;
  readonly client: Client;
  readonly gate: SignatureGate;
  readonly endpoint: InvokeEndpoint;
  readonly containers: readonly FunctionContainer[];
}

async function setUp(
  name: string,
  files: readonly string[],
  command: readonly string[],
  statusHandling: StatusHandling,
): Promise<Setup> {
  const folder = makeFunctionFolder(files);
  closeAtEnd(async () => folder.remove());
  const containers = await Promise.all([0, 1, 2].map(() => startContainer(command, { cwd: folder.path })));
  // A machine that runs other tests takes its time to load a server; what is tested here is not how long.
  const ping = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });
  await Promise.all(containers.map((container) => container.call(ping)));
  const endpoint = await startInvokeEndpoint(containers, statusHandling);
  const { publicKey, privateKey } = makeKeyPair();
  const gate = await startSignatureGate(endpoint.url, () => publicKey);
  const env = {
    OCI_RESOURCE_PRINCIPAL_VERSION: '2.2',
    OCI_RESOURCE_PRINCIPAL_RPST: makeSessionToken(),
    OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM: privateKey,
  };
  const config = { backends: [{ name, url: gate.url, ...backend }] };
  const gateway = await startGateway(config, { host: { env, kill: () => {} } });
  await gateway.waitFor(name, 'connected');
  return { gateway, client: await gateway.connect(), gate, endpoint, containers };
}

async function tearDown({ gateway, gate, endpoint, containers }: Setup): Promise<void> {
  await gateway.close();
  for (const each of [gate, endpoint]) await each.close();
  for (const each of containers) await each.stop();
}

function describeSignedCalls(setup: () => Setup): void {
  test('every call was signed, said what it is, and had no session', () => {
    const { gate, endpoint } = setup();
    expect(gate.seen.length).toBeGreaterThan(20);
    expect(new Set(gate.seen.map(({ method, fault }) => `${method} ${fault}`))).toEqual(new Set(['POST undefined']));
    for (const { headers, body } of endpoint.calls) {
      expect(headers).toMatchObject({ 'fn-intent': 'httprequest', 'fn-invoke-type': 'sync' });
      expect(headers).not.toHaveProperty('mcp-session-id');
      expect(JSON.parse(body)).toMatchObject({ jsonrpc: '2.0' });
    }
  });
}

describe.each<StatusHandling>(['passes on', 'translates'])(
  'a Node server on an endpoint that %s the status',
  (handling) => {
    let setup: Setup;
    beforeAll(async () => {
      const files = ['lib/templates/node-function/func.mjs', 'examples/functions/servers/sizes/server.mjs'];
      setup = await setUp('sizes', files, [process.execPath, 'func.mjs'], handling);
    }, 60_000);
    afterAll(() => tearDown(setup));

    test('has its tools listed and called', async () => {
      const { tools } = await setup.client.listTools();
      expect(tools.map(({ name }) => name)).toEqual(['sizes_to_bytes', 'sizes_compare_sizes']);
      const args = { a: '1 TiB', b: '1 TB' };
      expect(textOf(await setup.client.callTool({ name: 'sizes_compare_sizes', arguments: args }))).toBe('1.10');
    });

    test('tells what was wrong with a call', async () => {
      const result = await setup.client.callTool({ name: 'sizes_to_bytes', arguments: { size: '5 apples' } });
      expect(result.isError).toBe(true);
      expect(textOf(result)).toBe('"5 apples" is no size such as 5 GiB');
      const invalid = await setup.client.callTool({ name: 'sizes_to_bytes', arguments: {} });
      expect(invalid.isError).toBe(true);
    });

    test('answers many calls at once, each with its own answer', async () => {
      const numbers = Array.from({ length: 20 }, (_, i) => i + 1);
      const results = await Promise.all(
        numbers.map((n) => setup.client.callTool({ name: 'sizes_to_bytes', arguments: { size: `${n} KiB` } })),
      );
      expect(results.map(textOf)).toEqual(numbers.map((n) => `${n * 1024} bytes`));
    });

    describeSignedCalls(() => setup);
  },
);

describePython('a Python server on a function', () => {
  let setup: Setup;
  beforeAll(async () => {
    const files = [
      'lib/templates/python-function/func.py',
      'lib/templates/python/stateless_mcp.py',
      'examples/functions/servers/capacity/server.py',
    ];
    const command = [join(dirname(pythonOf('mcp-2')), 'fdk'), 'func.py', 'handler'];
    setup = await setUp('capacity', files, command, 'passes on');
  }, 60_000);
  afterAll(() => tearDown(setup));

  const forecast = (samples: number[], limit: number) =>
    setup.client.callTool({ name: 'capacity_days_until_full', arguments: { samples, limit } });

  test('has its tools listed and called, and its resources read', async () => {
    const { tools } = await setup.client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(['capacity_days_until_full']);
    expect(textOf(await forecast([10, 20, 30], 100))).toBe('in 7.0 days');
    const { contents } = await setup.client.readResource({ uri: 'capacity://method' });
    expect(contents).toEqual([expect.objectContaining({ text: expect.stringContaining('Least squares') })]);
  });

  test('tells what was wrong with a call', async () => {
    expect(await forecast([1], 100)).toMatchObject({ isError: true });
    const nonsense = { name: 'capacity_days_until_full', arguments: { samples: 'many' } };
    expect(await setup.client.callTool(nonsense)).toMatchObject({ isError: true });
  });

  test('answers many calls at once, each with its own answer', async () => {
    const limits = Array.from({ length: 20 }, (_, i) => 30 + 10 * (i + 1));
    const results = await Promise.all(limits.map((limit) => forecast([10, 20, 30], limit)));
    expect(results.map(textOf)).toEqual(limits.map((_, i) => `in ${i + 1}.0 days`));
  });

  describeSignedCalls(() => setup);
});
