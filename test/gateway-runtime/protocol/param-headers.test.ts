import { mcpNameOf } from '../../../gateway-runtime/src/protocol/mcp-name.js';
import { headersFor, mismatchedHeader, paramHeadersOf } from '../../../gateway-runtime/src/protocol/param-headers.js';

const region = { type: 'string', 'x-mcp-header': 'Region' };
const schemaOf = (properties: object, rest: object = {}) => ({ type: 'object', properties, ...rest });

test('finds annotations at any depth of properties, and nothing where the key is a name or a value', () => {
  const schema = schemaOf({
    region,
    'x-mcp-header': { type: 'string' },
    text: { type: 'string', default: { 'x-mcp-header': 1 }, enum: [{ 'x-mcp-header': '' }] },
    where: schemaOf({ zone: { type: 'integer', 'x-mcp-header': 'Zone' } }),
  });
  expect(paramHeadersOf(schema)).toEqual({
    headers: expect.arrayContaining([
      { header: 'mcp-param-region', path: ['region'] },
      { header: 'mcp-param-zone', path: ['where', 'zone'] },
    ]),
  });
  expect(paramHeadersOf(schema).headers).toHaveLength(2);
});

test.each([undefined, null, true, [], {}, { properties: 'no' }])('a schema %j has none', (schema) => {
  expect(paramHeadersOf(schema)).toEqual({ headers: [] });
});

const notAName = '"x-mcp-header" is not the name of a header';
const notPrimitive = '"x-mcp-header" is only for strings, integers and booleans';
const notReachable = '"x-mcp-header" stands where no chain of properties leads';
const deep = (depth: number): object => (depth === 0 ? region : schemaOf({ x: deep(depth - 1) }));

test.each<[string, object, string]>([
  ['empty', schemaOf({ a: { ...region, 'x-mcp-header': '' } }), notAName],
  ['with a space', schemaOf({ a: { ...region, 'x-mcp-header': 'My Region' } }), notAName],
  ['with a colon', schemaOf({ a: { ...region, 'x-mcp-header': 'A:B' } }), notAName],
  ['with a line feed', schemaOf({ a: { ...region, 'x-mcp-header': 'A\nB' } }), notAName],
  ['with a letter beyond ASCII', schemaOf({ a: { ...region, 'x-mcp-header': 'Région' } }), notAName],
  ['that is no text', schemaOf({ a: { ...region, 'x-mcp-header': 1 } }), notAName],
  ['of a number', schemaOf({ a: { ...region, type: 'number' } }), notPrimitive],
  ['of an object', schemaOf({ a: { ...region, type: 'object' } }), notPrimitive],
  ['of an array', schemaOf({ a: { ...region, type: 'array' } }), notPrimitive],
  ['of null', schemaOf({ a: { ...region, type: 'null' } }), notPrimitive],
  ['of no type', schemaOf({ a: { $ref: '#/$defs/a', 'x-mcp-header': 'A' } }), notPrimitive],
  [
    'twice',
    schemaOf({ a: region, b: { ...region, 'x-mcp-header': 'rEGION' } }),
    '"x-mcp-header" names mcp-param-region twice',
  ],
  ['at the root', { ...schemaOf({}), ...region }, notReachable],
  ['in items', schemaOf({ a: { type: 'array', items: region } }), notReachable],
  ['in a list of items', schemaOf({ a: { type: 'array', items: [region] } }), notReachable],
  ['in a branch', schemaOf({}, { anyOf: [schemaOf({ a: region })] }), notReachable],
  ['in a condition', schemaOf({}, { if: schemaOf({ a: region }) }), notReachable],
  ['in a definition', schemaOf({}, { $defs: { a: region } }), notReachable],
  ['in any other property', schemaOf({}, { additionalProperties: region }), notReachable],
  ['too deep', deep(33), '"x-mcp-header" lies more than 32 properties deep'],
  [
    'too often',
    schemaOf(
      Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`a${n}`, { ...region, 'x-mcp-header': `A${n}` }])),
    ),
    'more than 64 "x-mcp-header"',
  ],
])('an annotation %s is a fault', (_, schema, fault) => {
  expect(paramHeadersOf(schema)).toEqual({ headers: [], fault });
});

