import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { runCli, startCli } from '../helpers/gateway-cli.js';
import { makeDirectory, type TestDirectory } from '../helpers/gateway-directory.js';
import { textOf, until } from '../helpers/gateway-instance.js';
import { isAlive } from '../helpers/gateway-processes.js';
import { startHttpServer } from '../helpers/gateway-servers.js';
import { startCluster, startInstance } from '../helpers/oci-identity.js';
import { makeKeyPair, makeSessionToken, startSignatureGate } from '../helpers/oci-signature.js';

const stdioServer = join(__dirname, 'fixtures/stdio-server.mjs');
const { version } = JSON.parse(readFileSync(join(__dirname, '../../gateway-runtime/package.json'), 'utf8'));

let directory: TestDirectory;
beforeEach(() => {
  directory = makeDirectory();
});
afterEach(() => directory.remove());

test('--version and --help', async () => {
  expect(await runCli(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  const { code, stdout } = await runCli(['--help']);
  expect(code).toBe(0);
  const flags = ['config', 'backends-dir', 'scan', 'host', 'port', 'path', 'log-level', 'no-auth', 'check', 'version'];
  for (const flag of flags) expect(stdout).toContain(`--${flag}`);
});

test('connections stay open for longer than a load balancer keeps idle ones', async () => {
  const { origin } = await startCli([]);
  const { headers } = await fetch(`${origin}/health`);
  expect(headers.get('keep-alive')).toBe('timeout=310');
});

test('--check says what the configuration says, and no secrets', async () => {
  const config = directory.write('gateway.json', {
    auth: { static_tokens: { 's3cret-of-more-characters': { client_id: 'a' } } },
    backends: [
      { name: 'docs', url: 'https://ada:s3cret@docs.example/mcp?key=s3cret' },
      { name: 'db', url: 'https://db.example/mcp', auth_method: 'resource_principal' },
      { name: 'child', command: 'server', args: ['--key', 's3cret'], enabled: false },
      { name: 'py', transport: 'in_process', module: 'pkg.server' },
    ],
  });
  expect(await runCli(['--config', config, '--check'])).toEqual({
    code: 0,
    stdout: [
      'ok: 4 backends',
      '  docs  streamable_http  https://docs.example/mcp',
      '  db  streamable_http  https://db.example/mcp',
      '  child  stdio  server (disabled)',
      '  py  in_process  pkg.server',
      'warning: backend "py": a Python module cannot be loaded into this process; pkg.server runs as a child',
      '',
    ].join('\n'),
    stderr: '',
  });
});

test('fails with 78 and one line per fault, whether it checks or starts', async () => {
  const config = directory.write('gateway.json', {
    prot: 1,
    auth: { jwt_algorithms: ['none'] },
    backends: [{ name: 'a', url: 'ftp://x' }, { name: 'b' }],
  });
  for (const args of [['--check'], []]) {
    const { code, stdout, stderr } = await runCli(['--config', config, ...args]);
    expect([code, stdout]).toEqual([78, '']);
    expect(stderr.trim().split('\n')).toEqual([
      expect.stringMatching(/^auth\.jwt_algorithms\[0\]: "none" would accept unsigned tokens/),
      'backends[0].url: expected an http or https URL, got "ftp://x"',
      'backends[1].transport: set url for a server reached over HTTP, or command for one started by the gateway',
      'prot: unknown field; did you mean "port"?',
    ]);
  }
});

test('fails with 78 when everybody could call, and starts when told to', async () => {
  for (const args of [['--check'], []]) {
    const { code, stderr } = await runCli(args);
    expect([code, stderr]).toEqual([78, expect.stringMatching(/^auth: nothing verifies callers, and 0\.0\.0\.0/)]);
  }
  expect(await runCli(['--check', '--no-auth'])).toMatchObject({ code: 0 });
  expect(await runCli(['--check', '--host', '127.0.0.1'])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(
      'warning: auth: nothing verifies callers, so every program on this machine may call',
    ),
  });
});

test('fails when an option is unknown or the port is taken', async () => {
  expect(await runCli(['--prot', '1'])).toMatchObject({ code: 1, stderr: expect.stringContaining('--prot') });
  const server = await startHttpServer('s');
  const port = String(server.port);
  expect(await runCli(['--no-auth', '--host', '127.0.0.1', '--port', port])).toMatchObject({
    code: 1,
    stderr: `cannot listen on 127.0.0.1:${port} (EADDRINUSE); choose another --host or --port\n`,
  });
  await server.close();
});

test('the program serves backends of every source, and says nothing secret', async () => {
  const server = await startHttpServer('s');
  const config = directory.write('gateway.json', {
    log_level: 'DEBUG',
    backends: [{ name: 'p', command: process.execPath, args: [stdioServer], env: { SECRET: 's3cret' } }],
  });
  directory.write('backends.d/s.json', { name: 's', url: server.url, headers: { Authorization: 'Bearer s3cret' } });
  directory.write('projects/a/.mcp.json', {
    mcpServers: { scanned: { url: server.url.replace('://', '://u:s3cret@') } },
  });
  const gateway = await startCli(['--config', config, '--scan', join(directory.path, 'projects')], {
    MCP_GATEWAY_STATIC_TOKEN: 's3cret-token',
    MCP_GATEWAY_BACKENDS_DIR: join(directory.path, 'backends.d'),
    MCP_GATEWAY_PATH: '/tools',
  });
  await until(async () => {
    const ready = (await (await fetch(`${gateway.origin}/ready`)).json()) as { backends: { state: string }[] };
    return ready.backends.every(({ state }) => state === 'connected');
  }, 'all backends');
  const client = new Client({ name: 't', version: '1' });
  const requestInit = { headers: { authorization: 'Bearer s3cret-token' } };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${gateway.origin}/tools`), { requestInit }) as never);
  for (const [prefix, label] of Object.entries({ p: 'stdio', s: 's', scanned: 's' })) {
    const result = await client.callTool({ name: `${prefix}_echo`, arguments: { text: 'x' } });
    expect(textOf(result)).toBe(`${label}: x`);
  }
  await client.close();
  gateway.process.kill('SIGTERM');
  const { code, stdout, stderr } = await gateway.ended;
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).not.toContain('s3cret');
  for (const line of stdout.trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('level');
  await server.close();
});

test('the program signs with every kind of identity, and keeps its log clean', async () => {
  const server = await startHttpServer('s', { json: true });
  const { publicKey, privateKey } = makeKeyPair();
  const token = makeSessionToken();
  const instance = await startInstance();
  const cluster = await startCluster();
  const keyOf = (keyId: string) => instance.tokens.publicKeyOf(keyId) ?? cluster.tokens.publicKeyOf(keyId) ?? publicKey;
  const gate = await startSignatureGate(server.url, keyOf);
  const methods = ['resource_principal', 'instance_principal', 'oke_workload_identity', 'oci_config'];
  const profile = `[DEFAULT]\ntenancy=t\nuser=u\nfingerprint=f\nregion=xx-new-1\nkey_file=${directory.write('k', privateKey)}`;
  const config = directory.write('gateway.json', {
    backends: methods.map((auth_method) => ({ name: auth_method, url: gate.url, auth_method })),
  });
  const gateway = await startCli(['--config', config, '--no-auth'], {
    OCI_RESOURCE_PRINCIPAL_VERSION: '2.2',
    OCI_RESOURCE_PRINCIPAL_RPST: token,
    OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM: privateKey,
    OCI_METADATA_BASE_URL: `${instance.url}/opc/v2`,
    OCI_SDK_AUTH_CLIENT_REGION_URL: instance.url,
    KUBERNETES_SERVICE_HOST: 'localhost',
    KUBERNETES_SERVICE_PORT_PROXYMUX: String(cluster.port),
    OCI_KUBERNETES_SERVICE_ACCOUNT_CERT_PATH: directory.write('ca.crt', cluster.certificate),
    OCI_KUBERNETES_SERVICE_ACCOUNT_TOKEN_PATH: directory.write('token', cluster.serviceAccountToken),
    OCI_CONFIG_FILE: directory.write('config', profile),
  });
  await until(
    async () => {
      const ready = (await (await fetch(`${gateway.origin}/ready`)).json()) as { backends: { state: string }[] };
      return ready.backends.every(({ state }) => state === 'connected');
    },
    'all backends',
    20_000,
  );
  gateway.process.kill('SIGTERM');
  const { code, stdout, stderr } = await gateway.ended;
  expect([code, stderr]).toEqual([0, '']);
  for (const line of stdout.trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('level');
  expect(gate.seen.filter(({ fault }) => fault)).toEqual([]);
  expect(new Set(gate.seen.map(({ keyId }) => keyId?.slice(0, 3)))).toEqual(new Set(['ST$', 't/u']));
  for (const one of [server, gate, instance, cluster]) await one.close();
});

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s lets calls finish, takes no new ones, and ends the children',
  async (signal) => {
    const server = await startHttpServer('s', { json: true });
    const pids = join(directory.path, 'pids');
    const config = directory.write('gateway.json', {
      stateless: true,
      backends: [
        { name: 's', url: server.url },
        { name: 'p', command: process.execPath, args: [stdioServer], env: { CHILD_PID_FILE: pids } },
      ],
    });
    const gateway = await startCli(['--config', config, '--no-auth']);
    await until(async () => {
      const ready = (await (await fetch(`${gateway.origin}/ready`)).json()) as { backends: { state: string }[] };
      return ready.backends.every(({ state }) => state === 'connected');
    }, 'all backends');
    const call = (ms: number) =>
      fetch(`${gateway.origin}/mcp`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          jsonrpc: '2.0',
          id: ms,
          method: 'tools/call',
          params: { name: 's_slow', arguments: { ms } },
        }),
      });
    const inFlight = Array.from({ length: 50 }, (_, n) => call(400 + n));
    await until(() => server.seen.headers.length > 50, 'the calls to arrive');
    const started = Date.now();
    gateway.process.kill(signal);
    await until(
      async () =>
        !(await call(1).then(
          ({ ok }) => ok,
          () => false,
        )),
      'new calls to be refused',
    );
    const answers = await Promise.all(
      inFlight.map(async (answer) => (await answer).json() as Promise<{ result: unknown }>),
    );
    expect(answers.map(({ result }) => textOf(result))).toEqual(answers.map((_, n) => `s waited ${400 + n}`));
    expect(await gateway.ended).toMatchObject({ code: 0, stderr: '' });
    // Below the grace that calls in flight get at most.
    expect(Date.now() - started).toBeLessThan(9000);
    const children: number[] = JSON.parse(readFileSync(pids, 'utf8'));
    await until(() => !children.some(isAlive), 'the children to end');
    await server.close();
  },
);

test('the program answers its first call within half a second', async () => {
  const server = await startHttpServer('s', { json: true });
  const config = directory.write('gateway.json', { stateless: true, backends: [{ name: 's', url: server.url }] });
  const started = Date.now();
  const gateway = await startCli(['--config', config, '--no-auth']);
  const answer = await fetch(`${gateway.origin}/mcp`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 's_echo', arguments: { text: 'x' } },
    }),
  });
  expect(textOf(((await answer.json()) as { result: unknown }).result)).toBe('s: x');
  // The goal is 500 ms on an idle machine; tests share theirs.
  expect(Date.now() - started).toBeLessThan(2000);
  gateway.process.kill('SIGTERM');
  await gateway.ended;
  await server.close();
});
