import { startGateway, type TestGateway, textOf } from '../../helpers/gateway-instance.js';
import { type RestService, startRestService } from '../../helpers/rest-service.js';

const pet = {
  type: 'object',
  required: ['name'],
  properties: {
    id: { type: 'integer', format: 'int64', readOnly: true },
    name: { type: 'string', example: 'Rex' },
    tag: { type: 'string', nullable: true },
    parent: { $ref: '#/components/schemas/Pet' },
  },
};

const json = (schema: object) => ({ content: { 'application/json': { schema } } });

const document = {
  openapi: '3.0.3',
  info: { title: 'Pets', version: '1.0.0', description: 'Knows all pets.' },
  servers: [{ url: 'https://petstore.example/v1' }],
  paths: {
    '/pets': {
      get: {
        operationId: 'listPets',
        tags: ['pets'],
        summary: 'List pets',
        parameters: [
          { $ref: '#/components/parameters/Limit' },
          { name: 'tags', in: 'query', schema: { type: 'array', items: { type: 'string' } } },
          { name: 'X-Tenant', in: 'header', schema: { type: 'string' } },
          { name: 'session', in: 'cookie', schema: { type: 'string' } },
        ],
        responses: { 200: { description: 'All', ...json({ type: 'array', items: pet }) } },
      },
      post: {
        operationId: 'createPet',
        tags: ['pets'],
        requestBody: { required: true, ...json({ $ref: '#/components/schemas/Pet' }) },
        responses: { 201: { description: 'Made', ...json({ $ref: '#/components/schemas/Pet' }) } },
      },
    },
    '/pets/{petId}': {
      parameters: [{ name: 'petId', in: 'path', required: true, schema: { type: 'string' } }],
      get: {
        operationId: 'getPet',
        responses: { 200: { description: 'One', ...json({ $ref: '#/components/schemas/Pet' }) } },
      },
      put: {
        operationId: 'replacePet',
        requestBody: json({ $ref: '#/components/schemas/Pet' }),
        responses: { 200: { description: 'One', ...json({ $ref: '#/components/schemas/Pet' }) } },
      },
      delete: { tags: ['admin'], deprecated: true, responses: { 204: { description: 'Gone' } } },
    },
    '/pets/{petId}/photo': {
      get: { operationId: 'photo', responses: { 200: { description: 'A photo', content: { 'image/png': {} } } } },
    },
  },
  components: {
    schemas: { Pet: pet },
    parameters: {
      Limit: { name: 'limit', in: 'query', schema: { type: 'integer', minimum: 0, exclusiveMinimum: true } },
    },
  },
};

let service: RestService;
let gateway: TestGateway;

beforeAll(async () => {
  service = await startRestService(document, ({ method, target, body }, response) => {
    if (target.endsWith('/photo')) {
      response.setHeader('content-type', 'image/png').end(Buffer.from([1, 2, 3]));
      return undefined;
    }
    if (method === 'DELETE') return void response.writeHead(204).end();
    if (method === 'POST') return { id: 7, ...JSON.parse(body.toString()) };
    if (target === '/v1/pets/unknown') {
      response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"no such pet"}');
      return undefined;
    }
    return target.startsWith('/v1/pets?') || target === '/v1/pets'
      ? [{ id: 1, name: 'Rex' }]
      : { id: 1, name: 'Rex', tag: null };
  });
  gateway = await startGateway({
    backends: [
      { name: 'pets', transport: 'openapi', url: `${service.url}/v1`, document_url: `${service.url}/openapi.json` },
    ],
  });
  await gateway.waitFor('pets', 'connected');
});

test('each operation is a tool, with what its method promises', async () => {
  const client = await gateway.connect();
  const { tools } = await client.listTools();
  expect(tools.map(({ name, annotations }) => [name, annotations])).toEqual([
    ['pets_listPets', { readOnlyHint: true }],
    ['pets_createPet', { readOnlyHint: false }],
    ['pets_getPet', { readOnlyHint: true }],
    ['pets_replacePet', { readOnlyHint: false, idempotentHint: true }],
    ['pets_delete_pets_petId', { readOnlyHint: false, destructiveHint: true, idempotentHint: true }],
    ['pets_photo', { readOnlyHint: true }],
  ]);
  expect(client.getInstructions()).toContain('Knows all pets.');
  expect(tools[4]?.description).toBe('Deprecated. DELETE /pets/{petId}');
});

