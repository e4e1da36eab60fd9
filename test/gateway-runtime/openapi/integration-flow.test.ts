import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGateway, textOf, until } from '../../helpers/gateway-instance.js';
import { startRestService } from '../../helpers/rest-service.js';
import { startTokenServer } from '../../helpers/token-server.js';

/** As Oracle Integration describes a flow with a REST trigger: Swagger 2.0, the version of the flow in the base path. */
const flow = `
swagger: '2.0'
info: { title: ORDERS, version: '1.0', description: Order status }
host: acme.integration.eu-frankfurt-1.ocp.oraclecloud.com
basePath: /ic/api/integration/v1/flows/rest/ORDERS/1.0
schemes: [https]
consumes: [application/json]
produces: [application/json]
paths:
  /orders/{orderId}:
    get:
      summary: Status of an order
      parameters:
        - { name: orderId, in: path, required: true, type: string }
        - { name: fields, in: query, type: array, items: { type: string }, collectionFormat: pipes }
      responses:
        '200': { description: ok, schema: { $ref: '#/definitions/Status' } }
  /orders:
    post:
      operationId: createOrder
      parameters:
        - { name: body, in: body, required: true, schema: { $ref: '#/definitions/Order' } }
      responses: { '200': { description: ok, schema: { $ref: '#/definitions/Status' } } }
  /files:
    post:
      operationId: upload
      consumes: [multipart/form-data]
      parameters:
        - { name: note, in: formData, type: string, required: true }
        - { name: file, in: formData, type: file }
      responses: { '200': { description: ok } }
definitions:
  Order: { type: object, required: [item], properties: { item: { type: string }, count: { type: integer, x-nullable: true } } }
  Status: { type: object, properties: { state: { type: string } } }
`;

const base = '/ic/api/integration/v1/flows/rest/ORDERS/1.0';

test('a flow is a backend, called with a token of an identity domain', async () => {
  const tokens = await startTokenServer();
  const service = await startRestService('', ({ headers, target }, response) => {
    if (tokens.subjectOf(headers.authorization) !== 'gateway') return void response.writeHead(401).end();
    if (target === `${base}/metadata/swagger`) return void response.end(flow);
    return { state: 'SHIPPED', target };
  });
  const gateway = await startGateway(
    {
      backends: [
        {
          name: 'orders',
          transport: 'openapi',
          url: service.url + base,
          document_url: `${service.url}${base}/metadata/swagger`,
          auth_method: 'oauth_client_credentials',
          token_url: tokens.url,
          client_id: 'gateway',
          client_secret_env: 'SECRET',
          scope: 'https://acme.example:443/ic/api/',
        },
      ],
    },
    { host: { env: { SECRET: 's' }, kill: () => {} } },
  );
  await gateway.waitFor('orders', 'connected');
  const client = await gateway.connect();
  const { tools } = await client.listTools();
  expect(tools.map(({ name, description }) => [name, description])).toEqual([
    ['orders_get_orders_orderId', 'Status of an order'],
    ['orders_createOrder', 'POST /orders'],
    ['orders_upload', 'POST /files'],
  ]);
  expect(tools[0]?.inputSchema).toEqual({
    type: 'object',
    properties: { orderId: { type: 'string' }, fields: { type: 'array', items: { type: 'string' } } },
    required: ['orderId'],
    additionalProperties: false,
  });
  expect(tools[1]?.inputSchema).toMatchObject({
    properties: { body: { required: ['item'], properties: { count: { type: ['integer', 'null'] } } } },
    required: ['body'],
  });
  expect(tools[2]?.inputSchema).toMatchObject({
    properties: { body: { properties: { file: { type: 'string', contentEncoding: 'base64' } }, required: ['note'] } },
  });
  const result = await client.callTool({
    name: 'orders_get_orders_orderId',
    arguments: { orderId: '42', fields: ['a', 'b'] },
  });
  expect(result).toMatchObject({ structuredContent: { state: 'SHIPPED', target: `${base}/orders/42?fields=a%7Cb` } });
  await client.callTool({ name: 'orders_createOrder', arguments: { body: { item: 'x' } } });
  expect(service.calls.at(-1)).toMatchObject({ method: 'POST', target: `${base}/orders` });
  expect(service.calls.at(-1)?.body.toString()).toBe('{"item":"x"}');
  const uploaded = await client.callTool({ name: 'orders_upload', arguments: { body: { note: 'n', file: 'AAE=' } } });
  expect(uploaded).not.toHaveProperty('isError');
  expect(service.calls.at(-1)?.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
});

test('the document may be a file, which is read again when it has changed', async () => {
  const service = await startRestService('', ({ target }) => ({ target }));
  const file = join(await mkdtemp(join(tmpdir(), 'openapi-')), 'orders.yaml');
  const backend = { name: 'orders', transport: 'openapi', url: `${service.url}/flow`, document_file: file } as const;
  const gateway = await startGateway({ backends: [{ ...backend, document_refresh_interval: 0.05 }] });
  await until(() => gateway.logs.some(({ reason }) => String(reason).includes('(ENOENT)')), 'a complaint');
  await writeFile(file, flow);
  await gateway.waitFor('orders', 'connected');
  const client = await gateway.connect();
  expect((await client.listTools()).tools).toHaveLength(3);
  expect(textOf(await client.callTool({ name: 'orders_get_orders_orderId', arguments: { orderId: '1' } }))).toBe(
    '{"target":"/flow/orders/1"}',
  );
  await writeFile(file, flow.replace('operationId: createOrder', 'operationId: makeOrder'));
  await until(
    async () => (await client.listTools()).tools.some(({ name }) => name === 'orders_makeOrder'),
    'the new name',
  );
});

test.each([
  ['an object', { swagger: '2.0', paths: { '/a': { get: { responses: {} } } } }],
  ['a text', 'swagger: "2.0"\npaths: { /a: { get: { responses: {} } } }'],
])('the document may be in the configuration, as %s', async (_, document) => {
  const service = await startRestService('', ({ target }) => ({ target }));
  const backends = [{ name: 'o', transport: 'openapi' as const, url: service.url, document, namespace_tools: false }];
  const gateway = await startGateway({ backends });
  await gateway.waitFor('o', 'connected');
  const client = await gateway.connect();
  expect(textOf(await client.callTool({ name: 'get_a' }))).toBe('{"target":"/a"}');
  expect(service.calls.map(({ target }) => target)).toEqual(['/a']);
});
