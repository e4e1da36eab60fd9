import { symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ConfigError, formatFault } from '../../../gateway-runtime/src/errors.js';
import { type ConfigFlags, loadConfig } from '../../../gateway-runtime/src/loading/config-loader.js';
import { makeDirectory, type TestDirectory } from '../../helpers/gateway-directory.js';

let directory: TestDirectory;
beforeEach(() => {
  directory = makeDirectory();
});
afterEach(() => directory.remove());

/** The faults of a configuration, with the directory's path cut off. */
function faultsOf(flags: ConfigFlags, env: Record<string, string> = {}): string[] {
  try {
    loadConfig(flags, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.replaceAll(`${directory.path}/`, '').split('\n');
    throw error;
  }
  return [];
}

const open: ConfigFlags = { auth: false };
const backendNames = (flags: ConfigFlags, env: Record<string, string> = {}) =>
  loadConfig({ ...open, ...flags }, env).config.backends.map(({ name }) => name);

describe('precedence', () => {
  test('flags stand above the environment, that above the file, that above the defaults', () => {
    const config = directory.write('gateway.json', { name: 'file', host: '10.0.0.1', port: 1, path: '/file' });
    const env = { MCP_GATEWAY_CONFIG: config, MCP_GATEWAY_HOST: '10.0.0.2', MCP_GATEWAY_PORT: '2' };
    expect(loadConfig({ ...open, port: '3' }, env).config).toMatchObject({
      name: 'file',
      host: '10.0.0.2',
      port: 3,
      path: '/file',
      log_level: 'INFO',
    });
  });

  test.each<[Record<string, string>, object]>([
    [{ MCP_GATEWAY_NAME: 'n' }, { name: 'n' }],
    [{ MCP_GATEWAY_HOST: '::1' }, { host: '::1' }],
    [{ MCP_GATEWAY_PORT: '0' }, { port: 0 }],
    [{ MCP_GATEWAY_PATH: '/p' }, { path: '/p' }],
    [{ MCP_GATEWAY_LOG_LEVEL: 'debug' }, { log_level: 'DEBUG' }],
    [{ MCP_GATEWAY_AUTH_ENABLED: 'false' }, { auth: { enabled: false } }],
    [{ MCP_GATEWAY_AUTH_ENABLED: '0' }, { auth: { enabled: false } }],
    [
      { MCP_GATEWAY_STATIC_TOKEN: 'tok' },
      { auth: { enabled: true, static_tokens: { file: {}, tok: { client_id: 'static', scopes: ['*'] } } } },
    ],
    [
      { MCP_GATEWAY_JWT_JWKS_URI: 'https://i/jwks', MCP_GATEWAY_JWT_AUDIENCE: 'a', MCP_GATEWAY_JWT_ISSUER: 'i' },
      { auth: { jwt_jwks_uri: 'https://i/jwks', jwt_audience: ['a'], jwt_issuer: ['i'] } },
    ],
  ])('the environment %j', (env, expected) => {
    const config = directory.write('gateway.json', { auth: { static_tokens: { file: { client_id: 'f' } } } });
    expect(loadConfig({ config }, env).config).toMatchObject(expected);
  });

  test('a key from the environment replaces the key of the file, as a path or as text', () => {
    const pem = '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n';
    const file = directory.write('key.pem', pem);
    const config = directory.write('gateway.json', { auth: { jwt_jwks_uri: 'https://i/jwks', jwt_audience: 'a' } });
    for (const key of [file, pem]) {
      const { auth } = loadConfig({ config }, { MCP_GATEWAY_JWT_PUBLIC_KEY: key }).config;
      expect(auth.jwt_public_key?.trim()).toBe(pem.trim());
      expect(auth.jwt_jwks_uri).toBeUndefined();
    }
  });

  test('an empty variable counts as absent', () => {
    expect(loadConfig(open, { MCP_GATEWAY_PORT: '', MCP_GATEWAY_CONFIG: '' }).config.port).toBe(9000);
  });
});

describe('variables in the file', () => {
  test('are replaced inside of strings', () => {
    const config = directory.write('gateway.json', {
      name: '${NAME}-${SUFFIX:-x}',
      backends: [{ name: 'a', url: 'https://${HOST}/mcp', headers: { Authorization: 'Bearer ${TOKEN}' } }],
    });
    const loaded = loadConfig({ ...open, config }, { NAME: 'n', HOST: 'h', TOKEN: 't' }).config;
    expect(loaded).toMatchObject({
      name: 'n-x',
      backends: [{ url: 'https://h/mcp', headers: { Authorization: 'Bearer t' } }],
    });
  });

  test('stay as they are behind a second dollar sign', () => {
    const config = directory.write('gateway.json', { name: '$${NAME} costs $5, $${NAME:-x}' });
    expect(loadConfig({ ...open, config }, { NAME: 'n' }).config.name).toBe('${NAME} costs $5, ${NAME:-x}');
  });

  test('fails when one is not set', () => {
    const config = directory.write('gateway.json', { backends: [{ name: 'a', url: '${MISSING}', command: 'x' }] });
    expect(faultsOf({ ...open, config })).toContain(
      'gateway.json: backends[0].url: variable MISSING is not set; set it, or give a default: ${MISSING:-value}',
    );
  });
});

describe('drop-in files', () => {
  test('are read in the order of their names, after the file; what is hidden is left out', () => {
    const config = directory.write('gateway.json', { backends: [{ name: 'own', command: 'x' }] });
    directory.write('backends.d/20-b.json', [
      { name: 'b1', command: 'x' },
      { name: 'b2', command: 'x' },
    ]);
    directory.write('backends.d/10-a.json', { name: 'a', url: 'http://a' });
    directory.write('backends.d/.hidden.json', { name: 'hidden', command: 'x' });
    directory.write('backends.d/readme.txt', 'not JSON');
    // How Kubernetes mounts a ConfigMap: every file is a link into a hidden directory.
    directory.write('backends.d/..2026_11_22/30-c.json', { name: 'c', url: 'http://c' });
    symlinkSync('..2026_11_22', join(directory.path, 'backends.d/..data'));
    symlinkSync('..data/30-c.json', join(directory.path, 'backends.d/30-c.json'));
    const backendsDir = join(directory.path, 'backends.d');
    expect(backendNames({ config, backendsDir })).toEqual(['own', 'a', 'b1', 'b2', 'c']);
    expect(backendNames({ config }, { MCP_GATEWAY_BACKENDS_DIR: backendsDir })).toHaveLength(5);
  });

  test('fails with the name of the file, for all files at once', () => {
    const config = directory.write('gateway.json', { backends: [{ name: 'a', command: 'x' }], prot: 1 });
    directory.write('backends.d/1.json', { name: 'b', url: 'ftp://b' });
    directory.write('backends.d/2.json', [
      { name: 'c', command: 'x' },
      { name: 'a', command: 'x', urll: 1 },
    ]);
    directory.write('backends.d/3.json', '{\n  "name": "s3cret" "x": 1\n}');
    directory.write('backends.d/4.json', 'null');
    expect(faultsOf({ ...open, config, backendsDir: join(directory.path, 'backends.d') })).toEqual([
      'backends.d/3.json: is not valid JSON (line 2, column 20)',
      'backends.d/1.json: url: expected an http or https URL, got "ftp://b"',
      'backends.d/2.json[1]: urll: unknown field; did you mean "url"?',
      'backends.d/4.json: expected an object, got null',
      'prot: unknown field; did you mean "port"?',
      'backends.d/2.json[1]: name: "a" is already the name of backends[0]; names must be unique',
    ]);
  });

  test('fails when two files use the same name, and names both', () => {
    directory.write('backends.d/1.json', { name: 'b', command: 'x' });
    directory.write('backends.d/2.json', { name: 'b', command: 'x' });
    expect(faultsOf({ ...open, backendsDir: join(directory.path, 'backends.d') })).toEqual([
      'backends.d/2.json: name: "b" is already the name of backends.d/1.json; names must be unique',
    ]);
  });
});

describe('scanning', () => {
  test('finds the servers of projects up to three levels down, only when asked', () => {
    directory.write('.mcp.json', { mcpServers: { top: { command: 'python', args: ['-m', 's'], env: { A: 'b' } } } });
    directory.write('a/mcp.json', { mcpServers: { url: { url: 'http://a', headers: { X: 'y' } } } });
    directory.write('a/b/c/.mcp.json', { mcpServers: { deep: { type: 'sse', url: 'http://b', timeout: 1 } } });
    directory.write('a/b/c/d/.mcp.json', { mcpServers: { deeper: { command: 'x' } } });
    directory.write('node_modules/x/.mcp.json', { mcpServers: { package: { command: 'x' } } });
    directory.write('.git/.mcp.json', { mcpServers: { git: { command: 'x' } } });
    directory.write('off/.mcp.json', { mcpServers: { off: { command: 'x', disabled: true } } });
    directory.write('z/.mcp.json', { other: true });
    symlinkSync(join(directory.path, 'a'), join(directory.path, 'link'));
    const { backends } = loadConfig({ ...open, scan: [directory.path] }, {}).config;
    expect(backends).toEqual([
      expect.objectContaining({
        name: 'top',
        transport: 'stdio',
        command: 'python',
        args: ['-m', 's'],
        env: { A: 'b' },
      }),
      expect.objectContaining({ name: 'url', transport: 'streamable_http', url: 'http://a', headers: { X: 'y' } }),
      expect.objectContaining({ name: 'deep', transport: 'sse', url: 'http://b' }),
      expect.objectContaining({ name: 'off', enabled: false }),
    ]);
    const env = { MCP_GATEWAY_SCAN_PATHS: [join(directory.path, 'a/b'), join(directory.path, 'off')].join(delimiter) };
    expect(backendNames({}, env)).toEqual(['deep', 'deeper', 'off']);
    expect(backendNames({})).toEqual([]);
  });

  test('warns when a file is larger than 1 MB or two projects use the same name, since these files are others’', () => {
    directory.write('a/.mcp.json', { mcpServers: { same: { command: 'x' } } });
    directory.write('b/.mcp.json', { mcpServers: { same: { command: 'x' } } });
    directory.write('c/.mcp.json', ' '.repeat(1024 * 1024 + 1));
    const { config, warnings } = loadConfig({ ...open, host: '127.0.0.1', scan: [directory.path] }, {});
    expect(config.backends).toMatchObject([{ name: 'same', cwd: join(directory.path, 'a') }]);
    expect(warnings.map((warning) => formatFault(warning).replaceAll(`${directory.path}/`, ''))).toEqual([
      'c/.mcp.json: is larger than 1048576 bytes',
      'b/.mcp.json: mcpServers.same: is left out: "same" is already the name of a backend',
    ]);
  });
});

describe('files that auth names', () => {
  test('static tokens come from both places', () => {
    const tokens = directory.write('tokens.json', { two: { client_id: 'b' } });
    const config = directory.write('gateway.json', {
      auth: { static_tokens: { one: { client_id: 'a' } }, static_tokens_file: tokens },
    });
    expect(loadConfig({ config }, {}).config.auth.static_tokens).toEqual({
      one: { client_id: 'a', scopes: [] },
      two: { client_id: 'b', scopes: [] },
    });
  });

  test('fails without telling a token', () => {
    const tokens = directory.write('tokens.json', { s3cret: { client: 'b' } });
    const config = directory.write('gateway.json', { auth: { static_tokens_file: tokens } });
    const faults = faultsOf({ config });
    expect(faults.join('\n')).not.toContain('s3cret');
    expect(faults).toContain(
      'tokens.json: static_tokens[0].client_id: expected the name of the client, but it is missing',
    );
  });

  test('fails when a file is missing', () => {
    const config = directory.write('gateway.json', {
      auth: { jwt_public_key_file: '/no/key.pem', jwt_audience: 'a', static_tokens_file: '/no/tokens.json' },
    });
    expect(faultsOf({ config })).toEqual(
      expect.arrayContaining([
        'auth.jwt_public_key_file: file /no/key.pem does not exist',
        '/no/tokens.json: does not exist',
      ]),
    );
  });
});

test('fails when a file holds something else than it should', () => {
  const config = directory.write('gateway.json', { backends: { a: { command: 'x' } } });
  expect(faultsOf({ ...open, config })).toEqual(['backends: expected a list of backends, got an object']);
  const list = directory.write('list.json', []);
  expect(faultsOf({ ...open, config: list })).toEqual(['list.json: expected an object']);
});

test.each<[string, ConfigFlags, Record<string, string>, string]>([
  ['the file does not exist', { config: '/no/gateway.json' }, {}, '/no/gateway.json: does not exist'],
  ['the directory does not exist', { backendsDir: '/no/backends.d' }, {}, '/no/backends.d: does not exist'],
  ['the path to scan does not exist', { scan: ['/no/projects'] }, {}, '/no/projects: does not exist'],
  [
    'the port is not a number',
    {},
    { MCP_GATEWAY_PORT: 'http' },
    'port: expected a whole number from 0 to 65535 (0 picks a free port), got "http"',
  ],
  [
    'auth is neither on nor off',
    { auth: true },
    { MCP_GATEWAY_AUTH_ENABLED: 'maybe' },
    'auth.enabled: expected true or false, got "maybe"',
  ],
])('fails when %s', (_, flags, env, expected) => {
  expect(faultsOf({ ...open, ...flags }, env)).toEqual([expected]);
});

describe('who can reach the gateway', () => {
  const warnings = (flags: ConfigFlags) => loadConfig(flags, {}).warnings.map(formatFault);

  test('fails when nothing verifies callers from elsewhere', () => {
    expect(faultsOf({})).toEqual([
      'auth: nothing verifies callers, and 0.0.0.0 can be reached by others; ' +
        'set jwt_jwks_uri, jwt_public_key_file or static_tokens; ' +
        'to accept unauthenticated calls on purpose, say "auth": {"enabled": false} or --no-auth; or --host 127.0.0.1',
    ]);
  });

  test.each(['127.0.0.1', 'localhost', '::1'])('on %s it is a warning', (host) => {
    expect(warnings({ host })).toEqual([
      'auth: nothing verifies callers, so every program on this machine may call; ' +
        'set jwt_jwks_uri, jwt_public_key_file or static_tokens',
    ]);
  });

  test('auth that is off on purpose is a warning, and none on this machine', () => {
    expect(warnings({ auth: false })).toEqual([
      'auth: unauthenticated calls are accepted, and 0.0.0.0 can be reached by others',
    ]);
    expect(warnings({ auth: false, host: '127.0.0.1' })).toEqual([]);
  });
});

describe('hosts without files', () => {
  const variables = (config: unknown, backends?: unknown) => ({
    MCP_GATEWAY_CONFIG_FILES: JSON.stringify(config),
    ...(backends !== undefined && { MCP_GATEWAY_BACKENDS_FILES: JSON.stringify(backends) }),
  });

  test('configuration and backends come from variables, by the rules of files', () => {
    const env = {
      ...variables(
        { 'gateway.json': { name: '${NAME:-fallback} $${NAME}', auth: { enabled: false }, port: 1 } },
        {
          'b.json': [
            { name: 'b1', url: 'https://b.example/${PATH_OF_B}' },
            { name: 'b2', command: 'b' },
          ],
          'a.json': { name: 'a', url: 'https://a.example/mcp', headers: { x: '$${literal}' } },
          '.hidden.json': { name: 'h' },
          'note.txt': 'x',
        },
      ),
      PATH_OF_B: 'mcp',
      MCP_GATEWAY_PORT: '2',
    };
    const { config } = loadConfig({ path: '/p' }, env);
    expect(config).toMatchObject({ name: 'fallback ${NAME}', port: 2, path: '/p' });
    expect(config.backends).toMatchObject([
      { name: 'a', headers: { x: '${literal}' } },
      { name: 'b1', url: 'https://b.example/mcp' },
      { name: 'b2' },
    ]);
  });

  test('backends of a directory come before those of the variable', () => {
    directory.write('d/x.json', { name: 'x', command: 'x' });
    const env = { MCP_GATEWAY_BACKENDS_FILES: JSON.stringify({ 'a.json': { name: 'a', command: 'a' } }) };
    expect(backendNames({ backendsDir: join(directory.path, 'd') }, env)).toEqual(['x', 'a']);
  });

  test.each<[Record<string, string>, string[]]>([
    [
      { MCP_GATEWAY_CONFIG_FILES: '{"gateway.json": {' },
      ['MCP_GATEWAY_CONFIG_FILES: is not valid JSON (line 1, column 19)'],
    ],
    [variables({}), ['MCP_GATEWAY_CONFIG_FILES: holds no "gateway.json"']],
    [variables([]), ['MCP_GATEWAY_CONFIG_FILES: expected an object of file name: content']],
    [variables({ 'gateway.json': 's3cret' }), ['MCP_GATEWAY_CONFIG_FILES: gateway.json: expected an object']],
    [
      variables({ 'gateway.json': { name: '${NOPE}' } }, { 'a.json': { url: '${NOPE}' } }),
      [
        'MCP_GATEWAY_CONFIG_FILES: gateway.json: name: variable NOPE is not set; set it, or give a default: ${NOPE:-value}',
        'MCP_GATEWAY_BACKENDS_FILES: a.json: url: variable NOPE is not set; set it, or give a default: ${NOPE:-value}',
        'MCP_GATEWAY_BACKENDS_FILES: a.json: name: expected 1 to 64 letters, digits, "-", "_" or ".", but it is missing',
        'MCP_GATEWAY_BACKENDS_FILES: a.json: url: expected an http or https URL, got "${NOPE}"',
      ],
    ],
    [
      { ...variables({ 'gateway.json': {} }), MCP_GATEWAY_CONFIG: 'FILE' },
      ['MCP_GATEWAY_CONFIG_FILES: MCP_GATEWAY_CONFIG is set too; keep one of them'],
    ],
  ])('fails with %j', (env, expected) => {
    const file = directory.write('gateway.json', {});
    const given = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value.replace('FILE', file)]));
    expect(faultsOf(open, env.MCP_GATEWAY_CONFIG ? given : env)).toEqual(expected);
  });

  test('fails when --config is given too', () => {
    const config = directory.write('gateway.json', {});
    expect(faultsOf({ ...open, config }, variables({ 'gateway.json': {} }))).toEqual([
      'MCP_GATEWAY_CONFIG_FILES: --config is set too; keep one of them',
    ]);
  });
});
