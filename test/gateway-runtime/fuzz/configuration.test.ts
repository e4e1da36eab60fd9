import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseGatewayConfig } from '../../../gateway-runtime/src/config/index.js';
import { ConfigError } from '../../../gateway-runtime/src/errors.js';
import { loadConfig } from '../../../gateway-runtime/src/loading/config-loader.js';
import { makeDirectory, type TestDirectory } from '../../helpers/gateway-directory.js';
import { mutate, mutateText, Random } from '../../helpers/mutator.js';

const seed = Number(process.env.FUZZ_SEED ?? 20_260_728);
const canary = 'canary-secret';

/** Something of everything, with a secret wherever one may stand. */
const seeds: readonly unknown[] = [
  {
    name: 'g',
    port: 9000,
    path: '/mcp',
    log_level: 'INFO',
    auth: {
      resource_url: 'https://g.example/mcp',
      static_tokens: { [canary]: { client_id: 'c', scopes: ['a'] } },
      tool_scopes: { 'a_*': ['x'] },
      cors_origins: ['https://a.example'],
    },
    backends: [{ name: 'a', url: 'http://localhost:1/mcp' }],
  },
  {
    auth: {
      jwt_jwks_uri: 'https://i.example/jwks',
      jwt_issuer: 'https://i.example',
      jwt_audience: 'g',
      jwt_public_key: canary,
    },
    backends: [
      {
        name: 'a',
        url: 'https://a.example/mcp',
        auth_method: 'bearer_token',
        bearer_token: canary,
        headers: { x: canary },
      },
      { name: 'b', url: 'https://b.example/mcp', auth_method: 'api_key', api_key: canary, tools: { t: { name: 'u' } } },
      { name: 'c', command: 'c', args: ['--token', canary], env: { TOKEN: canary }, memory_limit_mb: 100 },
      {
        name: 'd',
        url: 'https://d.example/mcp',
        auth_method: 'oauth_client_credentials',
        token_url: 'https://i.example/token',
        client_id: 'x',
        client_secret: canary,
      },
      { name: 'e', transport: 'in_process', module: 'm', env: { KEY: canary } },
    ],
    views: { v: { tags: ['t'] } },
  },
  {
    host: '127.0.0.1',
    tls: { cert_file: 'c.pem', key_file: 'k.pem', client_ca_file: 'ca.pem' },
    auth: {
      issuers: [{ issuer: 'https://i.example', audience: ['g'], jwks_uri: 'https://i.example/jwks' }],
      introspection: { url: 'https://i.example/introspect', client_id: 'g', client_secret: canary, audience: 'g' },
      static_clients: [{ client_id: 's', token_sha256: 'a'.repeat(64), scopes: ['a'] }],
      client_certificates: { 'a.example': { client_id: 'm', scopes: ['a'] } },
      required_scopes: ['a'],
      tool_scopes: { 'a_*': { read: ['x'], write: { all_of: ['y'], claims: { group: ['ops'] } } } },
      prompt_scopes: { '*': ['a'] },
      resource_scopes: { 'note://*': ['a'] },
      scope_hierarchy: { x: ['y'], y: ['z'] },
    },
    limits: {
      client: { calls_per_minute: 10, burst: 20, concurrency: 5 },
      tools: { 'a_*': { calls_per_minute: 1 } },
      backends: { a: { concurrency: 2 } },
    },
    audit: { arguments: 'redacted', redact: ['iban'], file: { path: 'a', max_bytes: 2048, keep: 2 } },
    prometheus: { tools: true, port: 9001, host: '127.0.0.1' },
    otlp_metrics: { otlp_url: 'https://o.example/v1/metrics', data_key: canary },
    state: { url: 'rediss://r.example', password: canary },
    sealing: { key: canary.padEnd(32, 'x') },
    gateway_tools: { enabled: true, required_scopes: ['a'] },
    backends: [
      {
        name: 'a',
        url: 'https://a.example/mcp',
        auth_method: 'token_exchange',
        token_url: 'https://i.example/token',
        client_id: 'x',
        client_secret: canary,
        resource: 'https://a.example/',
        requested_token_type: 'urn:ietf:params:oauth:token-type:jwt',
        required_scopes: ['a'],
      },
      { name: 'b', url: 'https://b.example/mcp', auth_method: 'basic', username: 'u', password: canary },
    ],
    views: { v: { backends: ['a'], required_scopes: ['v'] } },
  },
];

