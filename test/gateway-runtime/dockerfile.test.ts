import { execFile, spawn } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeDirectory } from '../helpers/gateway-directory.js';
import { startHttpServer } from '../helpers/gateway-servers.js';

const root = join(__dirname, '../..');
const dockerfile = readFileSync(join(root, 'gateway-runtime/Dockerfile'), 'utf8');
const lines = dockerfile.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
const stages = lines.flatMap((line, index) => (line.startsWith('FROM ') ? [index] : []));
const image = lines.slice(stages.at(-1));
const valuesOf = (instruction: string) =>
  image.filter((line) => line.startsWith(`${instruction} `)).map((line) => line.slice(instruction.length + 1));

test('the base can be pinned by digest, in both stages', () => {
  expect(lines).toEqual(expect.arrayContaining(['ARG NODE_IMAGE=node:22-slim', 'ARG NODE_DIGEST=']));
  expect(stages.map((index) => lines[index])).toEqual([
    'FROM ${NODE_IMAGE}${NODE_DIGEST} AS build',
    'FROM ${NODE_IMAGE}${NODE_DIGEST}',
  ]);
});

test('the image holds the program alone, runs as a numeric user that is not root, and listens where the gateway does', () => {
  expect(valuesOf('COPY')).toEqual([
    '--from=build --chmod=0555 /src/gateway-runtime/package.json /src/gateway-runtime/dist/main.js /app/',
    '--from=build --chmod=0555 /src/gateway-runtime/dist/chunks /app/chunks',
    '--from=build --chmod=0555 /src/gateway-runtime/dist/console /app/console',
  ]);
  expect(valuesOf('RUN')).toEqual([]);
  expect(valuesOf('USER')).toEqual(['10001:10001']);
  expect(valuesOf('EXPOSE')).toEqual(['9000']);
  expect(JSON.parse(valuesOf('ENTRYPOINT')[0] as string)).toEqual(['node', '/app/main.js']);
});

test('what the build copies is in the build context', () => {
  const ignore = readFileSync(join(root, 'gateway-runtime/Dockerfile.dockerignore'), 'utf8').split('\n');
  expect(ignore.filter((line) => line !== '' && !line.startsWith('#'))[0]).toBe('*');
  const copied = lines.filter((line) => line.startsWith('COPY ') && !line.includes('--from'));
  for (const source of copied.flatMap((line) => line.split(' ').slice(1, -1))) {
    if (source !== 'gateway-runtime/') expect(ignore).toContain(`!${source}`);
  }
});

test('the program runs from what the image copies, and reads what it needs when it needs it', async () => {
  const directory = makeDirectory();
  const config = directory.write('gateway.json', {
    auth: { enabled: false },
    state: { url: 'redis://127.0.0.1:1' },
    traces: { otlp_url: 'http://127.0.0.1:1/v1/traces' },
    port: 0,
    host: '127.0.0.1',
  });
  const app = join(directory.path, 'app');
  for (const part of ['package.json', 'dist/main.js', 'dist/chunks']) {
    cpSync(join(root, 'gateway-runtime', part), join(app, part.replace('dist/', '')), { recursive: true });
  }
  const program = join(app, 'main.js');
  const { stdout } = await promisify(execFile)(process.execPath, [program, '--check', '--no-auth']);
  expect(stdout).toMatch(/^ok: 0 backends\n/);

  const gateway = spawn(process.execPath, [program, '--config', config]);
  const killer = setTimeout(() => gateway.kill(), 10_000);
  let log = '';
  for await (const chunk of gateway.stdout) {
    log += chunk;
    if (log.includes('shared state')) gateway.kill();
  }
  clearTimeout(killer);
  // What is asked for can be read: only the server is missing.
  expect(log).toContain('cannot be reached (ECONNREFUSED)');
  directory.remove();
});

test.each([
  [200, 0],
  [503, 1],
])('the health check ends with the right code when /health says %d', async (status, code) => {
  const healthCheck = image.join('\n').match(/CMD (\[.*\])$/m)?.[1] as string;
  const [command, ...args] = JSON.parse(healthCheck) as string[];
  expect(command).toBe('node');
  const server = await startHttpServer('s', {
    intercept: ({ url }, response) => {
      response.writeHead(url === '/health' ? status : 404).end();
      return true;
    },
  });
  const env = { ...process.env, MCP_GATEWAY_PORT: String(server.port) };
  const ended = await promisify(execFile)(process.execPath, args, { env }).then(
    () => 0,
    (error) => error.code,
  );
  expect(ended).toBe(code);
  await server.close();
});
