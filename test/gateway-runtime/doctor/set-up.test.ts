import { generateKeyPairSync } from 'node:crypto';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { BackendInput, GatewayConfigInput } from '../../../gateway-runtime/src/config/index.js';
import { statementFor } from '../../../gateway-runtime/src/doctor/policies.js';
import { adviceFor } from '../../../gateway-runtime/src/doctor/reasons.js';
import { type Examination, examine } from '../../helpers/doctor.js';
import { makeDirectory, type TestDirectory } from '../../helpers/gateway-directory.js';
import { startGateway } from '../../helpers/gateway-instance.js';
import { startIssuer } from '../../helpers/gateway-jwt.js';
import { listen, startHttpServer, startSseServer } from '../../helpers/gateway-servers.js';
import { makeKeyPair } from '../../helpers/oci-signature.js';
import { startCollector } from '../../helpers/otlp-collector.js';
import { describeRedis, startRedis } from '../../helpers/redis.js';
import { documentOf, startRestService } from '../../helpers/rest-service.js';

let directory: TestDirectory;
beforeEach(() => {
  directory = makeDirectory();
});
afterEach(() => directory.remove());

/** Has the doctor look at a configuration of a gateway that does not run. */
function look(
  configuration: GatewayConfigInput,
  env: Record<string, string> = {},
  timeout = '2',
): Promise<Examination> {
  const config = directory.write('gateway.json', { host: '127.0.0.1', port: 9, ...configuration });
  return examine({ config, timeout }, env);
}

const lookAt = (backend: Partial<BackendInput>, env = {}, timeout = '2') =>
  look({ backends: [{ name: 'b', ...backend }] }, env, timeout);

describe('configuration', () => {
  test('every fault of one that cannot be used', async () => {
    const { find, report } = await look({ prot: 1, auth: { jwt_algorithms: ['none'] } } as never);
    expect(find('configuration').map(({ status, seen }) => `${status}: ${seen.slice(0, 40)}`)).toEqual([
      'problem: auth.jwt_algorithms[0]: "none" would acc',
      'problem: prot: unknown field; did you mean "port"',
    ]);
    expect(report.target).toEqual({ url: null, configuration: true });
  });

  test('warnings, and one without backends', async () => {
    const { find, say } = await look({});
    expect(find('configuration').map(({ status }) => status)).toEqual(['ok', 'warning', 'warning']);
    expect(say('listening')).toBe('warning: the gateway does not run here: connection refused by 127.0.0.1:9');
  });
});

describe('a service without MCP', () => {
  const operation = { responses: { 200: { description: 'ok' } } };
  const paths = { '/orders': { get: { operationId: 'orders', ...operation } } };
  const service = { transport: 'openapi', auth_method: 'none' } as const;

  test('that is described', async () => {
    const { url } = await startRestService(documentOf(paths, { servers: [{ url: 'https://api.example/v1/' }] }));
    const found = await lookAt({ ...service, url: `${url}/v1`, document_url: `${url}/openapi.json` });
    expect(found.find('handshake')).toEqual([]);
    expect(found.say('document')).toBe('ok: describes 1 operation for tools');
    expect(found.say('tools')).toBe('ok: 1 of 1 tools exposed');
    const misplaced = await lookAt({ ...service, url, document_url: `${url}/openapi.json` });
    expect(misplaced.say('document')).toBe('warning: describes 1 operation for tools, below /v1 while url has /');
    expect(misplaced.solve('document')).toContain('end the url with /v1');
  });

  test('of which some operations cannot be tools', async () => {
    const broken = { get: { ...operation, parameters: [{ $ref: 'file:///etc/passwd' }] } };
    const { url } = await startRestService(documentOf({ ...paths, '/broken': broken }));
    const { say, solve } = await lookAt({ ...service, url, document_url: `${url}/openapi.json` });
    expect(say('document')).toBe('warning: describes 1 operation for tools; 1 more cannot');
    expect(solve('document')).toContain('GET /broken (it refers to "file:///etc/passwd"');
  });

  test.each([
    ['/missing', 'has no document: document_url answered HTTP 404', 'correct document_url or document_file'],
    ['/login', 'has a document that is not an OpenAPI document', 'a login page'],
    ['/secret', 'has no document: document_url answered HTTP 401', 'open document_url with the credentials'],
  ])('of which the document is not to be had: %s', async (path, seen, advice) => {
    const { url } = await listen((request, response) => {
      if (request.url === '/login') response.end('<html>Sign in</html>');
      else response.writeHead(request.url === '/secret' ? 401 : 404).end();
    });
    const { say, solve } = await lookAt({ ...service, url, document_url: url + path });
    expect(say('document')).toBe(`problem: ${seen}`);
    expect(solve('document')).toContain(advice);
  });
});

