import { AddressRange, InboundAuth, McpGateway, McpServer, OkeHosting, VaultSecret } from 'cdktf-oci-mcp';
import { Construct } from 'constructs';
import fc from 'fast-check';
import { secretKindOf, secretsIn } from '../../../lib/core/secret-literal';
import { faultsOf, synth } from '../../helpers/synth';
import { cluster, compartmentId, image, okeServer, reference, source } from '../fixtures';

const mixed = 'aB3'.repeat(12);
const pem = (kind: string) => `-----BEGIN ${kind}-----\nMIIB${mixed}\n-----END ${kind}-----`;
const jwt = `eyJ${mixed}.eyJ${mixed}.${mixed}`;

describe('text that is a secret wherever it stands', () => {
  test.each([
    ['a JSON Web Token', jwt],
    ['a JSON Web Token', `token ${jwt} of the client`],
    ['a JSON Web Token', `eyJ${mixed}.${mixed}.`],
    ['a private key', pem('PRIVATE KEY')],
    ['a private key', pem('RSA PRIVATE KEY')],
    ['a private key', pem('ENCRYPTED PRIVATE KEY')],
    ['a private key', pem('PGP PRIVATE KEY BLOCK')],
    ['a value of an Authorization header', `Bearer ${mixed}`],
    ['a value of an Authorization header', `dataKey ${mixed}`],
    ['a value of an Authorization header', `Basic ${Buffer.from('mcp:Welcome to 1').toString('base64')}`],
    ['a URL with a password', 'rediss://mcp:Welcome1@10.0.0.5:6379'],
    ['a URL with a password', 'redis://:Welcome1@cache:6379'],
    ['a connection string with a password', 'mcp_reader/Welcome1@adb.example:1522/sales_low'],
    ['a URL with a key', 'https://docs.example/mcp?api_key=0123456789'],
    ['a URL with a key', 'https://store.example/x?sv=1&sig=0123456789'],
    [
      'a pre-authenticated request',
      `https://objectstorage.eu-frankfurt-1.oraclecloud.com/p/${mixed}/n/acme/b/data/o/x`,
    ],
    ['a token of GitHub', `ghp_${mixed}`],
    ['a token of GitHub', `github_pat_${mixed}`],
    ['a token of GitLab', `glpat-${mixed}`],
    ['a key of AWS', `AKIA${'ABCDEFGH'.repeat(2)}`],
    ['a key of Google', `AIza${mixed.slice(0, 35)}`],
    ['a token of Slack', `xoxb-${mixed}`],
    ['a key of a model provider', `sk-proj-${mixed}`],
    ['a key of Stripe', `sk_live_${mixed}`],
    ['a token of npm', `npm_${mixed}`],
    ['a token of PyPI', `pypi-${mixed}${mixed}`],
    ['a token of Docker Hub', `dckr_pat_${mixed}`],
    ['a token of Hugging Face', `hf_${mixed}`],
    ['a token of HashiCorp Vault', `hvs.${mixed}`],
    ['a token of GitHub', `--header=ghp_${mixed}`],
  ])('%s', (kind, text) => {
    expect(secretKindOf(text)).toBe(kind);
  });
});

describe('text that is a secret by its name', () => {
  test.each([
    ['DB_PASSWORD', 'changeme'],
    ['adminPassword', 'Welcome1'],
    ['password', '123456'],
    ['spring.datasource.password', 'tiger'],
    ['CLIENT_SECRET', mixed],
    ['clientSecret', '0f3a9c-77b1-aa21'],
    ['api-key', 'a1b2c3d4'],
    ['API_TOKEN', 'Zx9!kQ2#pLm'],
    ['AUTH_TOKEN', '0f3a'.repeat(10)],
  ])('%s', (name, value) => {
    expect(secretKindOf(value, name)).toBe('a password or a key');
  });

  test('a flag names the value behind it, and what follows it', () => {
    expect(secretsIn({ args: ['--password=tiger', '--read-only', '--api-key', 'a1b2c3d4', 'a1b2c3d4'] })).toEqual([
      { path: 'args[0]', kind: 'a password or a key' },
      { path: 'args[3]', kind: 'a password or a key' },
    ]);
  });
});

