import { PassThrough } from 'node:stream';
import { readLines } from '../../../gateway-runtime/src/mcp/lines.js';

function collect(longest: number) {
  const stream = new PassThrough();
  const seen: string[] = [];
  readLines(stream, longest, { onLine: (line) => seen.push(line), onTooLong: () => seen.push('TOO LONG') });
  return { stream, seen };
}

test('lines are whole wherever the stream is cut', async () => {
  const { stream, seen } = collect(100);
  for (const byte of Buffer.from('one\r\n\ntwo\u2028ä\nlast')) stream.write(Buffer.of(byte));
  stream.end();
  await new Promise((resolve) => stream.once('end', resolve));
  expect(seen).toEqual(['one', '', 'two\u2028ä', 'last']);
});

test('a line that never ends is not kept, and said once', async () => {
  const { stream, seen } = collect(10);
  stream.write(`short\n${'x'.repeat(11)}`);
  stream.write('more\nand more\n');
  stream.end();
  await new Promise((resolve) => stream.once('end', resolve));
  expect(seen).toEqual(['short', 'TOO LONG']);
});

test('a long line costs no more than its length', async () => {
  const { stream, seen } = collect(100_000_000);
  const started = performance.now();
  for (let n = 0; n < 100_000; n++) stream.write('x'.repeat(200));
  stream.end('\n');
  await new Promise((resolve) => stream.once('end', resolve));
  expect(seen[0]).toHaveLength(20_000_000);
  expect(performance.now() - started).toBeLessThan(5000);
});
