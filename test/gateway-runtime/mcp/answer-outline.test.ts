import type { ServerResponse } from 'node:http';
import fc from 'fast-check';
import { Chunks } from '../../../gateway-runtime/src/contracts/chunks.js';
import { outlineOf } from '../../../gateway-runtime/src/mcp/answer-outline.js';
import { parsedMessage } from '../../../gateway-runtime/src/mcp/parsed-message.js';
import { toJson, toParts } from '../../../gateway-runtime/src/protocol/json.js';
import { startGateway, textOf } from '../../helpers/gateway-instance.js';
import { loadClient } from '../../helpers/gateway-load.js';
import { answerJson, startScriptedServer } from '../../helpers/gateway-scripted.js';
import { mutateText, Random } from '../../helpers/mutator.js';

/** The text as it might come. @param size Bytes of each part. */
function chunksOf(text: string, size: number): Chunks {
  const bytes = Buffer.from(text);
  const parts = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
    bytes.subarray(n * size, (n + 1) * size),
  );
  return new Chunks(parts);
}

function resultTextIn(text: string, size = 100_000): string | undefined {
  const bytes = chunksOf(text, size);
  const outline = outlineOf(bytes);
  return outline && String(bytes.slice(outline.start, outline.end));
}

const result = '{"content":[{"type":"text","text":"a \\"quoted\\" {brace} \\\\"}],"n":1e400}';

test.each([
  ['as most servers write it', `{"jsonrpc":"2.0","id":7,"result":${result}}`],
  ['with an id that is text', `{"jsonrpc":"2.0","id":"a-7","result":${result}}`],
  ['with the result first', `{"result":${result},"jsonrpc":"2.0","id":7}`],
])('an answer %s holds its result as it is', (_, text) => {
  expect(resultTextIn(text)).toBe(result);
});

test.each([
  ['with another member', `{"jsonrpc":"2.0","id":7,"result":${result},"x":1}`],
  ['with a second id', `{"jsonrpc":"2.0","id":7,"result":${result},"id":8}`],
  ['with a second result', `{"jsonrpc":"2.0","id":7,"result":${result},"result":{}}`],
  ['with an error beside', `{"result":${result},"error":{"code":1,"message":"x"},"jsonrpc":"2.0","id":7}`],
  ['with the same twice', `{"result":${result},"result":{},"jsonrpc":"2.0","id":7}`],
  ['without an id', `{"result":${result},"jsonrpc":"2.0"}`],
  ['with a result that is no object', '{"jsonrpc":"2.0","id":7,"result":[1]}'],
  ['with escapes in its id', '{"jsonrpc":"2.0","id":"\\"","result":{}}'],
  ['with more in it than is looked at', `{"jsonrpc":"2.0","id":7,"result":{"a":[${'{},'.repeat(20_000)}{}]}}`],
])('an answer %s is written again', (_, text) => {
  expect(() => JSON.parse(text)).not.toThrow();
  expect(resultTextIn(text)).toBeUndefined();
});

/** What a client reads that gets the result with an id of its own. */
function handedOn(text: string): unknown {
  return JSON.parse(`{"jsonrpc":"2.0","id":"own","result":${text}}`);
}

test('whatever the result is, what is handed on is the result and nothing else', () => {
  const forms = [
    (id: string, value: string) => `{"jsonrpc":"2.0","id":${id},"result":${value}}`,
    (id: string, value: string) => `{"result":${value},"jsonrpc":"2.0","id":${id}}`,
  ];
  const values = fc.dictionary(fc.string(), fc.jsonValue()).map((value) => JSON.stringify(value));
  fc.assert(
    fc.property(
      values,
      fc.constantFrom(...forms),
      fc.nat(),
      fc.integer({ min: 1, max: 100 }),
      (value, form, id, size) => {
        expect(resultTextIn(form(String(id), value), size)).toBe(value);
      },
    ),
    { numRuns: 500 },
  );
});