describe('a backend over HTTP', () => {
  test('that is not there, and one that is', async () => {
    const refused = await lookAt({ url: 'http://127.0.0.1:1/mcp' });
    expect(refused.say('tcp')).toBe('problem: connection refused by 127.0.0.1:1');
    const server = await startHttpServer('s');
    const found = await lookAt({ url: server.url, allowed_tools: ['echo', 'serach'] });
    expect(found.say('handshake')).toBe('ok: speaks MCP 2025-11-25');
    expect(found.say('tools')).toBe(
      'warning: 1 of 4 tools exposed; allowed_tools names serach, which it does not offer',
    );
    expect(found.solve('tools')).toContain('it offers echo, fail, slow, work');
    await server.close();
  });

  test('without tools', async () => {
    const server = await startHttpServer('s', { create: () => new McpServer({ name: 'empty', version: '1' }) });
    expect((await lookAt({ url: server.url })).say('tools')).toBe('warning: no tools found');
    await server.close();
  });

  test('at another path, or of another transport', async () => {
    const sse = await startSseServer('old');
    const older = await lookAt({ url: sse.url }, {}, '1');
    expect(older.say('handshake')).toMatch(/^problem: no MCP handshake: /);
    expect(older.solve('handshake')).toContain(`set "url": "${sse.url}", "transport": "sse"`);
    await sse.close();
    const server = await startHttpServer('s', {
      intercept: (request, response) => {
        const isElsewhere = request.url !== '/mcp';
        if (isElsewhere) response.writeHead(404).end();
        return isElsewhere;
      },
    });
    const newer = await lookAt({ url: new URL('/sse', server.url).href, transport: 'sse' });
    expect(newer.solve('handshake')).toContain(`set "url": "${server.url}", "transport": "streamable_http"`);
    await server.close();
  });

  test.each([
    [401, {}, 'set "auth_method"'],
    [404, {}, 'most servers are at /mcp'],
    [406, {}, 'the server speaks another transport'],
    [429, {}, 'limits how often'],
    [500, {}, 'is in trouble'],
  ])('that answers %i', async (status, body, advice) => {
    const server = await listen((_, response) => void response.writeHead(status).end(JSON.stringify(body)));
    const { say, solve } = await lookAt({ url: `${server.url}/mcp` });
    expect(say('handshake')).toContain(`no MCP handshake: answered HTTP ${status}`);
    expect(solve('handshake')).toContain(advice);
    await server.close();
  });

  test('whose credential is missing, is refused, or is there', async () => {
    const url = 'http://127.0.0.1:1/mcp';
    const missing = await lookAt({ url, auth_method: 'bearer_token', bearer_token_env: 'DOCS_TOKEN' });
    expect(missing.say('credential')).toBe('problem: has no credential: variable DOCS_TOKEN holds none');
    expect(missing.solve('credential')).toContain('set the variable for the process of the gateway');
    const there = await lookAt(
      { url, auth_method: 'bearer_token', bearer_token_env: 'DOCS_TOKEN' },
      { DOCS_TOKEN: 'word' },
    );
    expect(there.say('credential')).toBe('ok: bearer_token is there, from bearer_token_env DOCS_TOKEN');
    const server = await listen((_, response) => void response.writeHead(401).end('{"error":"invalid_client"}'));
    const client = { auth_method: 'oauth_client_credentials', client_id: 'c', client_secret: 's3cret-of-c' } as const;
    const refused = await lookAt({ url, ...client, token_url: `${server.url}/token` });
    expect(refused.say('credential')).toBe('problem: gets no token: its token_url answered HTTP 401 (invalid_client)');
    await server.close();
  });
});

