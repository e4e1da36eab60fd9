import { startGateway, type TestGateway, textOf, until } from '../../helpers/gateway-instance.js';
import { documentOf, type RestService, startRestService } from '../../helpers/rest-service.js';

const ok = { responses: { 200: { description: 'ok' } } };

/** A gateway in front of a service with this document. */
async function gatewayFor(document: object | string): Promise<{ service: RestService; gateway: TestGateway }> {
  const service = await startRestService(document as never, ({ target }) => ({ target }));
  const gateway = await startGateway({
    backends: [
      {
        name: 'x',
        transport: 'openapi',
        url: `${service.url}/base`,
        document_url: `${service.url}/openapi.json`,
        namespace_tools: false,
      },
    ],
  });
  return { service, gateway };
}

async function toolsOf(document: object | string) {
  const { service, gateway } = await gatewayFor(document);
  await gateway.waitFor('x', 'connected');
  const client = await gateway.connect();
  const { tools } = await client.listTools();
  return { service, gateway, client, tools, logs: gateway.logs };
}

/** Why a document is not taken. */
async function reasonOf(document: object | string): Promise<unknown> {
  const { service, gateway } = await gatewayFor(document);
  await until(() => gateway.logs.some(({ msg }) => msg === 'backend is down; trying again'), 'a refusal');
  const { reason } = gateway.logs.find(({ msg }) => msg === 'backend is down; trying again') ?? {};
  await gateway.close();
  await service.close();
  return reason;
}

test('a document that is none is refused, with its reason and nothing of its text', async () => {
  expect(await reasonOf('<!doctype html><title>Sign in secret</title>')).toBe(
    'has a document that is not an OpenAPI document',
  );
  expect(await reasonOf('{"openapi": "3.1.0", "paths": {')).toBe('has a document that is neither JSON nor YAML');
  expect(await reasonOf('"text"')).toBe('has a document that is not an OpenAPI document');
  expect(await reasonOf({ openapi: '4.0.0', paths: {} })).toBe(
    'has a document of OpenAPI "4.0.0"; 2.0 (Swagger) and 3.0 to 3.2 can be read',
  );
  expect(await reasonOf({ paths: {} })).toContain('it names no version');
  expect(await reasonOf(`{"openapi":"3.1.0","paths":${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}}`)).toBe(
    'has a document that is nested more than 100 levels deep',
  );
  expect(await reasonOf(`openapi: 3.1.0\npaths: &a\n  b: *a\n`)).toContain('nested more than 100 levels');
  expect(await reasonOf(`{"openapi":"3.1.0","x":"${'x'.repeat(9 * 1024 * 1024)}"}`)).toBe(
    'has no document: document_url is larger than 8 MiB',
  );
});

test('aliases that multiply are not followed for ever', async () => {
  const levels = Array.from(
    { length: 30 },
    (_, level) => `l${level + 1}: &l${level + 1} [*l${level}, *l${level}, *l${level}]`,
  );
  const bomb = `openapi: 3.1.0\nl0: &l0 [a, b, c]\n${levels.join('\n')}\npaths: {}\n`;
  expect(await reasonOf(bomb)).toMatch(/more than 1000000 objects|neither JSON nor YAML/);
});

test('references that multiply are not written out for ever', async () => {
  const schemas = Object.fromEntries(
    Array.from({ length: 60 }, (_, level) => [
      `L${level}`,
      {
        type: 'object',
        properties: {
          a: { $ref: `#/components/schemas/L${level + 1}` },
          b: { $ref: `#/components/schemas/L${level + 1}` },
        },
      },
    ]),
  );
  const body = { content: { 'application/json': { schema: { $ref: '#/components/schemas/L0' } } } };
  const paths = { '/a': { post: { operationId: 'a', requestBody: body, ...ok } } };
  const { tools, client } = await toolsOf(documentOf(paths, { components: { schemas } }));
  expect(JSON.stringify(tools).length).toBeLessThan(200_000);
  expect(await client.callTool({ name: 'a', arguments: { body: {} } })).not.toHaveProperty('isError');
});

test('cycles of references, in schemas and elsewhere, end', async () => {
  const schemas = {
    A: { $ref: '#/components/schemas/B' },
    B: { $ref: '#/components/schemas/A' },
    Tree: {
      type: 'object',
      properties: { left: { $ref: '#/components/schemas/Tree' }, right: { $ref: '#/components/schemas/Fruit' } },
    },
    Fruit: { type: 'object', properties: { on: { $ref: '#/components/schemas/Tree' } } },
    Both: { anyOf: [{ $ref: '#/components/schemas/Both' }, { $ref: '#/components/schemas/Both' }] },
  };
  const json = (name: string) => ({
    content: { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } },
  });
  const both = {
    content: {
      'application/json': { schema: { type: 'object', properties: { target: { $ref: '#/components/schemas/Both' } } } },
    },
  };
  const paths = {
    '/a': { post: { operationId: 'a', requestBody: json('A'), ...ok } },
    '/tree': {
      post: {
        operationId: 'tree',
        requestBody: json('Tree'),
        responses: { 200: { description: '', ...json('Tree') } },
      },
    },
    '/both': { get: { operationId: 'both', responses: { 200: { description: '', ...both } } } },
    '/loop': { get: { operationId: 'loop', parameters: [{ $ref: '#/components/parameters/P' }], ...ok } },
    '/item': { $ref: '#/paths/~1item' },
  };
  const parameters = { P: { $ref: '#/components/parameters/P' } };
  const { tools, client, logs } = await toolsOf(documentOf(paths, { components: { schemas, parameters } }));
  expect(tools.map(({ name }) => name)).toEqual(['a', 'tree', 'both']);
  expect(tools[0]?.inputSchema.properties).toEqual({ body: {} });
  expect(tools[1]?.inputSchema.$defs).toHaveProperty('Tree');
  expect(await client.callTool({ name: 'tree', arguments: { body: {} } })).toMatchObject({
    structuredContent: { target: '/base/tree' },
  });
  expect(await client.callTool({ name: 'both' })).not.toHaveProperty('isError');
  expect(logs.find(({ msg }) => msg === 'operations of the document are left out')).toMatchObject({
    operations: [
      'GET /loop: it refers to "#/components/parameters/P", which is not in this document',
      '/item: it is described elsewhere',
    ],
  });
});

