import { chmodSync, existsSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type BackendInput, parseGatewayConfig } from '../../../gateway-runtime/src/config/index.js';
import { childEnvironment } from '../../../gateway-runtime/src/mcp/child-environment.js';
import { makeDirectory, type TestDirectory } from '../../helpers/gateway-directory.js';
import { startGateway, textOf, until } from '../../helpers/gateway-instance.js';
import { isAlive } from '../../helpers/gateway-processes.js';

const stdioServer = join(__dirname, '../fixtures/stdio-server.mjs');
const stdio = { name: 'p', command: process.execPath, args: [stdioServer] };

let directory: TestDirectory;
beforeEach(() => {
  directory = makeDirectory();
});
afterEach(() => directory.remove());

test.each(['closes', 'loses it'])('nothing that a child started survives when the gateway %s', async (how) => {
  const file = join(directory.path, 'pids');
  const gateway = await startGateway({ backends: [{ ...stdio, env: { CHILD_PID_FILE: file } }] });
  await gateway.waitFor('p', 'connected');
  const pids: number[] = JSON.parse(readFileSync(file, 'utf8'));
  expect(pids.map(isAlive)).toEqual([true, true]);
  if (how === 'loses it') {
    const client = await gateway.connect();
    await client.callTool({ name: 'p_crash' });
    await until(() => !pids.some(isAlive), 'the processes to end');
  }
  const started = Date.now();
  await gateway.close();
  expect(Date.now() - started).toBeLessThan(8000);
  await until(() => !pids.some(isAlive), 'the processes to end');
});

test('a child that ignores everything is killed', async () => {
  const stubborn = directory.write(
    'stubborn.mjs',
    `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); await import(${JSON.stringify(stdioServer)});`,
  );
  const file = join(directory.path, 'pids');
  const gateway = await startGateway({
    backends: [{ name: 'p', command: process.execPath, args: [stubborn], env: { CHILD_PID_FILE: file } }],
  });
  await gateway.waitFor('p', 'connected');
  const pids: number[] = JSON.parse(readFileSync(file, 'utf8'));
  await gateway.close();
  expect(pids.some(isAlive)).toBe(false);
});

test('a child gets a short list of variables and its own, and no secret of the gateway', async () => {
  const env = {
    PATH: process.env.PATH,
    HOME: '/users/x',
    LANG: 'C',
    MCP_GATEWAY_STATIC_TOKEN: 's3cret',
    AWS_KEY: 's3cret',
  };
  const gateway = await startGateway(
    { backends: [{ ...stdio, env: { MINE: '1', LANG: 'de' }, auth_method: 'resource_principal', oci_region: 'r' }] },
    { host: { env, kill: (pid, signal) => process.kill(pid, signal) } },
  );
  await gateway.waitFor('p', 'connected');
  const client = await gateway.connect();
  expect(JSON.parse(textOf(await client.callTool({ name: 'p_environment' })))).toEqual({
    PATH: process.env.PATH,
    HOME: '/users/x',
    LANG: 'de',
    MINE: '1',
    OCI_REGION: 'r',
    OCI_CLI_AUTH: 'resource_principal',
  });
  await gateway.close();
});

test.each<[Partial<BackendInput>, Record<string, string>]>([
  [{ oci_region: 'r' }, {}],
  [
    { auth_method: 'oci_config', oci_profile: 'P', oci_region: 'r', oci_config_file: '/f' },
    { OCI_PROFILE: 'P', OCI_REGION: 'r', OCI_CONFIG_FILE: '/f' },
  ],
  [{ auth_method: 'instance_principal', oci_profile: 'P' }, { OCI_CLI_AUTH: 'instance_principal' }],
  [{ auth_method: 'oke_workload_identity' }, { OCI_CLI_AUTH: 'oke_workload_identity' }],
  [
    { auth_method: 'session_token', oci_profile: 'P' },
    { OCI_CLI_AUTH: 'security_token', OCI_PROFILE: 'P' },
  ],
  [{ auth_method: 'resource_principal', env: { OCI_CLI_AUTH: 'mine' } }, { OCI_CLI_AUTH: 'mine' }],
])('the OCI identity of a child: %j', (backend, expected) => {
  const [parsed] = parseGatewayConfig({ backends: [{ ...stdio, ...backend }] }).backends;
  expect(childEnvironment(parsed as never, { SECRET: 'x' })).toEqual(expected);
});

