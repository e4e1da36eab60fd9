import type { BackendInput } from '../../../gateway-runtime/src/config/index.js';
import { startGateway, type TestGateway, textOf, until } from '../../helpers/gateway-instance.js';
import { startIssuer } from '../../helpers/gateway-jwt.js';
import { listen } from '../../helpers/gateway-servers.js';
import { makeKeyPair, makeSessionToken, verifySignature } from '../../helpers/oci-signature.js';
import { type Answer, documentOf, type RestService, startRestService } from '../../helpers/rest-service.js';
import { startTokenServer } from '../../helpers/token-server.js';

const responses = { 200: { description: 'ok' } };

const paths = {
  '/orders/{id}': { get: { operationId: 'order', responses } },
  '/orders': { post: { operationId: 'make', requestBody: { content: { 'application/json': {} } }, responses } },
};

/** A gateway with one backend for a service, connected. */
async function gatewayFor(
  service: RestService,
  backend: Partial<BackendInput> = {},
  env: Record<string, string> = {},
): Promise<TestGateway> {
  const gateway = await startGateway(
    {
      backends: [
        {
          name: 's',
          transport: 'openapi',
          url: service.url,
          document_url: `${service.url}/openapi.json`,
          namespace_tools: false,
          ...backend,
        },
      ],
    },
    { host: { env, kill: () => {} } },
  );
  await gateway.waitFor('s', 'connected');
  return gateway;
}

async function call(gateway: TestGateway, name = 'order', values: object = { id: '1' }) {
  const client = await gateway.connect();
  return client.callTool({ name, arguments: values as Record<string, unknown> });
}

/** Answers with what it was sent. */
const echo: Answer = ({ method, target, headers, body }) => ({ method, target, headers, body: body.toString() });

test('credentials of every kind are sent with the document and with calls, and are not repeated to clients', async () => {
  const service = await startRestService(documentOf(paths), echo);
  const secret = 'a-secret-of-some-length';
  const kinds: [Partial<BackendInput>, string, string][] = [
    [{ auth_method: 'bearer_token', bearer_token_env: 'SECRET' }, 'authorization', `Bearer ${secret}`],
    [{ auth_method: 'api_key', api_key_env: 'SECRET', api_key_header: 'X-Key' }, 'x-key', secret],
    [
      { auth_method: 'basic', username: 'ada', password_env: 'SECRET' },
      'authorization',
      `Basic ${Buffer.from(`ada:${secret}`).toString('base64')}`,
    ],
    [{ headers: { 'X-Auth': secret } }, 'x-auth', secret],
  ];
  for (const [backend, header, value] of kinds) {
    const gateway = await gatewayFor(service, backend, { SECRET: secret });
    const result = await call(gateway);
    expect(service.calls.at(-1)?.headers[header]).toBe(value);
    expect(service.documentCalls.at(-1)?.headers[header]).toBe(value);
    expect(result).toMatchObject({ structuredContent: { method: 'GET', target: '/orders/1' } });
    expect(JSON.stringify(result)).not.toContain(value.replace(/^\w+ /, ''));
    expect(JSON.stringify(result)).toContain('[hidden]');
    await gateway.close();
  }
});

test('a token that is refused is replaced once, and then the refusal is told', async () => {
  const tokens = await startTokenServer();
  const refused = new Set<unknown>();
  const service = await startRestService(documentOf(paths), ({ headers }, response) => {
    if (!refused.has(headers.authorization) && !refused.has('all'))
      return { by: tokens.subjectOf(headers.authorization) };
    response.writeHead(401, { 'content-type': 'text/plain' }).end(`not with ${headers.authorization}`);
    return undefined;
  });
  const gateway = await gatewayFor(
    service,
    {
      auth_method: 'oauth_client_credentials',
      token_url: tokens.url,
      client_id: 'gateway',
      client_secret_env: 'SECRET',
    },
    { SECRET: 'client secret' },
  );
  refused.add('Bearer token-1');
  expect(await call(gateway)).toMatchObject({ structuredContent: { by: 'gateway' } });
  expect(service.calls.map(({ headers }) => headers.authorization)).toEqual(['Bearer token-1', 'Bearer token-2']);
  refused.add('all');
  const result = await call(gateway);
  expect(result).toMatchObject({ isError: true });
  expect(textOf(result)).toMatch(/^HTTP 401 Unauthorized\nnot with \[hidden\]$/);
});