test('references to files and addresses are not followed', async () => {
  const elsewhere = await startRestService('{"type":"object","properties":{"stolen":{}}}');
  const schema = (reference: string) => ({ content: { 'application/json': { schema: { $ref: reference } } } });
  const paths = {
    '/file': { post: { operationId: 'file', requestBody: schema('file:///etc/passwd'), ...ok } },
    '/url': { post: { operationId: 'url', requestBody: schema(`${elsewhere.url}/openapi.json#/properties`), ...ok } },
    '/parameter': { get: { operationId: 'parameter', parameters: [{ $ref: '../secrets.yaml#/p' }], ...ok } },
    '/body': { post: { operationId: 'body', requestBody: { $ref: `${elsewhere.url}/openapi.json` }, ...ok } },
  };
  const { tools } = await toolsOf(documentOf(paths));
  expect(tools.map(({ name, inputSchema }) => [name, inputSchema.properties])).toEqual([
    ['file', { body: {} }],
    ['url', { body: {} }],
  ]);
  expect(elsewhere.documentCalls).toEqual([]);
});

test('names of prototypes are names like others, and change nothing', async () => {
  const document = `{"openapi":"3.1.0","info":{"title":"x","version":"1"},"__proto__":{"polluted":1},
    "paths":{"/a/{constructor}":{"get":{"operationId":"__proto__","parameters":[
      {"name":"__proto__","in":"query","schema":{"type":"string"}},
      {"name":"toString","in":"query","required":true,"schema":{"$ref":"#/components/schemas/x"}}],
      "responses":{"200":{"description":"ok"}}}}},
    "components":{"schemas":{"__proto__":{"polluted":1},"x":{"properties":{"__proto__":{"description":"polluted"}}}}}}`;
  const { tools, client, service } = await toolsOf(document);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  const [tool] = tools;
  // The SDK of the client drops one of them.
  expect(Object.keys(tool?.inputSchema.properties ?? {})).toEqual(['constructor', 'toString']);
  const without = await client.callTool({ name: tool?.name ?? '', arguments: {} });
  expect(textOf(without)).toBe('wrong arguments: constructor is missing; toString is missing');
  await client.callTool({
    name: tool?.name ?? '',
    arguments: JSON.parse('{"constructor":"c","__proto__":"p","toString":"t"}'),
  });
  expect(service.calls.at(-1)?.target).toBe('/base/a/c?__proto__=p&toString=t');
});

test('names are unique, valid, and the same in whichever order', async () => {
  const get = (operationId?: string) => ({ get: { ...(operationId !== undefined && { operationId }), ...ok } });
  const paths = {
    '/one': get('same'),
    '/two': get('Same'),
    '/three': get('list orders/öpen!'),
    '/four': get('x'.repeat(100)),
    '/five': get(''),
    '/': get(),
  };
  const { tools } = await toolsOf(documentOf(paths));
  const names = tools.map(({ name }) => name);
  expect(names[0]).toMatch(/^same_[0-9a-f]{8}$/);
  expect(names[1]).toMatch(/^Same_[0-9a-f]{8}$/);
  expect(names.slice(2)).toEqual(['list_orders_pen', expect.stringMatching(/^x{55}_[0-9a-f]{8}$/), 'get_five', 'get']);
  const { tools: turned } = await toolsOf(documentOf(Object.fromEntries(Object.entries(paths).reverse())));
  expect(turned.map(({ name }) => name).reverse()).toEqual(names);
});

test('paths that lead elsewhere are no tools', async () => {
  const paths = Object.fromEntries(
    ['/../admin', '/a/%2e%2E/b', '/a?x=1', '/a#b', '\\\\evil', 'evil', '/a b', '/..;/x', '@evil.example/'].map(
      (path) => [path, { get: ok }],
    ),
  );
  const { tools, service, client } = await toolsOf(
    documentOf({ ...paths, '//evil.example/x': { get: { operationId: 'double', ...ok } } }),
  );
  expect(tools.map(({ name }) => name)).toEqual(['double']);
  await client.callTool({ name: 'double' });
  expect(service.calls.at(-1)).toMatchObject({
    target: '/base//evil.example/x',
    headers: { host: service.url.slice(7) },
  });
});

test('keywords of another form are left out, since clients refuse tools whose schemas they cannot read', async () => {
  const schema = {
    type: 'any',
    properties: { a: { type: 'string', pattern: '(?<!', required: true, minLength: -1, 'x-internal': 'no' } },
    required: 'a',
    exclusiveMinimum: true,
    enum: [],
    description: 5,
    discriminator: { propertyName: 'a' },
  };
  const body = { content: { 'application/json': { schema } } };
  const { tools } = await toolsOf(documentOf({ '/a': { post: { operationId: 'a', requestBody: body, ...ok } } }));
  expect(tools[0]?.inputSchema.properties).toEqual({ body: { properties: { a: { type: 'string' } } } });
});