test('what a child writes to stderr is a debug line', async () => {
  for (const [log_level, expected] of [
    ['DEBUG', true],
    ['INFO', false],
  ] as const) {
    const gateway = await startGateway({ log_level, backends: [stdio] });
    await gateway.waitFor('p', 'connected');
    const written = gateway.logs.some(({ stderr }) => stderr === 'stdio server is up');
    expect(written).toBe(expected);
    await gateway.close();
  }
});

test('a log message that cannot be attributed to one caller reaches nobody', async () => {
  const gateway = await startGateway({ backends: [stdio] });
  await gateway.waitFor('p', 'connected');
  const heard: string[] = [];
  const callers = [await gateway.connect(), await gateway.connect()];
  for (const [index, client] of callers.entries()) {
    client.fallbackNotificationHandler = async ({ method }) => void heard.push(`${index} ${method}`);
  }
  const talk = { name: 'p_talk', arguments: { ms: 1500 } };
  const first = callers[0]?.callTool(talk);
  await until(() => heard.length > 0, 'the message of the first call');
  await Promise.all([first, callers[1]?.callTool(talk)]);
  expect(heard).toEqual(['0 notifications/message']);
  await gateway.close();
});

test('the working directory is the one given', async () => {
  directory.write('server.mjs', `import ${JSON.stringify(stdioServer)};`);
  const gateway = await startGateway({
    backends: [{ name: 'p', command: 'node', args: ['server.mjs'], cwd: directory.path }],
  });
  await gateway.waitFor('p', 'connected');
  await gateway.close();
});

/** A module with a server object, as FastMCP has one, that knows one tool. */
const pythonModule = `
import json, os, sys
class Server:
    def run(self, transport):
        assert transport == "stdio"
        for line in sys.stdin:
            message = json.loads(line)
            if "id" not in message:
                continue
            result = {
                "initialize": {"protocolVersion": "2025-03-26", "capabilities": {"tools": {}}, "serverInfo": {"name": "py", "version": "1"}},
                "tools/list": {"tools": [{"name": "where", "inputSchema": {"type": "object"}}]},
                "tools/call": {"content": [{"type": "text", "text": sys.executable}]},
            }.get(message["method"], {})
            print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}), flush=True)
server = Server()
`;

function findPython(): string | undefined {
  return (process.env.PATH ?? '')
    .split(':')
    .map((path) => join(path, 'python3'))
    .find(existsSync);
}

test('a Python module runs as a child, with the interpreter of its virtual environment', async () => {
  directory.write('pkg/my_server.py', pythonModule);
  const python = findPython();
  if (!python) throw new Error('this test needs python3 in the PATH');
  const interpreter = directory.write('venv/bin/python', `#!/bin/sh\nexport SEEN=venv\nexec ${python} "$@"\n`);
  chmodSync(interpreter, 0o755);
  symlinkSync(dirname(interpreter), join(directory.path, 'bin'));
  const module = {
    transport: 'in_process',
    module: 'my_server',
    server_attr: 'server',
    cwd: join(directory.path, 'pkg'),
  } as const;
  const gateway = await startGateway({
    backends: [
      { ...module, name: 'plain' },
      { ...module, name: 'venv', venv: join(directory.path, 'venv'), namespace_tools: false },
      { ...module, name: 'wrong', server_attr: 'nothing' },
    ],
  });
  await gateway.waitFor('plain', 'connected');
  await gateway.waitFor('venv', 'connected');
  await gateway.waitFor('wrong', 'down');
  const client = await gateway.connect();
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['plain_where', 'where']);
  expect(textOf(await client.callTool({ name: 'where' }))).toContain('python');
  await gateway.close();
});

test('a child that writes a line without an end is ended', async () => {
  const flood = directory.write(
    'flood.mjs',
    `const chunk = 'x'.repeat(1024 * 1024); const write = () => process.stdout.write(chunk, write); write();`,
  );
  const gateway = await startGateway({ backends: [{ name: 'p', command: process.execPath, args: [flood] }] });
  await until(
    () => gateway.logs.some(({ reason }) => reason === 'sent a message of more than 32 MiB'),
    'the child to be refused',
  );
  await gateway.close();
});