describe('a backend that wants signed requests', () => {
  test('without a resource principal', async () => {
    const { say, solve } = await lookAt(
      { url: 'http://127.0.0.1:1/mcp', auth_method: 'resource_principal' },
      { OCI_RESOURCE_PRINCIPAL_VERSION: '2.2' },
    );
    expect(say('oci-identity')).toBe(
      'problem: Resource principal not configured: not set are OCI_RESOURCE_PRINCIPAL_RPST, OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM',
    );
    for (const part of ['dynamic group', 'Allow dynamic-group', 'oke_workload_identity']) {
      expect(solve('oci-identity')).toContain(part);
    }
  });

  test.each([
    ['oke_workload_identity', 'ENHANCED_CLUSTER'],
    ['oci_config', 'oci_profile'],
    ['session_token', 'oci session authenticate'],
  ] as const)('without %s', async (auth_method, advice) => {
    const oci_config_file = '/no/such/file';
    const { say, solve } = await lookAt({ url: 'http://127.0.0.1:1/mcp', auth_method, oci_config_file });
    expect(say('oci-identity')).toMatch(/^problem: cannot sign requests \(/);
    expect(solve('oci-identity')).toContain(advice);
  });

  test('that OCI answers with 404: the statement that is missing', async () => {
    const server = await listen(
      (_, response) =>
        void response
          .writeHead(404, { 'content-type': 'application/json' })
          .end('{"code":"NotAuthorizedOrNotFound","message":"x"}'),
    );
    const { privateKey } = makeKeyPair();
    const profile = {
      user: 'ocid1.user.oc1..u',
      tenancy: 'ocid1.tenancy.oc1..t',
      fingerprint: 'aa:bb',
      region: 'eu-frankfurt-1',
    };
    const lines = Object.entries({ ...profile, key_file: directory.write('key.pem', privateKey) });
    const oci_config_file = directory.write(
      'config',
      ['[DEFAULT]', ...lines.map(([key, value]) => `${key}=${value}`)].join('\n'),
    );
    const url = `${server.url}/ocid1.datasciencemodeldeployment.oc1.fra.x/predict`;
    const { say, solve } = await lookAt({ url, json_only: true, auth_method: 'oci_config', oci_config_file });
    expect(say('oci-identity')).toBe('ok: requests can be signed (oci_config)');
    expect(say('handshake')).toBe('problem: no MCP handshake: answered HTTP 404 (NotAuthorizedOrNotFound)');
    expect(solve('handshake')).toContain('add the statement: Allow group <group of the user> to');
    await server.close();
  });

  test.each([
    [
      'https://modeldeployment.eu-frankfurt-1.oci.customer-oci.com/x/predict',
      '{DATA_SCIENCE_MODEL_DEPLOYMENT_PREDICT}',
    ],
    [
      'https://x.eu-frankfurt-1.functions.oci.oraclecloud.com/20181201/functions/f/actions/invoke',
      "use fn-invocation in compartment id <compartment OCID> where target.function.id='<function OCID>'",
    ],
    [
      'https://application.generativeai.eu-frankfurt-1.oci.oraclecloud.com/x',
      '{GENERATIVE_AI_HOSTED_DEPLOYMENT_INVOKE}',
    ],
  ])('%s', async (url, permission) => {
    expect(statementFor('resource_principal', new URL(url).hostname)).toContain(
      `Allow dynamic-group <group of the gateway> to ${permission}`,
    );
    expect(statementFor('oke_workload_identity', new URL(url).hostname)).toContain("request.principal.type='workload'");
  });
});

test.each([
  [
    'secret ocid1.vaultsecret.oc1..x cannot be read: HTTP 404 (NotAuthorizedOrNotFound)',
    "target.secret.id='ocid1.vaultsecret.oc1..x'",
  ],
  ['login.example cannot be reached (ECONNREFUSED)', 'service gateway'],
  ['connection closed before the answer', 'https://'],
  ['no connection within connect_timeout', 'route tables'],
  ['certificate not trusted (self-signed)', 'NODE_EXTRA_CA_CERTS'],
  ['speaks MCP "2020-01-01", which is not supported', 'update the server'],
  ['answered with an event stream; remove "json_only" from the backend', 'json_only'],
  ['something that nobody knows', 'log of the server'],
])('%s', (reason, advice) => {
  expect(adviceFor(reason).solution).toContain(advice);
});

test('over stdio nothing listens that could be looked at', async () => {
  const config = directory.write('gateway.json', { port: 9 });
  expect((await examine({ config, stdio: true })).find('listening')).toEqual([]);
});

describe('a backend over stdio', () => {
  const node = process.execPath;
  test.each<[string, Partial<BackendInput>, string, string]>([
    [
      'that does not exist',
      { command: 'no-such-program' },
      'cannot be started (ENOENT)',
      'there is no such command in the PATH',
    ],
    [
      'that ends at once',
      { command: node, args: ['-e', 'console.error("No module named x"); process.exit(3)'] },
      'exited with code 3: No module named x',
      'a missing module',
    ],
    [
      'that is no MCP server',
      { command: node, args: ['-e', 'console.log("Listening on 8000"); setInterval(() => {}, 1000)'] },
      'did not answer initialize within 1 s (stdout: Listening on 8000)',
      'transport set to stdio',
    ],
  ])('%s', async (_, backend, seen, advice) => {
    const { say, solve } = await lookAt(backend, {}, '1');
    expect(say('handshake')).toBe(`problem: no MCP handshake: ${seen}`);
    expect(solve('handshake')).toContain(advice);
  });
});

describe('tokens of callers', () => {
  test('a key set that is not there, or has no key of the algorithm', async () => {
    const issuer = await startIssuer();
    const auth = { jwt_jwks_uri: issuer.url, jwt_audience: 'mcp' };
    expect((await look({ auth })).say('keys')).toBe(`ok: ${issuer.url} holds 1 key for RS256`);
    const other = await look({ auth: { ...auth, jwt_algorithms: ['ES256'] } });
    expect(other.say('keys')).toBe(`problem: ${issuer.url} holds no key for ES256, but RS256`);
    issuer.keySet = undefined;
    const absent = await look({ auth });
    expect(absent.say('keys')).toBe(`problem: no key set at ${issuer.url} (HTTP 500)`);
    expect(absent.solve('keys')).toContain('Configure client access');
    await issuer.close();
  });

  test('a PEM key of another type', async () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const { say } = await look({ auth: { jwt_public_key: pem, jwt_audience: 'mcp' } });
    expect(say('keys')).toBe('problem: a key of type ec verifies none of RS256');
  });

  test('an issuer that calls itself otherwise, and one whose keys have moved', async () => {
    const issuer = await listen((request, response) => {
      const keys = request.url === '/keys';
      response.end(
        JSON.stringify(keys ? { keys: [{ kty: 'RSA' }] } : { issuer: `${issuer.url}/`, jwks_uri: `${issuer.url}/new` }),
      );
    });
    const auth = { jwt_jwks_uri: `${issuer.url}/keys`, jwt_audience: 'mcp' };
    const other = await look({ auth: { ...auth, jwt_issuer: `${issuer.url}/tenant` } });
    expect(other.say('issuer')).toBe(
      `problem: the issuer is configured as ${issuer.url}/tenant, and calls itself ${issuer.url}/`,
    );
    expect(other.solve('issuer')).toContain(`write "${issuer.url}/" in its place`);
    // A slash at the end makes no difference.
    const moved = await look({ auth: { ...auth, jwt_issuer: issuer.url } });
    expect(moved.say('issuer')).toBe(
      `warning: its keys are fetched from ${issuer.url}/keys, and the issuer names ${issuer.url}/new`,
    );
    const second = { issuer: issuer.url, jwks_uri: `${issuer.url}/keys`, audience: 'mcp', algorithms: ['ES256'] };
    const unfit = await look({ auth: { issuers: [second] } });
    expect(unfit.solve('keys')).toContain('auth.issuers[0].algorithms');
    await issuer.close();
  });
});

