import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CliGateway, runCli, startCli } from '../../helpers/gateway-cli.js';
import { makeDirectory, type TestDirectory } from '../../helpers/gateway-directory.js';
import { until } from '../../helpers/gateway-instance.js';

let directory: TestDirectory;
const running: CliGateway[] = [];

beforeEach(() => {
  directory = makeDirectory();
  mkdirSync(join(directory.path, 'backends.d'));
});
afterEach(async () => {
  for (const gateway of running.splice(0)) {
    gateway.process.kill('SIGTERM');
    await gateway.ended;
  }
  directory.remove();
});

const backend = (name: string) => ({ name, url: 'http://127.0.0.1:9/mcp' });

async function start(args: string[], env: Record<string, string> = {}): Promise<CliGateway> {
  const gateway = await startCli(['--no-auth', ...args], env);
  running.push(gateway);
  return gateway;
}

async function backendsOf({ origin }: CliGateway): Promise<string[]> {
  const ready = (await (await fetch(`${origin}/ready`)).json()) as { backends: { name: string }[] };
  return ready.backends.map(({ name }) => name);
}

async function faultsOf({ origin }: CliGateway): Promise<string[]> {
  type Ready = { configuration_faults?: { path: string; message: string }[] };
  const { configuration_faults = [] } = (await (await fetch(`${origin}/ready`)).json()) as Ready;
  return configuration_faults.map(({ path, message }) => `${path}: ${message}`.replaceAll(`${directory.path}/`, ''));
}

const has = (gateway: CliGateway, ...names: string[]) =>
  until(async () => JSON.stringify(await backendsOf(gateway)) === JSON.stringify(names), `backends ${names}`);

