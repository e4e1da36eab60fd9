import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
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

test('the image holds one file, runs as a numeric user that is not root, and listens where the gateway does', () => {
  expect(valuesOf('COPY')).toEqual(['--from=build --chmod=0444 /src/gateway-runtime/dist/main.js /app/main.mjs']);
  expect(valuesOf('RUN')).toEqual([]);
  expect(valuesOf('USER')).toEqual(['10001:10001']);
  expect(valuesOf('EXPOSE')).toEqual(['9000']);
  expect(JSON.parse(valuesOf('ENTRYPOINT')[0] as string)).toEqual(['node', '/app/main.mjs']);
});

test('what the build copies is in the build context', () => {
  const ignore = readFileSync(join(root, 'gateway-runtime/Dockerfile.dockerignore'), 'utf8').split('\n');
  expect(ignore.filter((line) => line !== '' && !line.startsWith('#'))[0]).toBe('*');
  const copied = lines.filter((line) => line.startsWith('COPY ') && !line.includes('--from'));
  for (const source of copied.flatMap((line) => line.split(' ').slice(1, -1))) {
    if (source !== 'gateway-runtime/') expect(ignore).toContain(`!${source}`);
  }
});

test('the program runs from a single file elsewhere', async () => {
  const directory = makeDirectory();
  mkdirSync(join(directory.path, 'app'));
  const program = join(directory.path, 'app/main.mjs');
  copyFileSync(join(root, 'gateway-runtime/dist/main.js'), program);
  const { stdout } = await promisify(execFile)(process.execPath, [program, '--check', '--no-auth']);
  expect(stdout).toMatch(/^ok: 0 backends\n/);
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