describeRedis('shared state', () => {
  test('that is there, wants a password, or is gone', async () => {
    const redis = await startRedis();
    expect((await look({ state: { url: redis.url } })).say('state')).toBe('ok: takes commands and messages');
    await redis.command('CONFIG', 'SET', 'requirepass', 'other-password');
    const refused = await look({ state: { url: redis.url, password: 's3cret-word' } });
    expect(refused.say('state')).toMatch(/^problem: answers (WRONGPASS|NOAUTH)$/);
    expect(refused.solve('state')).toContain('state.password_env');
    await redis.stop();
    expect((await look({ state: { url: redis.url } })).say('tcp', 'shared state')).toContain('connection refused');
  });
});

test('a server that is no Redis', async () => {
  const server = await listen(() => {});
  const found = await look({ state: { url: `redis://127.0.0.1:${server.port}` } });
  expect(found.say('state')).toMatch(/^problem: /);
  expect(found.solve('state')).toContain('rediss://');
  await server.close();
});

test('traces: a collector that takes spans, and one that knows the key not', async () => {
  const collector = await startCollector();
  const traces = { otlp_url: `${collector.url}/v1/traces`, data_key: 'k3y-of-the-domain' };
  expect((await look({ traces })).say('traces')).toBe('ok: takes spans');
  expect(collector.spans).toEqual([]);
  collector.accepts = 'dataKey another';
  const refused = await look({ traces });
  expect(refused.say('traces')).toBe('problem: HTTP 401');
  expect(refused.solve('traces')).toContain('private data key');
  await collector.close();
});