test('parameters and the body are arguments, in JSON Schema', async () => {
  const { tools } = await (await gateway.connect()).listTools();
  const schemas = Object.fromEntries(tools.map(({ name, inputSchema }) => [name, inputSchema]));
  expect(schemas.pets_listPets).toEqual({
    type: 'object',
    properties: {
      limit: { type: 'integer', exclusiveMinimum: 0 },
      tags: { type: 'array', items: { type: 'string' } },
      'X-Tenant': { type: 'string' },
      session: { type: 'string' },
    },
    additionalProperties: false,
  });
  // What contains itself is defined once, what only the service sets is not asked for, and nullable is a type.
  expect(schemas.pets_createPet).toEqual({
    type: 'object',
    properties: { body: { $ref: '#/$defs/Pet' } },
    required: ['body'],
    additionalProperties: false,
    $defs: {
      Pet: {
        type: 'object',
        required: ['name'],
        properties: {
          name: { type: 'string', examples: ['Rex'] },
          tag: { type: ['string', 'null'] },
          parent: { $ref: '#/$defs/Pet' },
        },
      },
    },
  });
  const get = tools.find(({ name }) => name === 'pets_getPet');
  expect(get?.outputSchema).toMatchObject({ type: 'object', properties: { id: { type: ['number', 'null'] } } });
  expect(get?.outputSchema).not.toHaveProperty('required');
});

test('a call is a request with everything in its place', async () => {
  const client = await gateway.connect();
  const values = { limit: 5, tags: ['a b', 'c&d'], 'X-Tenant': 'acme', session: 'x;y' };
  const listed = await client.callTool({ name: 'pets_listPets', arguments: values });
  expect(JSON.parse(textOf(listed))).toEqual([{ id: 1, name: 'Rex' }]);
  expect(service.calls.at(-1)).toMatchObject({
    method: 'GET',
    target: '/v1/pets?limit=5&tags=a%20b&tags=c%26d',
    headers: { 'x-tenant': 'acme', cookie: 'session=x%3By' },
  });
  const made = await client.callTool({ name: 'pets_createPet', arguments: { body: { name: 'Mia' } } });
  expect(made).toMatchObject({ structuredContent: { id: 7, name: 'Mia' } });
  expect(service.calls.at(-1)?.headers['content-type']).toBe('application/json');
  await client.callTool({ name: 'pets_getPet', arguments: { petId: 'a/b c?d#e%' } });
  expect(service.calls.at(-1)?.target).toBe('/v1/pets/a%2Fb%20c%3Fd%23e%25');
});

test('answers become what clients know: nothing, an image, an error that a model can read', async () => {
  const client = await gateway.connect();
  const deleted = await client.callTool({ name: 'pets_delete_pets_petId', arguments: { petId: '1' } });
  expect(textOf(deleted)).toBe('HTTP 204 No Content');
  const photo = await client.callTool({ name: 'pets_photo', arguments: { petId: '1' } });
  expect(photo.content).toEqual([{ type: 'image', data: 'AQID', mimeType: 'image/png' }]);
  const missing = await client.callTool({ name: 'pets_getPet', arguments: { petId: 'unknown' } });
  expect(missing).toMatchObject({ isError: true });
  expect(textOf(missing)).toBe('HTTP 404 Not Found\n{"error":"no such pet"}');
});

test('wrong arguments are told, all at once, and nothing is sent', async () => {
  const client = await gateway.connect();
  const before = service.calls.length;
  const wrong = await client.callTool({ name: 'pets_createPet', arguments: { name: 'Mia', admin: true } });
  expect(wrong).toMatchObject({ isError: true });
  expect(textOf(wrong)).toBe('wrong arguments: body is missing; "name", "admin" cannot be given; allowed: body');
  expect(service.calls).toHaveLength(before);
});

test('operations are chosen by method, by tag, and by name', async () => {
  const url = `${service.url}/v1`;
  const document_url = `${service.url}/openapi.json`;
  const chosen = await startGateway({
    backends: [
      { name: 'read', transport: 'openapi', url, document_url, operations: { methods: ['GET'] } },
      { name: 'admin', transport: 'openapi', url, document_url, operations: { tags: ['admin'] } },
      { name: 'one', transport: 'openapi', url, document_url, allowed_tools: ['get*'], namespace_tools: false },
    ],
  });
  for (const name of ['read', 'admin', 'one']) await chosen.waitFor(name, 'connected');
  const { tools } = await (await chosen.connect()).listTools();
  expect(tools.map(({ name }) => name)).toEqual([
    ...['read_listPets', 'read_getPet', 'read_photo'],
    ...['admin_delete_pets_petId', 'getPet'],
  ]);
  await chosen.close();
});

test.each(['3.1.1', '3.2.0'])('schemas of OpenAPI %s are JSON Schema as they are', async (openapi) => {
  const schema = { type: ['string', 'null'], exclusiveMinimum: 1, const: 'x', examples: ['x'] };
  const paths = {
    '/a': { get: { operationId: 'a', parameters: [{ name: 'p', in: 'query', schema }], responses: {} } },
  };
  const newer = await startRestService({ openapi, info: { title: 'New', version: '1' }, paths });
  const front = await startGateway({
    backends: [{ name: 'n', transport: 'openapi', url: newer.url, document_url: `${newer.url}/openapi.json` }],
  });
  await front.waitFor('n', 'connected');
  const { tools } = await (await front.connect()).listTools();
  expect(tools[0]?.inputSchema.properties).toEqual({ p: schema });
});
