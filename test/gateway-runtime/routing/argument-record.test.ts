import fc from 'fast-check';
import { argumentRecord } from '../../../gateway-runtime/src/routing/argument-record.js';
import { redacted } from '../../../gateway-runtime/src/routing/redaction.js';

const hash = (given: unknown) => argumentRecord({ arguments: 'hash', redact: [] }, given).arguments_sha256;

test('equal arguments have equal hashes, in whatever order they come, and others have others', () => {
  const reversed = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(reversed);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([name, member]) => [name, reversed(member)]),
    );
  };
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (given) => {
      expect(hash(reversed(given))).toBe(hash(given));
      expect(hash({ ...given, other: given })).not.toBe(hash(given));
    }),
  );
  // What sha256sum says of {"a":1,"b":[true,null]}
  expect(hash({ b: [true, null], a: 1 })).toBe('1cc69c7fa23616ca2ec3ee70d24390a6225c8832db8a4c814c7e0e7f942f8668');
});

test('there is nothing where nothing is wanted or nothing came', () => {
  expect(argumentRecord({ arguments: 'none', redact: [] }, { a: 1 })).toEqual({});
  expect(hash(undefined)).toBeUndefined();
  expect(hash(['a'])).toBeUndefined();
});

test('arguments of a megabyte, and those that are nested without end, hold up nothing', () => {
  const large = { text: 'x'.repeat(1024 * 1024), rows: Array.from({ length: 20_000 }, (_, n) => ({ n })) };
  let deep: Record<string, unknown> = {};
  for (let level = 0; level < 100_000; level++) deep = { deep };
  const started = performance.now();
  for (const form of ['hash', 'redacted'] as const) {
    for (const given of [large, deep]) argumentRecord({ arguments: form, redact: [] }, given);
  }
  expect(performance.now() - started).toBeLessThan(500);
  expect(hash(large)).toMatch(/^[0-9a-f]{64}$/);
});

const secret = 'S3CRET-VALUE';
const names = [
  'password',
  'API_KEY',
  'accessToken',
  'x-secret-2',
  'Authorization',
  'credentials',
  'privateKey',
  'myIBAN',
];

/** Arguments with a secret in some places, each under one of the names. */
const withSecrets = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.jsonValue({ maxDepth: 1 }),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 5 }),
    fc.tuple(fc.constantFrom(...names), fc.constantFrom(secret, [secret], { a: secret })).map((pair) => {
      return Object.fromEntries([pair]);
    }),
  ),
})).value;

test('no value of a secret name is copied, and the copy is at most 4 kB long', () => {
  let hidden = 0;
  fc.assert(
    fc.property(fc.dictionary(fc.string({ maxLength: 600 }), withSecrets), (given) => {
      const copy = JSON.stringify(redacted(given, ['Iban']));
      expect(copy).not.toContain(secret);
      expect(Buffer.byteLength(copy)).toBeLessThanOrEqual(4096);
      if (copy.includes('[redacted]')) hidden++;
    }),
    { numRuns: 500 },
  );
  expect(hidden).toBeGreaterThan(50);
});

test('of long arguments the beginning is copied', () => {
  const given = {
    city: 'Zürich',
    text: 'x'.repeat(1000),
    list: Array.from({ length: 10_000 }, () => '\u0000🙂'.repeat(50)),
  };
  const copy = redacted(given, []) as typeof given;
  expect([copy.city, copy.text.length, copy.list.at(-1)]).toEqual(['Zürich', 256, '[cut]']);
  expect(Buffer.byteLength(JSON.stringify(copy))).toBeLessThanOrEqual(4096);
  expect(
    redacted({ many: Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`n${n}`, n])) }, []),
  ).toMatchObject({
    many: { n0: 0, n1: 1, '[cut]': '[cut]' },
  });
  const short = { a: 1, b: [true, null, 'x'], c: { d: {} } };
  expect(redacted(short, [])).toEqual(short);
});