test('callers come with tokens of their own, which their tokens are exchanged for', async () => {
  const tokens = await startTokenServer();
  const service = await startRestService(documentOf(paths), ({ headers }) => ({
    by: tokens.subjectOf(headers.authorization),
  }));
  const issuer = await startIssuer();
  const gateway = await startGateway(
    {
      auth: { enabled: true, jwt_jwks_uri: issuer.url, jwt_issuer: issuer.name, jwt_audience: 'mcp' },
      backends: [
        {
          ...{ name: 's', transport: 'openapi', url: service.url, document_url: `${service.url}/openapi.json` },
          ...{
            auth_method: 'token_exchange',
            token_url: tokens.url,
            client_id: 'gateway',
            client_secret_env: 'SECRET',
          },
        },
      ],
    },
    { host: { env: { SECRET: 'client secret' }, kill: () => {} } },
  );
  await gateway.waitFor('s', 'connected');
  expect(tokens.subjectOf(service.documentCalls.at(-1)?.headers.authorization)).toBe('gateway');
  for (const sub of ['ada', 'bob', 'ada']) {
    const token = await issuer.sign({ sub });
    const client = await gateway.connect({ requestInit: { headers: { authorization: `Bearer ${token}` } } });
    expect(await client.callTool({ name: 's_order', arguments: { id: '1' } })).toMatchObject({
      structuredContent: { by: sub },
    });
  }
});

test('requests are signed with an OCI identity, bodies included', async () => {
  const { publicKey, privateKey } = makeKeyPair();
  const service = await startRestService(documentOf(paths), echo);
  const gateway = await gatewayFor(
    service,
    { auth_method: 'resource_principal' },
    {
      OCI_RESOURCE_PRINCIPAL_VERSION: '2.2',
      OCI_RESOURCE_PRINCIPAL_RPST: makeSessionToken(),
      OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM: privateKey,
    },
  );
  expect(await call(gateway, 'order', { id: "a b/ü'()" })).not.toHaveProperty('isError');
  expect(await call(gateway, 'make', { body: { item: 'ü' } })).not.toHaveProperty('isError');
  const all = [...service.documentCalls, ...service.calls];
  expect(all.map(({ method }) => method)).toEqual(['GET', 'GET', 'POST']);
  for (const each of all) verifySignature({ ...each, body: each.body.toString() }, () => publicKey);
});

test('another host that holds the document learns no credentials', async () => {
  const service = await startRestService({}, echo);
  const elsewhere = await startRestService(documentOf(paths));
  const gateway = await gatewayFor(
    service,
    {
      document_url: `${elsewhere.url}/openapi.json`,
      auth_method: 'bearer_token',
      bearer_token_env: 'SECRET',
      headers: { 'x-tenant': 'acme' },
    },
    { SECRET: 'a-secret-of-some-length' },
  );
  await call(gateway);
  expect(service.calls.at(-1)?.headers).toMatchObject({ 'x-tenant': 'acme', authorization: expect.any(String) });
  expect(elsewhere.documentCalls).toHaveLength(1);
  expect(elsewhere.documentCalls[0]?.headers).not.toHaveProperty('authorization');
  expect(elsewhere.documentCalls[0]?.headers).not.toHaveProperty('x-tenant');
});

