import fc from 'fast-check';
import { ChunkCollector, Chunks } from '../../../gateway-runtime/src/contracts/chunks.js';

const partsOf = fc.array(
  fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
  { maxLength: 8 },
);

test('however bytes are divided, they are the same bytes', () => {
  fc.assert(
    fc.property(partsOf, fc.nat(100), fc.nat(100), fc.nat(255), (parts, start, end, byte) => {
      const whole = Buffer.concat(parts);
      const chunks = new Chunks(parts);
      expect(chunks).toHaveLength(whole.length);
      expect(chunks.slice(start, end).join()).toEqual(whole.subarray(start, Math.max(start, end)));
      expect(chunks.indexOf(byte)).toBe(whole.indexOf(byte));
      expect(chunks.at(start)).toBe(whole[start]);
      expect(chunks.toString(start, end)).toBe(whole.toString('utf8', start, end));
    }),
  );
});

test('a character in two parts is one character', () => {
  const [first, ...others] = Buffer.from('ä');
  expect(String(new Chunks([Buffer.from([first as number]), Buffer.from(others)]))).toBe('ä');
});

test('bytes that come one by one do not stay in as many parts', () => {
  const collector = new ChunkCollector();
  for (let n = 0; n < 100_000; n++) collector.add(Buffer.from([n % 251]));
  const all = collector.take();
  expect(all.parts.length).toBeLessThan(1000);
  expect(all).toHaveLength(100_000);
  expect(all.join().every((byte, n) => byte === n % 251)).toBe(true);
  expect(collector.take()).toHaveLength(0);
});

test('large parts are left as they came', () => {
  const collector = new ChunkCollector();
  const part = Buffer.alloc(65_536);
  for (let n = 0; n < 600; n++) collector.add(part);
  expect(collector.take().parts).toHaveLength(600);
});