test('of 20,000 answers that were tampered with, none brings anything along', () => {
  const random = new Random(7);
  const answers = [`{"jsonrpc":"2.0","id":7,"result":${result}}`, `{"result":${result},"jsonrpc":"2.0","id":7}`];
  let read = 0;
  for (let n = 0; n < 20_000; n++) {
    const text = mutateText(JSON.parse(random.pick(answers)), random).toString();
    let parsed: { result?: unknown };
    try {
      parsed = JSON.parse(text);
    } catch {
      continue;
    }
    const found =
      typeof parsed === 'object' && parsed !== null ? resultTextIn(text, random.pick([1, 2, 7, 1000])) : undefined;
    if (found === undefined) continue;
    read++;
    expect(handedOn(found)).toEqual({ jsonrpc: '2.0', id: 'own', result: parsed.result });
  }
  expect(read).toBeGreaterThan(100);
});

test('a message is written with its own id, and with what was made of the result', () => {
  const text = `{"jsonrpc":"2.0","id":7,"result":{"a":"${'x'.repeat(5000)}","n":1e400}}`;
  const { result: read } = parsedMessage(chunksOf(text, 1000)) as { result: object };
  expect(toJson({ jsonrpc: '2.0', id: 'own', result: read })).toBe(text.replace('"id":7', '"id":"own"'));
  expect(toJson({ jsonrpc: '2.0', id: 1, result: { ...read, a: 1 } })).toBe(
    '{"jsonrpc":"2.0","id":1,"result":{"a":1,"n":null}}',
  );
});

test('a message in several lines is one line where lines end messages, and as it was elsewhere', () => {
  const lines = JSON.stringify({ a: 'x\ny'.repeat(5000), b: [1, { c: 2 }] }, null, 2).replaceAll('\n', '\r\n');
  const { result: read } = parsedMessage(chunksOf(`{"jsonrpc":"2.0","id":7,"result":${lines}}`, 1000)) as {
    result: object;
  };
  const message = { jsonrpc: '2.0' as const, id: 7, result: read };
  expect(toJson(message)).not.toMatch(/[\r\n]/);
  expect(JSON.parse(toJson(message)).result).toEqual(JSON.parse(lines));
  expect(
    Buffer.concat((toParts(message) as (string | Buffer)[]).map((part) => Buffer.from(part))).toString(),
  ).toContain(lines);
});

test('a line that a backend breaks in a text starts nothing new in a stream', () => {
  const broken = `{"jsonrpc":"2.0","id":7,"result":{"a":"${'x'.repeat(5000)}\n\ndata: {}\n\n"}}`;
  const { result: read } = parsedMessage(chunksOf(broken, 1000)) as { result: object };
  expect(toJson({ jsonrpc: '2.0', id: 7, result: read })).not.toMatch(/[\r\n]/);
});

test('a large answer of a backend is the same to its client, number by number', async () => {
  const large = `{"content":[{"type":"text","text":"${'x'.repeat(100_000)}"}],"structuredContent":{"n":12345678901234567890}}`;
  const server = await startScriptedServer({
    'tools/call': (response: ServerResponse, id: unknown) =>
      answerJson(response, `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${large}}`),
  });
  const gateway = await startGateway({ backends: [{ name: 's', url: server.url }] });
  await gateway.waitFor('s', 'connected');
  const client = await gateway.connect();
  expect(textOf(await client.callTool({ name: 's_call', arguments: {} }))).toHaveLength(100_000);
  const load = loadClient(gateway.url, 1);
  const call = { jsonrpc: '2.0', id: 'own', method: 'tools/call', params: { name: 's_call', arguments: {} } };
  const { text } = await load.post(call, await load.begin());
  expect(text).toBe(`{"jsonrpc":"2.0","id":"own","result":${large}}`);
  await load.close();
  await gateway.close();
});
