import { Chunks } from '../../../gateway-runtime/src/contracts/chunks.js';
import { jsonOfResult } from '../../../gateway-runtime/src/contracts/result-json.js';
import { parsedMessage } from '../../../gateway-runtime/src/mcp/parsed-message.js';

const long = 'ä😀 "quoted" \\ '.repeat(500);
const result = {
  content: [{ type: 'text', text: long }],
  structuredContent: { list: [1, 2, { text: long }] },
  note: long,
  isError: true,
  _meta: { a: 1 },
};
const answer = (value: unknown) => `{"jsonrpc":"2.0","id":7,"result":${JSON.stringify(value)}}`;
const read = (text: string, size = 1000) =>
  parsedMessage(chunksOf(text, size)) as { id: number; result: typeof result };

function chunksOf(text: string, size: number): Chunks {
  const bytes = Buffer.from(text);
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) parts.push(bytes.subarray(at, at + size));
  return new Chunks(parts);
}

test.each([1, 2, 3, 999, 100_000])(
  'a large result that comes in parts of %d bytes is what the backend wrote, whoever looks at it',
  (size) => {
    const message = read(answer(result), size);
    expect(message).toEqual({ jsonrpc: '2.0', id: 7, result });
    expect({ ...message.result }).toEqual(result);
    expect(JSON.stringify(message.result)).toBe(JSON.stringify(result));
    expect('_meta' in message.result).toBe(true);
    expect(Object.keys(message.result)).toEqual(Object.keys(result));
    expect(String(jsonOfResult(message.result))).toBe(JSON.stringify(result));
  },
);

test('a small one is read at once, and written again', () => {
  const message = read(answer({ content: [], isError: false }));
  expect(message.result).toEqual({ content: [], isError: false });
  expect(jsonOfResult(message.result)).toBeUndefined();
});

test.each([
  ['a number that JSON does not have', answer(result).replace('[1,2', '[NaN,2')],
  ['a comma too many', answer(result).replace('[1,2', '[1,,2')],
  ['a bracket of another kind', answer(result).replace('{"a":1}', '{"a":1]')],
  ['no end', answer(result).slice(0, -2)],
])('a large answer with %s is no JSON', (_, text) => {
  expect(() => read(text)).toThrow(SyntaxError);
});

test('an escape that JSON does not have, in a long text, is found by whoever reads the text', () => {
  const message = read(answer(result).replace('quoted', '\\q'));
  expect(message.result.isError).toBe(true);
  expect(() => message.result.content).toThrow('sent something that is not JSON');
});
