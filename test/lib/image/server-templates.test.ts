import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { commandOf, environmentOf, lastStage, readDockerfile } from '../../helpers/dockerfile';
import { startGateway, textOf, until } from '../../helpers/gateway-instance';
import { closeAtEnd } from '../../helpers/gateway-servers';
import { describePython, pythonOf } from '../../helpers/python';

const root = join(__dirname, '../../..');
const dockerfile = (template: string) =>
  readDockerfile(readFileSync(join(root, 'lib/templates', template, 'Dockerfile'), 'utf8'));

describe.each([
  ['python-server', 'python:3.13-slim'],
  ['node-server', 'node:22-slim'],
])('the Dockerfile %s', (template, base) => {
  const instructions = dockerfile(template);
  const stage = lastStage(instructions);
  const texts = (keyword: string) => stage.filter((each) => each.keyword === keyword).map(({ text }) => text);

  test('builds in one stage and runs in another, both on an image that can be pinned by digest', () => {
    expect(instructions[0]).toEqual({ keyword: 'ARG', text: `BASE_IMAGE=${base}` });
    const stages = instructions.filter(({ keyword }) => keyword === 'FROM');
    expect(stages.map(({ text }) => text)).toEqual([`$\{BASE_IMAGE} AS build`, '${BASE_IMAGE}']);
    expect(texts('RUN')).toEqual([]);
    expect(texts('COPY').every((text) => text.startsWith('--from=build '))).toBe(true);
  });

  test('runs as a user who is not root, on the port that it says', () => {
    expect(texts('USER')).toEqual(['10001:10001']);
    expect(texts('EXPOSE')).toEqual(['8000']);
    expect(environmentOf(stage)).toMatchObject({
      MCP_TRANSPORT: 'streamable-http',
      MCP_PORT: '8000',
      MCP_PATH: '/mcp',
    });
  });
});

test('packages are installed without a cache, and before the server changes them', () => {
  const steps = (template: string) =>
    dockerfile(template)
      .filter(({ keyword }) => keyword === 'RUN' || keyword === 'COPY')
      .map(({ text }) => text);
  expect(steps('python-server').slice(0, 5)).toEqual([
    'python -m venv /venv',
    'requirements*.txt pyproject.toml* ./',
    'if [ -f requirements.txt ]; then pip install --requirement requirements.txt; fi',
    '. .',
    'if [ ! -f requirements.txt ]; then pip install .; fi',
  ]);
  expect(environmentOf(dockerfile('python-server'))).toMatchObject({ PIP_NO_CACHE_DIR: '1' });
  expect(steps('node-server').slice(0, 3)).toEqual([
    'package.json package-lock.json ./',
    'npm ci --omit=dev --ignore-scripts --no-audit --no-fund',
    '. .',
  ]);
});

/** Runs what the image of a template would run, in the folder that would be copied into it. */
async function startImage(template: string, folder: string, path: string, buildArgs = {}) {
  const stage = lastStage(dockerfile(template));
  const port = await freePort();
  const environment = { ...environmentOf(stage, buildArgs), PATH: path, MCP_PORT: String(port) };
  const start = (keyword: 'CMD' | 'HEALTHCHECK') => {
    const [program = '', ...args] = commandOf(stage, keyword);
    return { program, args, options: { cwd: join(root, folder), env: environment } };
  };
  const { program, args, options } = start('CMD');
  const server = spawn(program, args, { ...options, stdio: 'ignore' });
  const stop = closeAtEnd(() => end(server));
  const healthy = () => {
    const check = start('HEALTHCHECK');
    return spawnSync(check.program, check.args, check.options).status === 0;
  };
  return { url: `http://127.0.0.1:${port}/mcp`, healthy, stop };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

function end(server: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    server.once('exit', () => resolve());
    if (!server.kill()) resolve();
  });
}

const systemPath = '/usr/local/bin:/usr/bin:/bin';

async function callThroughGateway(image: Awaited<ReturnType<typeof startImage>>, tool: string, args: object) {
  expect(image.healthy()).toBe(false);
  await until(() => image.healthy(), 'the server to be healthy', 20_000);
  const gateway = await startGateway({ backends: [{ name: 'server', url: image.url, transport: 'streamable_http' }] });
  await gateway.waitFor('server', 'connected');
  const client = await gateway.connect();
  const { tools } = await client.listTools();
  const result = await client.callTool({ name: tool, arguments: { ...args } });
  await gateway.close();
  await image.stop();
  expect(image.healthy()).toBe(false);
  return { tools: tools.map(({ name }) => name), text: textOf(result) };
}

const servers = 'examples/container-images/servers';

describePython('an image of the template for Python', () => {
  const path = `${dirname(pythonOf('mcp-2'))}:${systemPath}`;

  test('starts its module, is healthy once it listens, and answers through the gateway', async () => {
    const image = await startImage('python-server', `${servers}/forecast`, path);
    const answer = await callThroughGateway(image, 'server_forecast', { values: [1, 2, 3, 4] });
    expect(answer).toEqual({ tools: ['server_forecast'], text: '5.0' });
  }, 60_000);
});

describe('an image of the template for Node', () => {
  const path = `${dirname(process.execPath)}:${systemPath}`;

  test('starts its file, is healthy once it listens, and answers through the gateway', async () => {
    const image = await startImage('node-server', `${servers}/convert`, path);
    const answer = await callThroughGateway(image, 'server_convert_memory', { amount: 2, from: 'GiB', to: 'MiB' });
    expect(answer).toEqual({ tools: ['server_convert_memory'], text: '2048' });
  }, 60_000);
});