test('metrics over OTLP: a collector that takes them, and one that knows the key not', async () => {
  const collector = await startCollector();
  const otlp_metrics = { otlp_url: `${collector.url}/v1/metrics` };
  expect((await look({ otlp_metrics })).say('otlp-metrics')).toBe('ok: takes metrics');
  collector.accepts = 'dataKey another';
  const refused = await look({ otlp_metrics });
  expect(refused.say('otlp-metrics')).toBe('problem: HTTP 401');
  expect(refused.solve('otlp-metrics')).toContain('/private/v1/metrics');
  await collector.close();
});

test('the identity of the gateway, when it needs one', async () => {
  const { say } = await look({ metrics: { compartment_id: 'ocid1.compartment.oc1..c' } });
  expect(say('oci-identity', 'identity of the gateway')).toContain('Resource principal not configured');
});

test('backends are looked at at the same time', async () => {
  const silent = await listen(() => {});
  const backends = Array.from({ length: 8 }, (_, index) => ({ name: `b${index}`, url: `${silent.url}/mcp` }));
  const begin = Date.now();
  const { find } = await look({ backends }, {}, '1');
  expect(Date.now() - begin).toBeLessThan(4000);
  expect(find('handshake').map(({ status }) => status)).toEqual(backends.map(() => 'problem'));
  await silent.close();
});

test('a gateway that runs here is looked at, too, by its own address', async () => {
  const server = await startHttpServer('s');
  const gateway = await startGateway({ backends: [{ name: 's', url: server.url }] });
  await gateway.waitFor('s', 'connected');
  const port = Number(new URL(gateway.url).port);
  const { say } = await look({ port, auth: { enabled: false }, backends: [{ name: 's', url: server.url }] });
  expect(say('listening')).toBe(`ok: 127.0.0.1:${port} takes connections`);
  expect(say('tools', `gateway http://127.0.0.1:${port}/mcp`)).toBe('ok: offers 4 tools');
  await Promise.all([gateway.close(), server.close()]);
});
