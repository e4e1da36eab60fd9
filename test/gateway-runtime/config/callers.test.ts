import { generateKeyPairSync } from 'node:crypto';
import { ConfigError, formatFault, type GatewayConfigInput } from '../../../gateway-runtime/src/config/index.js';
import { loadConfig } from '../../../gateway-runtime/src/loading/config-loader.js';
import { makeCertificate } from '../../helpers/certificates.js';
import { runCli, startCli } from '../../helpers/gateway-cli.js';
import { makeDirectory, type TestDirectory } from '../../helpers/gateway-directory.js';
import { secureClient } from '../../helpers/gateway-secure.js';
import { bearer } from '../../helpers/gateway-tokens.js';

let directory: TestDirectory;
beforeEach(() => {
  directory = makeDirectory();
});
afterEach(() => directory.remove());

const pem = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .publicKey.export({ type: 'spki', format: 'pem' })
  .toString();
const token = 'a-token-of-some-length';
const write = (config: GatewayConfigInput) => directory.write('gateway.json', config);

/** What is said of a configuration: its faults, or else its warnings. */
function saidOf(config: GatewayConfigInput): string[] {
  try {
    return loadConfig({ config: write(config) }, {}).warnings.map(formatFault);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.map(formatFault);
    throw error;
  }
}

function tlsFiles() {
  const authority = makeCertificate({ name: 'authority' });
  const served = makeCertificate({ name: 'gateway', alternatives: ['IP:127.0.0.1'] }, authority);
  return {
    authority,
    tls: {
      cert_file: directory.write('tls.crt', served.cert),
      key_file: directory.write('tls.key', served.key),
      client_ca_file: directory.write('ca.crt', authority.cert),
    },
  };
}

describe('a gateway that others can reach', () => {
  const introspection = { url: 'https://as.example/x', client_id: 'g', client_secret_env: 'S', audience: 'mcp' };

  test.each<[string, () => GatewayConfigInput]>([
    ['an issuer', () => ({ auth: { issuers: [{ issuer: 'i', public_key: pem, audience: 'mcp' }] } })],
    ['introspection', () => ({ auth: { introspection } })],
    ['a static token', () => ({ auth: { static_tokens: { [token]: { client_id: 'c' } } } })],
    ['a static client', () => ({ auth: { static_clients: [{ client_id: 'c', token_env: 'T' }] } })],
    [
      'a client certificate',
      () => ({ tls: tlsFiles().tls, auth: { client_certificates: { agent: { client_id: 'c' } } } }),
    ],
  ])('starts when %s tells callers apart', (_, config) => {
    expect(saidOf(config())).toEqual([]);
  });

  test('fails when it only asks for certificates, and names nobody', () => {
    expect(saidOf({ tls: tlsFiles().tls })).toEqual([
      expect.stringMatching(/^auth: nothing verifies callers, and 0\.0\.0\.0 can be reached by others; /),
    ]);
  });

  test('fails before it listens, and says how to open it on purpose', async () => {
    const config = write({ port: 0 });
    for (const args of [
      ['--config', config],
      ['--config', config, '--check'],
      ['--config', config, '--host', '::'],
    ]) {
      const { code, stdout, stderr } = await runCli(args);
      expect([code, stdout]).toEqual([78, '']);
      expect(stderr).toMatch(/^auth: nothing verifies callers, .* or --no-auth; or --host 127\.0\.0\.1\n$/);
    }
    const { code, stdout } = await runCli(['--config', config, '--check', '--no-auth']);
    expect([code, stdout]).toEqual([0, expect.stringContaining('warning: auth: unauthenticated calls are accepted')]);
  });
});

test('tokens that can be guessed and unencrypted ways are warned of', () => {
  const client = { client_id: 'c' };
  const static_tokens = { [token]: client, short: client, [`sha256:${'a'.repeat(64)}`]: client };
  expect(saidOf({ auth: { static_tokens, resource_url: 'http://gateway.example/mcp' } })).toEqual([
    'auth.static_tokens[1]: a token of fewer than 16 characters can be guessed; use a longer, random one',
    'auth.resource_url: clients are told to send their tokens unencrypted; use an https URL',
  ]);
  for (const resource_url of ['http://localhost:9000/mcp', 'http://[::1]/mcp', 'https://gateway.example/mcp']) {
    expect(saidOf({ auth: { static_tokens: { [token]: client }, resource_url } })).toEqual([]);
  }
});

test('the keys of an issuer come from its file, and a missing file is a fault', () => {
  const issuer = { issuer: 'https://a.example', audience: 'mcp' };
  const public_key_file = directory.write('key.pem', pem + pem);
  const auth = { issuers: [{ ...issuer, public_key_file }] };
  expect(loadConfig({ config: write({ auth }) }, {}).config.auth.issuers).toMatchObject([{ public_key: [pem + pem] }]);
  expect(saidOf({ auth: { issuers: [{ ...issuer, public_key_file: `${public_key_file}.old` }] } })).toEqual([
    `auth.issuers[0].public_key_file: file ${public_key_file}.old does not exist`,
  ]);
});

describe('the files of tls', () => {
  const auth = { static_tokens: { [token]: { client_id: 'c' } } };

  test('fails when one is missing, and names each', () => {
    const { tls } = tlsFiles();
    expect(saidOf({ auth, tls: { ...tls, cert_file: '/none.crt', key_file: '/none.key' } })).toEqual([
      'tls.cert_file: file /none.crt does not exist',
      'tls.key_file: file /none.key does not exist',
    ]);
  });

  test.each<[string, (tls: ReturnType<typeof tlsFiles>['tls']) => object]>([
    [
      'the key of something else',
      () => ({ key_file: directory.write('other.key', makeCertificate({ name: 'x' }).key) }),
    ],
    ['no key', () => ({ key_file: directory.write('other.key', 'no key') })],
    ['no certificate', ({ key_file }) => ({ cert_file: key_file })],
  ])('fails when there is %s', (_, difference) => {
    const { tls } = tlsFiles();
    expect(saidOf({ auth, tls: { ...tls, ...difference(tls) } })).toEqual([
      'tls: these files are not a PEM certificate and its private key, without a passphrase',
    ]);
  });

  test('the program serves HTTPS with them', async () => {
    const { authority, tls } = tlsFiles();
    const own = makeCertificate({ name: 'agent' }, authority);
    const { origin, process } = await startCli(['--config', write({ auth, tls })]);
    const client = secureClient(authority, own);
    expect(await client.status(`${origin.replace('http:', 'https:')}/mcp`, bearer(token))).toBe(200);
    const anonymous = secureClient(authority);
    expect(await anonymous.status(`${origin.replace('http:', 'https:')}/mcp`, bearer(token))).not.toBe(200);
    await Promise.all([client.close(), anonymous.close()]);
    process.kill('SIGTERM');
  });
});
