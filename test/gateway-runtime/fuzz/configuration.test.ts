import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseGatewayConfig } from '../../../gateway-runtime/src/config/index.js';
import { loadConfig } from '../../../gateway-runtime/src/config/load.js';
import { ConfigError } from '../../../gateway-runtime/src/errors.js';
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
];

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

test('a file that is nested too deeply is refused', () => {
  for (const levels of [200, 1_000_000]) {
    const text = `{"backends":[${'['.repeat(levels)}${']'.repeat(levels)}]}`;
    const config = directory.write('deep.json', text);
    checkRefusal(levels, () => loadConfig({ config }, {}));
    expect(() => loadConfig({ config }, {})).toThrow(ConfigError);
  }
});
