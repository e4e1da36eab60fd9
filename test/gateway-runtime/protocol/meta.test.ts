import { withMeta } from '../../../gateway-runtime/src/protocol/meta.js';

const given = JSON.parse('{"name":"a","_meta":{"own":1},"__proto__":{"name":"b"}}');

test('members of _meta are added, replaced and taken away, and nothing else changes', () => {
  expect(JSON.stringify(withMeta(given, { progressToken: 7 }))).toBe(
    '{"_meta":{"own":1,"progressToken":7},"name":"a","__proto__":{"name":"b"}}',
  );
  expect(withMeta(given, { own: 2 })).toMatchObject({ _meta: { own: 2 } });
  expect(JSON.stringify(withMeta(given, { own: undefined }))).toBe('{"name":"a","__proto__":{"name":"b"}}');
  expect(JSON.stringify(given)).toBe('{"name":"a","_meta":{"own":1},"__proto__":{"name":"b"}}');
});

test('a member of that name is no prototype', () => {
  const made = withMeta(JSON.parse('{"__proto__":{"name":"b"}}'), { progressToken: 7 });
  expect([Object.getPrototypeOf(made) === Object.prototype, made.name]).toEqual([true, undefined]);
});

test('what has no members at all gets some', () => {
  expect(withMeta(undefined, { progressToken: 7 })).toEqual({ _meta: { progressToken: 7 } });
  expect(withMeta(undefined, { progressToken: undefined })).toEqual({});
});
