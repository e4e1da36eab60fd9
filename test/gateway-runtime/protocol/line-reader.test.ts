import { PassThrough } from 'node:stream';
import { LineReader } from '../../../gateway-runtime/src/protocol/line-reader.js';

function collect(longest: number) {
  const stream = new PassThrough();
  const seen: string[] = [];
  const onLine = (line: Buffer) => void seen.push(line.toString('utf8'));
  new LineReader(stream, longest, { onLine, onTooLong: () => void seen.push('TOO LONG') }).start();
  return { stream, seen };
}

test('lines are whole wherever the stream is cut', async () => {
  const { stream, seen } = collect(100);
  for (const byte of Buffer.from('one\r\n\ntwo\u2028ä\nlast')) stream.write(Buffer.of(byte));
  stream.end();
  await new Promise((resolve) => stream.once('end', resolve));
  expect(seen).toEqual(['one', 'two\u2028ä', 'last']);
});

test('a line that never ends is not kept, and said at once', async () => {
  const { stream, seen } = collect(10);
  stream.write(`short\n${'x'.repeat(11)}`);
  await new Promise((resolve) => setImmediate(resolve));
  expect(seen).toEqual(['short', 'TOO LONG']);
  stream.write('more\nand more\n');
  stream.end();
  await new Promise((resolve) => stream.once('end', resolve));
  expect(seen).toEqual(['short', 'TOO LONG', 'and more']);
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
