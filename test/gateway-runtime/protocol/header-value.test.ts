import fc from 'fast-check';
import { decodeHeader, encodeHeader } from '../../../gateway-runtime/src/protocol/header-value.js';

/** Any text, and often such as only looks harmless: encoded already, with spaces around, beyond ASCII. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom('=', '?', 'b', 'a', ' ', '\t', '\n', 'Ä', '\u007f') }),
  fc.string({ unit: 'binary' }).map((value) => `=?base64?${Buffer.from(value).toString('base64')}?=`),
);

test('every text comes back from a header as it was', () => {
  fc.assert(
    fc.property(text, (value) => {
      expect(decodeHeader(encodeHeader(value))).toBe(value);
    }),
    { numRuns: 1000 },
  );
});

test('a header has nothing in it that a proxy would refuse, split or trim', () => {
  fc.assert(
    fc.property(text, (value) => {
      expect(encodeHeader(value)).toMatch(/^([\x21-\x7e]([\x20-\x7e\t]*[\x21-\x7e])?)?$/);
    }),
    { numRuns: 1000 },
  );
});

test('two texts never share a header, not even when one is how the other is written', () => {
  const pairs = fc.oneof(
    fc.tuple(text, text),
    text.map((value): [string, string] => [value, encodeHeader(value)]),
    text.map((value): [string, string] => [value, value.trim()]),
    text.map((value): [string, string] => [value, value.normalize('NFC')]),
  );
  fc.assert(
    fc.property(pairs, ([one, other]) => {
      expect(encodeHeader(one) === encodeHeader(other)).toBe(one === other);
    }),
    { numRuns: 1000 },
  );
});

test('two headers never mean the same text', () => {
  const header = fc.oneof(
    text.map(encodeHeader),
    fc.base64String().map((value) => `=?base64?${value}?=`),
    fc.string({ unit: fc.constantFrom(...'=?base64QUFB ') }),
  );
  fc.assert(
    fc.property(header, (value) => {
      const meaning = decodeHeader(value);
      fc.pre(meaning !== undefined && /^=\?base64\?.*\?=$/s.test(value));
      // Padding may be left out; everything else has one spelling.
      expect(
        Buffer.from(meaning as string)
          .toString('base64')
          .replace(/=+$/, ''),
      ).toBe(value.slice('=?base64?'.length, -'?='.length).replace(/=+$/, ''));
    }),
    { numRuns: 1000 },
  );
});