/** Replaces everything in a directory as the kubelet does with a mounted ConfigMap. */
function mount(target: string, files: Record<string, unknown>): void {
  const version = `..2026_11_23_${Math.random().toString().slice(2)}`;
  mkdirSync(join(target, version), { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(target, version, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  const old = readdirSync(target).filter((name) => name.startsWith('..2026') && name !== version);
  symlinkSync(version, join(target, '..data_tmp'));
  renameSync(join(target, '..data_tmp'), join(target, '..data'));
  const shown = readdirSync(target).filter((name) => !name.startsWith('..'));
  for (const name of Object.keys(files)) {
    if (!shown.includes(name)) symlinkSync(join('..data', name), join(target, name));
  }
  for (const name of shown) if (!(name in files)) rmSync(join(target, name));
  for (const name of old) rmSync(join(target, name), { recursive: true });
}

test('a mounted ConfigMap is followed, of drop-in files and of the configuration file', async () => {
  const [backends, config] = [join(directory.path, 'backends.d'), join(directory.path, 'config')];
  mkdirSync(config);
  mount(backends, { 'a.json': backend('a') });
  mount(config, { 'gateway.json': { backends: [backend('own')] } });
  const gateway = await start(['--config', join(config, 'gateway.json'), '--backends-dir', backends]);
  await has(gateway, 'own', 'a');
  for (const name of ['b', 'c', 'd']) {
    mount(backends, { 'a.json': backend('a'), [`${name}.json`]: backend(name) });
    await has(gateway, 'own', 'a', name);
  }
  mount(config, { 'gateway.json': { backends: [backend('other')] } });
  await has(gateway, 'other', 'a', 'd');
  mount(backends, { 'a.json': '{', 'e.json': backend('e') });
  await has(gateway, 'other', 'a', 'e');
  expect(await faultsOf(gateway)).toEqual([expect.stringContaining('backends.d/a.json: is not valid JSON')]);
  mount(backends, { 'a.json': backend('a'), 'e.json': backend('e') });
  await until(async () => (await faultsOf(gateway)).length === 0, 'the end of the fault');
  const lines = gateway.output().split('\n');
  expect(lines.filter((line) => line.includes('what could last be used stays'))).toHaveLength(1);
  expect(lines.filter((line) => line.includes('is good again'))).toHaveLength(1);
}, 20_000);

test('directories are followed when they are made later, removed, replaced and made again', async () => {
  const [first, second] = [join(directory.path, 'one'), join(directory.path, 'deep/er/two')];
  mkdirSync(first);
  mkdirSync(second, { recursive: true });
  const gateway = await start(['--backends-dir', first, '--backends-dir', second]);
  directory.write('one/a.json', backend('a'));
  directory.write('deep/er/two/b.json', backend('b'));
  await has(gateway, 'a', 'b');
  rmSync(join(directory.path, 'deep'), { recursive: true });
  await until(async () => (await faultsOf(gateway)).length > 0, 'the fault');
  // What a directory held is not gone because it is not there for a moment.
  expect(await backendsOf(gateway)).toEqual(['a', 'b']);
  directory.write('deep/er/two/c.json', backend('c'));
  await has(gateway, 'a', 'c');
  directory.write('next/d.json', backend('d'));
  renameSync(first, join(directory.path, 'gone'));
  renameSync(join(directory.path, 'next'), first);
  await has(gateway, 'd', 'c');
  const written = directory.write('written', backend('e'));
  renameSync(written, join(first, 'd.json'));
  await has(gateway, 'e', 'c');
}, 20_000);

test('SIGHUP reads everything at once, and without --no-watch nobody else does', async () => {
  const dropIns = join(directory.path, 'backends.d');
  for (const [args, env] of [
    [['--no-watch'], {}],
    [[], { MCP_GATEWAY_WATCH: 'false' }],
  ] as const) {
    const gateway = await start([...args, '--backends-dir', dropIns], env);
    directory.write('backends.d/a.json', backend('a'));
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(await backendsOf(gateway)).toEqual([]);
    gateway.process.kill('SIGHUP');
    await has(gateway, 'a');
    rmSync(join(dropIns, 'a.json'));
  }
}, 20_000);

test('what reads the same again changes nothing, and nobody is told of it', async () => {
  const gateway = await start(['--config', directory.write('gateway.json', { backends: [backend('a')] })]);
  const read = async () => {
    const page = await (await fetch(`${gateway.origin}/metrics`)).text();
    return Number(/^mcp_gateway_config_reloads_total\{result="success"\} (\d+)$/m.exec(page)?.[1]);
  };
  await until(async () => (await read()) > 0, 'the first look');
  const before = await read();
  directory.write('gateway.json', { backends: [backend('a')] });
  await until(async () => (await read()) > before, 'the second look');
  expect(gateway.output()).not.toContain('configuration was changed');
});

test('files of tokens and keys are followed, and half of one changes nothing', async () => {
  const tokens = directory.write('tokens.json', { one: { client_id: 'a' } });
  const config = directory.write('gateway.json', { auth: { static_tokens_file: tokens } });
  const gateway = await startCli(['--config', config]);
  running.push(gateway);
  const statusOf = async (token: string) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    return (await fetch(`${gateway.origin}/mcp`, { method: 'POST', headers, body: '{}' })).status;
  };
  expect(await statusOf('one')).not.toBe(401);
  directory.write('tokens.json', { two: { client_id: 'a' } });
  await until(async () => (await statusOf('one')) === 401, 'the token to be refused');
  expect(await statusOf('two')).not.toBe(401);
  directory.write('tokens.json', '{"s3cret-token');
  await until(() => gateway.output().includes('what could last be used stays'), 'the fault');
  expect(await statusOf('two')).not.toBe(401);
  expect(gateway.output()).not.toContain('s3cret');
}, 20_000);

test('a reload does not open the gateway to everybody', async () => {
  const config = directory.write('gateway.json', {
    host: '127.0.0.1',
    auth: { static_tokens: { t: { client_id: 'a' } } },
  });
  const gateway = await startCli(['--config', config, '--host', '0.0.0.0']);
  running.push(gateway);
  directory.write('gateway.json', {});
  await until(() => gateway.output().includes('nothing verifies callers'), 'the fault');
  const answer = await fetch(`${gateway.origin}/mcp`, { method: 'POST', body: '{}' });
  expect(answer.status).toBe(401);
});

test('at the start, a fault in a drop-in file ends the gateway with code 78, and one of a project does not', async () => {
  directory.write('backends.d/a.json', '{');
  directory.write('project/.mcp.json', '{');
  const args = ['--no-auth', '--check', '--scan', join(directory.path, 'project')];
  expect(await runCli([...args, '--backends-dir', join(directory.path, 'backends.d')])).toMatchObject({ code: 78 });
  expect(await runCli(args, { MCP_GATEWAY_WATCH: 'maybe' })).toMatchObject({
    code: 78,
    stderr: 'MCP_GATEWAY_WATCH: expected true or false, got "maybe"\n',
  });
  const scanned = await runCli(args);
  expect(scanned).toMatchObject({ code: 0 });
  expect(scanned.stdout).toContain('.mcp.json: is not valid JSON');
});
