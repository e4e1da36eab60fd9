import { clientOf, isModern } from '../../../gateway-runtime/src/protocol/request-meta.js';

const version = 'io.modelcontextprotocol/protocolVersion';
const capabilities = 'io.modelcontextprotocol/clientCapabilities';
const said = (members: object) => ({ _meta: { [version]: '2026-07-28', [capabilities]: {}, ...members } });

test.each([
  ['tools/list', said({}), true],
  ['tools/list', { _meta: { [version]: 7 } }, true],
  ['server/discover', {}, true],
  ['subscriptions/listen', {}, true],
  ['initialize', { protocolVersion: '2025-11-25' }, false],
  ['tools/list', { _meta: { progressToken: 1 } }, false],
  ['tools/list', { _meta: null }, false],
])('%s with %j is of the modern era: %s', (method, params, modern) => {
  expect(isModern(method, params)).toBe(modern);
});

test('a client is what its request says', () => {
  expect(clientOf('tools/call', said({ [capabilities]: { elicitation: { form: {} } } }))).toEqual({
    era: 'modern',
    version: '2026-07-28',
    capabilities: { elicitation: { form: {} } },
  });
});

test.each<[string, object, number, unknown]>([
  ['tools/list', {}, -32602, undefined],
  ['tools/list', { _meta: { [version]: '2026-07-28' } }, -32602, undefined],
  ['tools/list', said({ [capabilities]: [] }), -32602, undefined],
  ['tools/list', said({ [version]: 1 }), -32602, undefined],
  [
    'tools/list',
    { _meta: { [version]: '2027-01-01' } },
    -32022,
    { supported: ['2026-07-28'], requested: '2027-01-01' },
  ],
  ['tools/list', said({ [version]: '2025-11-25' }), -32022, expect.objectContaining({ requested: '2025-11-25' })],
])('fails on %s with %j', (method, params, code, data) => {
  expect(() => clientOf(method, { ...params })).toThrow(expect.objectContaining({ code, data }));
});

test.each(['initialize', 'ping', 'logging/setLevel', 'resources/subscribe', 'resources/unsubscribe'])(
  '%s does not exist in the modern era',
  (method) => {
    expect(() => clientOf(method, said({}))).toThrow(expect.objectContaining({ code: -32601 }));
  },
);
