import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatFault } from '../../../gateway-runtime/src/errors.js';
import { type ConfigFlags, loadConfig } from '../../../gateway-runtime/src/loading/config-loader.js';
import { toPlainJson } from '../../../gateway-runtime/src/loading/jsonc.js';
import { makeDirectory, type TestDirectory } from '../../helpers/gateway-directory.js';

let directory: TestDirectory;
beforeEach(() => {
  directory = makeDirectory();
});
afterEach(() => directory.remove());

function scan(env: Record<string, string> = {}, paths = [directory.path]) {
  const flags: ConfigFlags = { auth: false, host: '127.0.0.1', scan: paths };
  const { config, warnings } = loadConfig(flags, env);
  const told = warnings.map((warning) => formatFault(warning).replaceAll(`${directory.path}/`, ''));
  return { backends: config.backends, names: config.backends.map(({ name }) => name), told };
}

test('the files of VS Code, Cursor, Claude Code and Claude Desktop are found where these keep them', () => {
  directory.write(
    'vscode/.vscode/mcp.json',
    `{
      // Comments, "quotes" in them, and commas at the end, as VS Code allows them.
      "inputs": [{ "type": "promptString", "id": "key", "password": true }],
      "servers": {
        "files": { "type": "stdio", "command": "npx", "args": ["-y", "files", "\${workspaceFolder}/src", "http://x//y"], },
        "asks": { "type": "http", "url": "https://a.example/mcp", "headers": { "Authorization": "Bearer \${input:key}" } }, /* , } */
        "remote": { "type": "http", "url": "https://\${env:HOST}/mcp" },
      },
    }`,
  );
  directory.write('cursor/.cursor/mcp.json', {
    mcpServers: { cur: { command: '${userHome}/bin/x', env: { K: '${env:KEY}', W: '${workspaceFolderBasename}' } } },
  });
  directory.write('code/.mcp.json', { mcpServers: { code: { command: 'x', args: ['${A:-fallback}', '${KEY}'] } } });
  directory.write('desktop/claude_desktop_config.json', { mcpServers: { 'My Files!': { command: 'y' } } });
  const { backends, told } = scan({ HOST: 'h.example', KEY: 'k', HOME: '/home/u' });
  const at = (path: string) => join(directory.path, path);
  expect(backends).toMatchObject([
    { name: 'code', args: ['fallback', 'k'], cwd: at('code') },
    { name: 'cur', command: '/home/u/bin/x', env: { K: 'k', W: 'cursor' }, cwd: at('cursor') },
    { name: 'My-Files', command: 'y' },
    { name: 'files', args: ['-y', 'files', at('vscode/src'), 'http://x//y'], cwd: at('vscode') },
    { name: 'remote', url: 'https://h.example/mcp', transport: 'streamable_http' },
  ]);
  expect(told).toEqual([
    'vscode/.vscode/mcp.json: servers.asks: is left out: it asks its user for ${input:key}, and the gateway has none',
  ]);
});

test.each<[string, object, string]>([
  ['a variable that is not set', { command: '${NOPE}' }, 'variable ${NOPE} has no value here'],
  ['a variable nobody knows', { command: '${config:x}' }, 'variable ${config:x} has no value here'],
  [
    'a file of variables',
    { command: 'x', envFile: '.env' },
    'the gateway reads no envFile; put the variables into env',
  ],
  ['neither program nor URL', { args: [] }, 'transport: set url for a server reached over HTTP'],
  ['a secret of the wrong type', { command: 'x', env: { K: { s3cret: 1 } } }, 'env.K: expected a string, got a'],
])('a server with %s is left out', (_, server, reason) => {
  directory.write('.mcp.json', { mcpServers: { bad: server, good: { command: 'x' } } });
  const { names, told } = scan();
  expect(names).toEqual(['good']);
  expect(told).toEqual([expect.stringContaining(`.mcp.json: mcpServers.bad: is left out: ${reason}`)]);
  expect(told.join()).not.toContain('s3cret');
});

test('names that cannot be made valid, and what is no server, are left out', () => {
  directory.write('.mcp.json', { mcpServers: { 日本: { command: 'x' }, list: [], ok: { command: 'x' } } });
  const { names, told } = scan();
  expect(names).toEqual(['ok']);
  expect(told).toHaveLength(2);
});

test('a name that a configured backend has stays its own, and of two projects the first gets one', () => {
  const config = directory.write('gateway.json', { backends: [{ name: 'own', command: 'x' }] });
  directory.write('p/1/.mcp.json', { mcpServers: { own: { command: 'y' }, two: { command: 'first' } } });
  directory.write('p/2/.mcp.json', { mcpServers: { two: { command: 'second' } } });
  const { backends } = loadConfig({ auth: false, config, scan: [join(directory.path, 'p')] }, {}).config;
  expect(backends).toMatchObject([
    { name: 'own', command: 'x' },
    { name: 'two', command: 'first' },
  ]);
});

test('links are not followed: neither files, nor folders of clients, nor directories', () => {
  const server = { mcpServers: { outside: { command: 'x' } } };
  directory.write('outside/.mcp.json', server);
  directory.write('outside/mcp.json', server);
  mkdirSync(join(directory.path, 'in/a'), { recursive: true });
  symlinkSync('../outside/.mcp.json', join(directory.path, 'in/.mcp.json'));
  symlinkSync('../../outside', join(directory.path, 'in/a/.vscode'));
  symlinkSync('../outside', join(directory.path, 'in/b'));
  symlinkSync('.', join(directory.path, 'in/loop'));
  execFileSync('mkfifo', [join(directory.path, 'in/mcp.json')]);
  expect(scan({}, [join(directory.path, 'in')])).toMatchObject({ names: [], told: [] });
});

test('after 100 files of clients it is told that there are more', () => {
  for (let n = 100; n < 201; n++) directory.write(`f${n}/.mcp.json`, { mcpServers: { [`s${n}`]: { command: 'x' } } });
  const { names, told } = scan();
  expect(names).toHaveLength(100);
  expect(told).toEqual([expect.stringContaining('has more than 100 files of MCP clients')]);
});

test('a tree of any size takes bounded time, and it is told that there is more', () => {
  for (let file = 0; file < 20_050; file++) writeFileSync(join(directory.path, `${file}.txt`), '');
  const started = performance.now();
  expect(scan().told).toEqual([expect.stringContaining('more than 20000 files and directories were looked at')]);
  expect(performance.now() - started).toBeLessThan(2000);
});

test.each([
  ['{"a": "// no comment", /* one */ "b": [1, 2,], }', { a: '// no comment', b: [1, 2] }],
  ['{"a": "\\\\", // "x": 1\n "b": ",}" }', { a: '\\', b: ',}' }],
  ['[1, /* , */ ]', [1]],
])('JSON with comments: %s', (text, value) => {
  expect(toPlainJson(text)).toHaveLength(text.length);
  expect(JSON.parse(toPlainJson(text))).toEqual(value);
});