test('redirects are told and not followed', async () => {
  const elsewhere = await startRestService(documentOf(paths), echo);
  const service = await startRestService(documentOf(paths), (_, response) => {
    response.writeHead(302, { location: `${elsewhere.url}/stolen` }).end('see there');
    return undefined;
  });
  const gateway = await gatewayFor(service);
  const result = await call(gateway);
  expect(textOf(result)).toBe('HTTP 302 Found; the service redirects elsewhere, which is not followed');
  const moved = await listen((_, response) => void response.writeHead(301, { location: elsewhere.url }).end());
  const other = await startGateway({
    backends: [{ name: 'm', transport: 'openapi', url: moved.url, document_url: `${moved.url}/openapi.json` }],
  });
  await until(() => other.logs.some(({ reason }) => String(reason).includes('HTTP 301, a redirect')), 'a refusal');
  expect([...elsewhere.calls, ...elsewhere.documentCalls]).toEqual([]);
});

test('a call that takes too long is given up, and one that nobody waits for, too', async () => {
  let aborted = 0;
  const service = await startRestService(documentOf(paths), ({ target }, response) => {
    response.on('close', () => {
      if (!response.writableEnded) aborted += 1;
    });
    if (target !== '/orders/slow') return {};
    return undefined;
  });
  const gateway = await gatewayFor(service, { request_timeout: 0.3 });
  const result = await call(gateway, 'order', { id: 'slow' });
  expect(result).toMatchObject({ isError: true });
  expect(textOf(result)).toBe('backend "s": did not answer tools/call within 0.3 s');
  await until(() => aborted === 1, 'the end of the request');
  const patient = await gatewayFor(service);
  const client = await patient.connect();
  const ending = new AbortController();
  const cancelled = client.callTool({ name: 'order', arguments: { id: 'slow' } }, undefined, { signal: ending.signal });
  const rejected = expect(cancelled).rejects.toThrow();
  await until(() => service.calls.length >= 2, 'the request');
  ending.abort();
  await rejected;
  await until(() => aborted === 2, 'the end of the request');
});

test('a document that changes is noticed, and one that breaks changes nothing', async () => {
  const service = await startRestService(documentOf(paths), echo);
  const gateway = await gatewayFor(service, { document_refresh_interval: 0.05 });
  const client = await gateway.connect();
  const names = async () => (await client.listTools()).tools.map(({ name }) => name);
  expect(await names()).toEqual(['order', 'make']);
  service.document = documentOf({ ...paths, '/new': { get: { operationId: 'fresh', responses } } });
  await until(async () => (await names()).includes('fresh'), 'the new tool');
  service.document = 'nonsense';
  await until(
    () => gateway.logs.some(({ msg }) => msg === 'document cannot be read again; its tools stay as they are'),
    'a complaint',
  );
  expect(await names()).toEqual(['order', 'make', 'fresh']);
  expect(await call(gateway)).not.toHaveProperty('isError');
  const complaints = gateway.logs.filter(({ reason }) => String(reason).includes('not an OpenAPI document'));
  expect(complaints).toHaveLength(1);
});

test('a document that changes too fast is read later', async () => {
  const many = Array.from({ length: 3000 }, (_, index) => [`/p${index}`, { get: { responses } }]);
  const service = await startRestService(documentOf(Object.fromEntries(many)), echo);
  const gateway = await gatewayFor(service, { document_refresh_interval: 0.02 });
  service.document = documentOf(paths);
  const refusal = 'has a document that changes faster than it can be read';
  await until(() => gateway.logs.some(({ reason }) => reason === refusal), 'a refusal');
  const client = await gateway.connect();
  await until(async () => (await client.listTools()).tools.length === 2, 'the other document', 30_000);
}, 60_000);