test('the largest schemas are read', () => {
  expect(paramHeadersOf(deep(32))).toMatchObject({ headers: [{ header: 'mcp-param-region' }] });
  let endless: object = {};
  for (let depth = 0; depth < 100_000; depth++) endless = { not: endless };
  const wide = Object.fromEntries(Array.from({ length: 200_000 }, (_, n) => [`a${n}`, {}]));
  expect(paramHeadersOf(schemaOf(wide, endless))).toEqual({ headers: [] });
});

const call = schemaOf({
  region,
  count: { type: 'integer', 'x-mcp-header': 'Count' },
  dry: { type: 'boolean', 'x-mcp-header': 'Dry' },
  where: schemaOf({ zone: { type: 'string', 'x-mcp-header': 'Zone' } }),
});

test.each<[unknown, Record<string, string>]>([
  [
    { region: 'us-west1', count: 42, dry: false, where: { zone: 'a b' }, more: 'x' },
    {
      'mcp-param-region': 'us-west1',
      'mcp-param-count': '42',
      'mcp-param-dry': 'false',
      'mcp-param-zone': 'a b',
    },
  ],
  [{ region: '' }, { 'mcp-param-region': '' }],
  [{ region: 'Zürich' }, { 'mcp-param-region': '=?base64?WsO8cmljaA==?=' }],
  [{ region: 'a\r\nx-admin: 1' }, { 'mcp-param-region': '=?base64?YQ0KeC1hZG1pbjogMQ==?=' }],
  [{ region: null, count: -7, dry: {} }, { 'mcp-param-count': '-7' }],
  [{ count: 2 ** 53, where: 'nowhere' }, {}],
  [{ where: Object.create({ zone: 'inherited' }) }, {}],
  ['no arguments', {}],
  [undefined, {}],
])('%j is said in headers', (args, expected) => {
  expect(headersFor(call, args)).toEqual(expected);
  expect(mismatchedHeader(call, args, expected)).toBeUndefined();
});

test.each<[string, unknown, Record<string, string | string[]>, string | undefined]>([
  ['a missing header', { region: 'a' }, {}, 'mcp-param-region'],
  ['another value', { region: 'a' }, { 'mcp-param-region': 'b' }, 'mcp-param-region'],
  ['a header without an argument', {}, { 'mcp-param-region': 'b' }, 'mcp-param-region'],
  ['a header of an argument that is null', { region: null }, { 'mcp-param-region': 'null' }, 'mcp-param-region'],
  ['an encoding that is not one', { region: 'a' }, { 'mcp-param-region': '=?base64?!?=' }, 'mcp-param-region'],
  ['an encoding without its padding', { region: 'a' }, { 'mcp-param-region': '=?base64?YQ?=' }, 'mcp-param-region'],
  ['a header that came twice', { region: 'a' }, { 'mcp-param-region': ['a', 'a'] }, 'mcp-param-region'],
  ['nothing for zero', { count: 0 }, { 'mcp-param-count': '' }, 'mcp-param-count'],
  ['the same number otherwise', { count: 42 }, { 'mcp-param-count': '42.0' }, undefined],
  ['a value that need not be encoded', { region: 'a' }, { 'mcp-param-region': '=?base64?YQ==?=' }, undefined],
  ['a header that nobody asked for', {}, { 'mcp-param-other': 'x' }, undefined],
])('%s', (_, args, sent, expected) => {
  expect(mismatchedHeader(call, args, sent)).toBe(expected);
});

test.each<[string, Record<string, unknown> | undefined, string | undefined]>([
  ['tools/call', { name: 'x', uri: 'y' }, 'x'],
  ['prompts/get', { name: 'x' }, 'x'],
  ['resources/read', { name: 'x', uri: 'y' }, 'y'],
  ['tasks/get', { taskId: 'z' }, 'z'],
  ['tasks/list', { taskId: 'z', name: 'x' }, undefined],
  ['tools/list', undefined, undefined],
  ['tools/call', undefined, undefined],
  ['tools/call', { name: 1 }, undefined],
])('%s with %j is about %j', (method, params, expected) => {
  expect(mcpNameOf(method, params)).toBe(expected);
});
