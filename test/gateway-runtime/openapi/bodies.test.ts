import { startGateway, type TestGateway, textOf } from '../../helpers/gateway-instance.js';
import { documentOf, type RestService, startRestService } from '../../helpers/rest-service.js';

const responses = { 200: { description: 'ok' } };

const post = (operationId: string, content: object, required = true) => ({
  post: { operationId, requestBody: { required, content }, responses },
});

const paths = {
  '/json': post('json', { 'text/plain': {}, 'application/merge-patch+json': { schema: { type: 'object' } } }),
  '/form': post('form', {
    'application/x-www-form-urlencoded': {
      schema: { type: 'object', properties: { a: { type: 'string' }, list: { type: 'array' }, o: { type: 'object' } } },
      encoding: { list: { style: 'form', explode: false }, deep: { style: 'deepObject', explode: true } },
    },
  }),
  '/upload': post('upload', {
    'multipart/form-data': {
      schema: {
        type: 'object',
        properties: {
          note: { type: 'string' },
          file: { type: 'string', format: 'binary' },
          meta: { type: 'object' },
          more: { type: 'array', items: { type: 'string', contentMediaType: 'image/png' } },
        },
      },
    },
  }),
  '/xml': post('xml', { 'application/xml': { schema: { $ref: '#/components/schemas/Order' } } }),
  '/bytes': post('bytes', { 'application/octet-stream': {} }, false),
  '/any': post('any', { '*/*': {} }),
};

let service: RestService;
let gateway: TestGateway;

beforeAll(async () => {
  const components = { schemas: { Order: { type: 'object' } } };
  service = await startRestService(documentOf(paths, { components }));
  gateway = await startGateway({
    backends: [
      {
        name: 's',
        transport: 'openapi',
        url: service.url,
        document_url: `${service.url}/openapi.json`,
        namespace_tools: false,
      },
    ],
  });
  await gateway.waitFor('s', 'connected');
});

/** The type and the text of the body that a call sends. */
async function sent(name: string, values: object): Promise<[type: string | undefined, body: string]> {
  const client = await gateway.connect();
  const result = await client.callTool({ name, arguments: values as Record<string, unknown> });
  if (result.isError) throw new Error(textOf(result));
  const { headers, body } = service.calls.at(-1) as (typeof service.calls)[number];
  return [headers['content-type'], body.toString()];
}

test('JSON is taken before anything else, with the type that the document gives it', async () => {
  expect(await sent('json', { body: { a: [1, null] } })).toEqual(['application/merge-patch+json', '{"a":[1,null]}']);
});

test('forms write each field as the document says', async () => {
  expect(
    await sent('form', { body: { a: 'x & y=z', list: [1, 2], o: { n: 1 }, deep: { n: { m: 1 } }, gone: null } }),
  ).toEqual([
    'application/x-www-form-urlencoded',
    'a=x%20%26%20y%3Dz&list=1,2&o=%7B%22n%22%3A1%7D&deep%5Bn%5D%5Bm%5D=1',
  ]);
  await expect(sent('form', { body: 'a=1' })).rejects.toThrow('body is to be an object');
});

test('files are bytes in base64, which become parts of a form', async () => {
  const { tools } = await (await gateway.connect()).listTools();
  const upload = tools.find(({ name }) => name === 'upload');
  expect(upload?.inputSchema.properties).toMatchObject({
    body: { properties: { file: { type: 'string', contentEncoding: 'base64' } } },
  });
  const file = Buffer.from('bytes\r\n--part').toString('base64');
  const png = Buffer.from([0x89]).toString('base64');
  const [type, body] = await sent('upload', {
    body: { note: 'a\r\n--x', file, meta: { a: 1 }, more: [png, png], 'evil"\r\nx: y': 'z' },
  });
  const form = await new Response(service.calls.at(-1)?.body as never, {
    headers: { 'content-type': type ?? '' },
  }).formData();
  expect(form.get('note')).toBe('a\r\n--x');
  expect(await (form.get('file') as File).text()).toBe('bytes\r\n--part');
  expect(form.get('meta')).toBe('{"a":1}');
  expect(form.getAll('more').map((each) => (each as File).type)).toEqual(['image/png', 'image/png']);
  expect(body).toContain('name="evil%22%0D%0Ax: y"');
  await expect(sent('upload', { body: { file: 'not base64!' } })).rejects.toThrow('body.file is to be bytes in base64');
});

test('text and bytes go as they are', async () => {
  expect(await sent('xml', { body: '<order/>' })).toEqual(['application/xml', '<order/>']);
  await expect(sent('xml', { body: { order: 1 } })).rejects.toThrow('body is to be a text');
  expect(await sent('bytes', { body: Buffer.from('raw').toString('base64') })).toEqual([
    'application/octet-stream',
    'raw',
  ]);
  expect(await sent('bytes', {})).toEqual([undefined, '']);
  expect(await sent('any', { body: Buffer.from('raw').toString('base64') })).toEqual([
    'application/octet-stream',
    'raw',
  ]);
});