test('the one with the most fields can be used as it is', () => {
  expect(() => parseGatewayConfig(seeds[2] as never)).not.toThrow();
});

let directory: TestDirectory;
beforeAll(() => {
  directory = makeDirectory();
  process.stderr.write(`FUZZ_SEED=${seed}\n`);
});
afterAll(() => directory.remove());

/** Fails unless it says what is wrong as such, soon, and without a secret. */
function checkRefusal(input: unknown, parse: () => unknown): void {
  const began = performance.now();
  try {
    parse();
  } catch (error) {
    const message = String((error as Error).message);
    if (!(error instanceof ConfigError) || message.includes(canary)) {
      throw new Error(`${(error as Error).stack} of ${JSON.stringify(input)?.slice(0, 2000)}`);
    }
  }
  const ms = performance.now() - began;
  if (ms > 2000) throw new Error(`took ${Math.round(ms)} ms: ${JSON.stringify(input)?.slice(0, 2000)}`);
}

test('50,000 configurations with members changed are taken or refused, and no refusal repeats a secret', () => {
  const random = new Random(seed);
  for (let n = 0; n < 50_000; n++) {
    const input = mutate(random.pick(seeds), random);
    checkRefusal(input, () => parseGatewayConfig(input as never));
  }
}, 60_000);

test('3,000 files that may be no JSON are taken or refused, each for itself and as drop-ins', () => {
  const random = new Random(seed + 1);
  const config = directory.write('gateway.json', '');
  const dropIns = join(directory.path, 'backends.d');
  const dropIn = directory.write('backends.d/a.json', '');
  for (let n = 0; n < 3000; n++) {
    const whole = random.pick(seeds) as { backends: unknown };
    const text = (value: unknown) =>
      random.below(5) === 0 ? random.bytes(random.below(300)) : mutateText(value, random);
    const [file, content] = n % 2 ? [config, text(whole)] : [dropIn, text(whole.backends)];
    writeFileSync(file, content);
    checkRefusal(content.toString(), () => loadConfig(n % 2 ? { config } : { backendsDir: dropIns }, {}));
  }
}, 60_000);

test('5,000 files of other programs are read or left out', () => {
  const random = new Random(seed + 2);
  const file = directory.write('.mcp.json', '');
  const of = {
    mcpServers: {
      a: { command: 'node', args: ['${workspaceFolder}/a.mjs', canary], cwd: '.', env: { TOKEN: canary } },
      'B c': { type: 'http', url: 'https://b.example/mcp', headers: { authorization: `Bearer ${canary}` } },
    },
    servers: { d: { type: 'stdio', command: '${env:HOME}/d', disabled: true } },
  };
  for (let n = 0; n < 5000; n++) {
    const content = n % 2 ? JSON.stringify(mutate(of, random)) : mutateText(of, random);
    writeFileSync(file, content);
    checkRefusal(content.toString(), () => loadConfig({ scan: [directory.path] }, {}));
  }
}, 60_000);

test('a file that is nested too deeply is refused', () => {
  for (const levels of [200, 1_000_000]) {
    const text = `{"backends":[${'['.repeat(levels)}${']'.repeat(levels)}]}`;
    const config = directory.write('deep.json', text);
    checkRefusal(levels, () => loadConfig({ config }, {}));
    expect(() => loadConfig({ config }, {})).toThrow(ConfigError);
  }
});
