import { join } from 'node:path';
import fc from 'fast-check';
import type { Era } from '../../../gateway-runtime/src/config/versions.js';
import { startGateway, type TestGateway } from '../../helpers/gateway-instance.js';
import { portOf, spawnPeer } from '../../helpers/peer-servers.js';

const mirror = join(__dirname, 'mirror.mjs');

/** Objects with any JSON in them, names that mean something to JavaScript included. */
const anyObject = fc.dictionary(
  fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('__proto__', 'constructor', 'toJSON', '')),
  fc.oneof(
    fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(5e-324, 1.7976931348623157e308, 2 ** 53 + 2, '\ud800', '\u2028\u2029\r\n\u0000\ufeff'),
    fc.integer({ min: 1, max: 100 }).map(nested),
  ),
);

function nested(depth: number): unknown {
  return depth === 0 ? [] : depth % 2 === 0 ? [nested(depth - 1)] : { within: nested(depth - 1) };
}

/** Names that the protocol itself gives a meaning are not free to be used. */
const without = (...names: string[]) =>
  anyObject.map((object) => Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name))));

const payload = fc.record({
  given: anyObject,
  meta: without('progressToken', 'traceparent', 'tracestate', 'baggage'),
  more: without('name', 'arguments', '_meta', 'result', 'inputResponses', 'requestState', 'task'),
  result: without('content', 'structuredContent', '_meta', 'resultType', 'isError', 'inputRequests', 'requestState'),
});

const anyId = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.maxSafeInteger());

/** JSON with the members of objects in a fixed order. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join()}}`;
}

/** Members of `_meta` that belong to a connection and not to who sent them. */
const isProtocols = (name: string) => name === 'progressToken' || name.startsWith('io.modelcontextprotocol/');

function withoutProtocols(meta: object = {}): object {
  return Object.fromEntries(Object.entries(meta).filter(([name]) => !isProtocols(name)));
}

const modernMeta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
  'io.modelcontextprotocol/logLevel': 'debug',
};

/** A message that was received. */
interface Message {
  readonly id?: unknown;
  readonly params: { readonly data: unknown };
  readonly result: Record<string, unknown> & {
    readonly structuredContent: { readonly params: Record<string, unknown> };
  };
}

/** A way to call the tool and get every message that comes back. */
type Call = (id: unknown, params: Record<string, unknown>) => Promise<Message[]>;

async function callerOf(gateway: TestGateway, era: Era): Promise<Call> {
  const headers: Record<string, string> = {};
  if (era === 'modern') {
    Object.assign(headers, { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': 'mirror' });
  } else {
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } };
    const opened = await gateway.post({ jsonrpc: '2.0', id: 0, method: 'initialize', params });
    headers['mcp-session-id'] = opened.headers.get('mcp-session-id') as string;
  }
  return async (id, params) => {
    const answer = await gateway.post({ jsonrpc: '2.0', id, method: 'tools/call', params }, headers);
    const text = await answer.text();
    const isStream = answer.headers.get('content-type') === 'text/event-stream';
    if (!isStream) return [JSON.parse(text)];
    // Regular expressions take more for the end of a line than event streams do.
    const events = text.split('\n').filter((line) => line.startsWith('data: {'));
    return events.map((line) => JSON.parse(line.slice('data: '.length)));
  };
}

async function gatewayOf(transport: string, ...args: string[]): Promise<TestGateway> {
  const command = { command: process.execPath, args: [mirror, transport, ...args] };
  const backend =
    transport === 'stdio'
      ? command
      : { url: `http://127.0.0.1:${await portOf(spawnPeer(command.command, command.args))}/mcp` };
  const gateway = await startGateway({ backends: [{ name: 'm', namespace_tools: false, ...backend }] });
  await gateway.waitFor('m', 'connected');
  return gateway;
}

describe.each([
  ['http', 'legacy', 'json'],
  ['http', 'legacy', 'stream'],
  ['http', 'modern', 'json'],
  ['http', 'modern', 'stream'],
  ['stdio', 'legacy', 'stream'],
  ['stdio', 'modern', 'stream'],
] as const)('a %s backend of the %s era that answers with %s', (transport, backendEra, form) => {
  let gateway: TestGateway;

  beforeAll(async () => {
    gateway = await gatewayOf(transport, backendEra, form);
  });

  test.each(['legacy', 'modern'] as const)(
    'gets and gives any JSON to and from a client of the %s era',
    async (era) => {
      const call = await callerOf(gateway, era);
      await fc.assert(
        fc.asyncProperty(payload, anyId, async ({ given, meta, more, result }, id) => {
          const _meta = { ...meta, ...(era === 'modern' && modernMeta) };
          const sent = { ...more, name: 'mirror', arguments: given, _meta, result };
          const messages = await call(id, sent);
          const answer = messages.at(-1) as Message;
          expect(answer.id).toBe(id);
          const {
            content,
            structuredContent,
            resultType,
            _meta: ofResult,
            ttlMs,
            cacheScope,
            ...others
          } = answer.result;
          const { _meta: received, ...params } = structuredContent.params;
          const { _meta: own, ...plain } = sent;
          expect(canonical(params)).toBe(canonical(plain));
          expect(canonical(withoutProtocols(received as object))).toBe(canonical(withoutProtocols(own)));
          expect(canonical(others)).toBe(canonical(result));
          if (form === 'stream')
            expect(messages.slice(0, -1).map(({ params }) => canonical(params.data))).toEqual([canonical(given)]);
        }),
        { numRuns: 60 },
      );
    },
  );
});