describe('text that is no secret', () => {
  test.each([
    ['MODULE', 'packages/forecast@1.4.0/dist/server.js'],
    ['DSN', 'adb.example:1522/sales_low'],
    ['ORACLE_PASSWORD_SECRET', 'ocid1.vaultsecret.oc1.eu-frankfurt-1.amaaaaaa0f3a9c77b1'],
    ['password', 'ocid1.vaultsecret.oc1..aaaa'],
    ['password', 'none'],
    ['DB_PASSWORD', '/run/secrets/db1'],
    ['DB_PASSWORD', '<from Vault>'],
    ['DB_PASSWORD', '$DB_PASSWORD'],
    ['DB_PASSWORD', ''],
    ['DB_PASSWORD_FILE', 'secret-1.txt'],
    ['TOKEN', 'https://id.example/oauth2/v1/token'],
    ['tokenUrl', 'https://id.example/oauth2/v1/token'],
    ['secretName', 'oracle-db-wallet'],
    ['secret', 'oracle-db-wallet-2'],
    ['AUTH_TOKEN', 'oauth2'],
    ['token', 'tokens.json'],
    ['MAX_TOKEN', '4096000000'],
    ['digest', `sha256:${'0f3a'.repeat(16)}`],
    ['secret_key', `sha256:${'0f3a'.repeat(16)}`],
    ['image', `fra.ocir.io/acme/logs-mcp@sha256:${'0f3a'.repeat(16)}`],
    ['cidrBlock', '10.0.0.0/16'],
    ['publicKey', pem('PUBLIC KEY')],
    ['certificate', pem('CERTIFICATE')],
    ['url', 'https://idcs-0123456789abcdef0123456789abcdef.identity.oraclecloud.com:443/admin/v1/SigningCert/jwk'],
    ['url', 'redis://cache.example:6379/0'],
    ['description', 'Accepts a Bearer token of the identity domain'],
    ['description', 'The basic interpretation of measurements'],
    ['ORACLE_DSN', '(description=(address=(protocol=tcps)(port=1522)(host=adb.eu-frankfurt-1.oraclecloud.com)))'],
    ['task', 'task-0123456789-0123456789-risk-0123456789'],
  ])('%s', (name, value) => {
    expect(secretKindOf(value, name)).toBeUndefined();
  });

  test('references and what stands around them', () => {
    synth((stack) => {
      const password = reference(stack, 'password');
      expect(secretKindOf(password, 'DB_PASSWORD')).toBeUndefined();
      expect(secretKindOf(`Bearer ${password}`)).toBeUndefined();
      expect(secretKindOf(`redis://mcp:${password}@cache:6379`)).toBeUndefined();
      expect(secretKindOf(`${password} ghp_${mixed}`)).toBe('a token of GitHub');
    });
  });

  const word = fc.stringMatching(/^[a-z0-9]{10,60}$/);
  const name = fc.constantFrom('compartmentId', 'image', 'url', 'logGroupId', 'TOKEN', 'clientSecret', 'password');

  test('OCIDs, whatever the prop is called', () => {
    fc.assert(
      fc.property(name, fc.constantFrom('vaultsecret', 'compartment', 'fnfunc'), word, (prop, type, unique) => {
        expect(secretKindOf(`ocid1.${type}.oc1.eu-frankfurt-1.${unique}`, prop)).toBeUndefined();
      }),
    );
  });

  test('URLs without credentials, whatever the prop is called', () => {
    fc.assert(
      fc.property(name, fc.webUrl(), (prop, url) => {
        expect(secretKindOf(url, prop)).toBeUndefined();
      }),
    );
  });
});

describe('in the props of a construct', () => {
  const fault = (path: string, kind: string) =>
    `[stack/Logs] ${path}: got "text that looks like ${kind}"; allowed: references to secrets: their values would land in the state; fix: put the value into a secret in Vault and pass { secretId, compartmentId } where a secret can go, such as secretEnvironment`;

  test('a secret is refused wherever it stands, and not shown', () => {
    const faults = faultsOf((stack) => {
      okeServer(
        stack,
        { nodeSelector: { token: mixed } },
        {
          description: `Called with ${jwt}`,
          environment: { DB_PASSWORD: 'tiger', API_URL: 'https://a:b@docs.example' },
          source: { ...source, args: ['--key', `ghp_${mixed}`] },
        },
      );
    });
    expect(faults.sort()).toEqual(
      [
        fault('description', 'a JSON Web Token'),
        fault('environment.API_URL', 'a URL with a password'),
        fault('environment.DB_PASSWORD', 'a password or a key'),
        fault('hosting.nodeSelector.token', 'a password or a key'),
        fault('source.args[1]', 'a token of GitHub'),
      ].sort(),
    );
    expect(faults.join()).not.toMatch(/tiger|ghp_|eyJ|aB3/);
  });

  test('a gateway has none in what it checks tokens with', () => {
    const faults = faultsOf((stack) => {
      const inboundAuth = InboundAuth.jwt({
        issuer: 'https://id.example/',
        audiences: ['mcp'],
        publicKey: pem('PRIVATE KEY'),
      });
      new McpGateway(stack, 'Logs', { image, hosting: new OkeHosting({ cluster: cluster(stack) }), inboundAuth });
    });
    expect(faults).toContain(fault('inboundAuth.jwt_public_key', 'a private key'));
  });

  test('a name that is a secret is not shown either', () => {
    expect(secretsIn({ tokens: { [jwt]: { clientId: 'ci' } } })).toEqual([
      { path: 'tokens', kind: 'a JSON Web Token' },
    ]);
  });

  test('a server elsewhere has none in its URL or its headers', () => {
    const faults = faultsOf((stack) => {
      const headers = { 'X-Api-Key': mixed };
      McpServer.fromEndpoint(stack, 'Logs', { url: `https://docs.example/mcp?access_token=${mixed}`, headers });
    });
    expect(faults).toEqual([fault('url', 'a URL with a key'), fault('headers.X-Api-Key', 'a password or a key')]);
  });

  test('constructs, references, buffers and circles are passed over', () => {
    synth((stack) => {
      const construct = Object.assign(new Construct(stack, 'Other'), { password: 'tiger' });
      const circle: { [name: string]: unknown } = { construct, buffer: Buffer.from(`ghp_${mixed}`) };
      circle['self'] = circle;
      circle['range'] = new AddressRange(stack, 'Office', '203.0.113.0/24');
      circle['token'] = reference(stack, 'token');
      expect(secretsIn(circle)).toEqual([]);
    });
  });

  test('references to secrets are what is wanted', () => {
    const { resource } = synth((stack) => {
      const secretId = 'ocid1.vaultsecret.oc1.eu-frankfurt-1.example';
      const password = VaultSecret.fromSecretAttributes(stack, 'Password', { secretId, compartmentId });
      new McpServer(stack, 'Logs', {
        source,
        hosting: new OkeHosting({ cluster: cluster(stack), imagePullSecrets: ['registry'] }),
        environment: { ORACLE_PASSWORD_SECRET: password.secretId },
        secretEnvironment: { API_TOKEN: { name: 'docs-mcp', key: 'token' } },
      });
    });
    expect(resource('kubernetes_deployment_v1')).toBeDefined();
  });
});
