import type { OpenApiBackend } from '../../../gateway-runtime/src/config/backend.js';
import { parseGatewayConfig } from '../../../gateway-runtime/src/config/index.js';
import { Catalogues } from '../../../gateway-runtime/src/openapi/catalogues.js';
import { documentOf } from '../../helpers/rest-service.js';

const backend = () =>
  parseGatewayConfig({ backends: [{ name: 's', transport: 'openapi', url: 'http://s.example', document: 'x' }] })
    .backends[0] as OpenApiBackend;

/** A document with so many operations. */
function large(operations: number): Buffer {
  const paths = Array.from({ length: operations }, (_, index) => [`/p${index}`, { get: { responses: {} } }]);
  return Buffer.from(JSON.stringify(documentOf(Object.fromEntries(paths))));
}

test('a document is read once, and one that is refused is not read again either', async () => {
  const catalogues = new Catalogues();
  const one = backend();
  const first = await catalogues.read(large(3), one);
  expect(first.tools.size).toBe(3);
  expect(await catalogues.read(large(3), one)).toBe(first);
  const other = backend();
  const refusal = await catalogues.read(large(6000), other).catch((error) => error);
  expect(refusal.message).toContain('6000 operations; choose up to 5000');
  expect(await catalogues.read(large(6000), other).catch((error) => error)).toBe(refusal);
});

test('documents that change faster than they can be read keep nobody else waiting', async () => {
  const catalogues = new Catalogues();
  const one = backend();
  await catalogues.read(large(4000), one);
  await expect(catalogues.read(large(3), one)).rejects.toThrow('changes faster than it can be read');
  expect((await catalogues.read(large(3), backend())).tools.size).toBe(3);
});

test('what a document may hold is bounded', async () => {
  const paths = {
    '/many': { get: { parameters: Array.from({ length: 201 }, (_, index) => ({ name: `p${index}`, in: 'query' })) } },
    '/fine': { get: {} },
  };
  const long = `#/components/schemas/${'x'.repeat(2000)}`;
  const schemas = { Large: { enum: ['x'.repeat(300 * 1024)] }, ['x'.repeat(2000)]: { type: 'string' } };
  const document = documentOf(
    {
      ...paths,
      '/large': {
        post: { requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Large' } } } } },
      },
      '/long': { post: { requestBody: { content: { 'application/json': { schema: { $ref: long } } } } } },
    },
    { components: { schemas } },
  );
  const { tools, leftOut } = await new Catalogues().read(Buffer.from(JSON.stringify(document)), backend());
  expect(leftOut).toEqual([{ operation: 'GET /many', reason: 'it has more than 200 parameters' }]);
  expect([...tools.keys()]).toEqual(['get_fine', 'post_large', 'post_long']);
  expect(JSON.stringify([...tools.values()].map(({ item }) => item)).length).toBeLessThan(2000);
});

test('members that could be mistaken for prototypes are left out', async () => {
  const parameter = '{"name":"p","in":"query","schema":{"properties":{"__proto__":{"description":"polluted"},"a":{}}}}';
  const json = `{"openapi":"3.1.0","__proto__":{"polluted":1},"paths":{"/a":{"get":{"parameters":[${parameter}]}}}}`;
  const yaml =
    'openapi: 3.1.0\npaths: {/a: {get: {parameters: [{name: p, in: query, schema: {properties: {__proto__: {}, a: {}}}}]}}}';
  for (const text of [json, yaml]) {
    const { tools } = await new Catalogues().read(Buffer.from(text), backend());
    const written = JSON.stringify(tools.get('get_a')?.item.inputSchema);
    expect(written).toContain('"p":{"properties":{"a":{}}}');
  }
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});