test('a service that goes is down, and is found again', async () => {
  let isAway = false;
  const service = await startRestService(documentOf(paths), (sent, response) => {
    if (isAway) return void response.writeHead(503).end();
    return echo(sent, response);
  });
  const gateway = await gatewayFor(service, { health_check_interval: 0.05, failure_threshold: 1 });
  await until(() => service.calls.some(({ method }) => method === 'HEAD'), 'a ping');
  isAway = true;
  await gateway.waitFor('s', 'down');
  isAway = false;
  await gateway.waitFor('s', 'connected');
  await service.close();
  await gateway.waitFor('s', 'down');
  const result = await call(gateway);
  expect(result).toMatchObject({ isError: true });
  expect(textOf(result)).toMatch(/^backend "s" is not connected: connection (refused|closed)/);
  await startRestService(service.document, echo, service.port);
  await gateway.waitFor('s', 'connected');
});

test('what only an argument could spoil stays as it is', async () => {
  const inHeader = (name: string) => ({ name, in: 'header', schema: { type: 'string' } });
  const inQuery = (name: string) => ({ name, in: 'query', schema: {} });
  const headers = [
    'Host',
    'Authorization',
    'X-Key',
    'Content-Length',
    'Transfer-Encoding',
    'Cookie',
    'X-Fixed',
    'X-Free',
  ];
  const service = await startRestService(
    documentOf({
      '/a/{id}/b': {
        get: {
          operationId: 'a',
          parameters: [...headers.map(inHeader), ...['q', 'instance', 'any'].map(inQuery)],
          responses,
        },
      },
    }),
    echo,
  );
  const gateway = await gatewayFor(
    service,
    {
      url: `${service.url}/base?instance=one`,
      headers: { 'X-Fixed': 'yes' },
      auth_method: 'api_key',
      api_key_header: 'X-Key',
      api_key_env: 'K',
    },
    { K: 'the-key-of-the-gateway' },
  );
  const { tools } = await (await gateway.connect()).listTools();
  expect(Object.keys(tools[0]?.inputSchema.properties ?? {})).toEqual(['id', 'X-Free', 'q', 'any']);
  const before = service.calls.length;
  const attempts: [object, string][] = [
    [{ id: '..' }, 'id leads upwards'],
    [{ id: '../../admin' }, 'id leads upwards'],
    [{ id: 'x/..\\..' }, 'id leads upwards'],
    [{ id: '..;' }, 'id leads upwards'],
    [{ id: '' }, 'id is empty'],
    [{ id: 'a\r\nHost: evil' }, 'id holds control characters'],
    [{ id: 'a', 'X-Free': 'a\r\nX-Key: mine' }, 'X-Free is sent in a header'],
    [{ id: 'a', 'X-Free': 'ü' }, 'X-Free is sent in a header'],
    [{ id: { a: { b: 1 } } }, 'id holds lists or objects'],
    [{ id: 'a', 'X-Key': 'mine' }, '"X-Key" cannot be given'],
    [{ id: 'a', any: { instance: 'two' } }, '"instance" is a parameter that cannot be given'],
  ];
  for (const [values, fault] of attempts) expect(textOf(await call(gateway, 'a', values))).toContain(fault);
  expect(service.calls).toHaveLength(before);
  await call(gateway, 'a', { id: '@evil.example:80#?', q: 'x&instance=two', 'X-Free': ' fine ' });
  expect(service.calls.at(-1)).toMatchObject({
    target: '/base/a/%40evil.example%3A80%23%3F/b?instance=one&q=x%26instance%3Dtwo',
    headers: { 'x-free': 'fine', 'x-fixed': 'yes', host: service.url.slice('http://'.length) },
  });
});

test('calls are audited like those of any other backend', async () => {
  const service = await startRestService(documentOf(paths), ({ target }, response) => {
    if (target === '/orders/2') response.writeHead(404).end();
    return {};
  });
  const gateway = await gatewayFor(service);
  await call(gateway, 'order', { id: '1' });
  await call(gateway, 'order', { id: '2' });
  const records = gateway.logs.flatMap(({ audit }) => (audit ? [audit] : []));
  expect(records).toMatchObject([
    { tool: 'order', backend: 's', outcome: 'ok' },
    { tool: 'order', backend: 's', outcome: 'error' },
  ]);
});
