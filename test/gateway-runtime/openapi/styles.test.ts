import type { Style } from '../../../gateway-runtime/src/openapi/operation.js';
import { encodeText, pairs, written } from '../../../gateway-runtime/src/openapi/styles.js';

const color = { one: 'blue', many: ['blue', 'black'], parts: { R: 100, G: 200 } };

const writing = (style: Style, explode: boolean) => ({ style, explode, allowReserved: false, isJson: false });

/** The table of the specification: https://spec.openapis.org/oas/v3.1.1.html#style-examples */
test.each<[Style, boolean, string, string, string]>([
  ['matrix', false, ';color=blue', ';color=blue,black', ';color=R,100,G,200'],
  ['matrix', true, ';color=blue', ';color=blue;color=black', ';R=100;G=200'],
  ['label', false, '.blue', '.blue,black', '.R,100,G,200'],
  ['label', true, '.blue', '.blue.black', '.R=100.G=200'],
  ['simple', false, 'blue', 'blue,black', 'R,100,G,200'],
  ['simple', true, 'blue', 'blue,black', 'R=100,G=200'],
])('%s in a path, explode %s', (style, explode, one, many, parts) => {
  const path = (value: unknown) => written('color', value, writing(style, explode), encodeText);
  expect([path(color.one), path(color.many), path(color.parts)]).toEqual([one, many, parts]);
});

test.each<[Style, boolean, string, string, string]>([
  ['form', false, 'color=blue', 'color=blue,black', 'color=R,100,G,200'],
  ['form', true, 'color=blue', 'color=blue&color=black', 'R=100&G=200'],
  ['spaceDelimited', false, 'color=blue', 'color=blue%20black', 'color=R,100,G,200'],
  ['pipeDelimited', false, 'color=blue', 'color=blue%7Cblack', 'color=R,100,G,200'],
  ['deepObject', true, 'color=blue', 'color=blue&color=black', 'color%5BR%5D=100&color%5BG%5D=200'],
])('%s in a query, explode %s', (style, explode, one, many, parts) => {
  const query = (value: unknown) => pairs('color', value, writing(style, explode)).join('&');
  expect([query(color.one), query(color.many), query(color.parts)]).toEqual([one, many, parts]);
});

test('what ends a parameter is encoded, also where reserved characters are allowed', () => {
  const query = (value: unknown, allowReserved: boolean) =>
    pairs('q[a]', value, { ...writing('form', true), allowReserved });
  expect(query("a&b=c#d+e/f?g:'h'%20", false)).toEqual(['q%5Ba%5D=a%26b%3Dc%23d%2Be%2Ff%3Fg%3A%27h%27%2520']);
  expect(query('a&b=c#d+e/f?g:h%20', true)).toEqual(['q%5Ba%5D=a%26b%3Dc%23d%2Be/f?g:h%2520']);
  expect(query(['é\r\n'], false)).toEqual(['q%5Ba%5D=%C3%A9%0D%0A']);
});

test('nested objects have their brackets, and what cannot be written is told', () => {
  expect(pairs('f', { price: { min: 1, max: 2 }, tags: ['a', 'b'] }, writing('deepObject', true))).toEqual([
    ...['f%5Bprice%5D%5Bmin%5D=1', 'f%5Bprice%5D%5Bmax%5D=2', 'f%5Btags%5D=a', 'f%5Btags%5D=b'],
  ]);
  expect(pairs('f', { a: [1] }, { ...writing('form', true), isJson: true })).toEqual(['f=%7B%22a%22%3A%5B1%5D%7D']);
  expect(() => pairs('f', [{ a: 1 }], writing('form', true))).toThrow('f holds lists or objects');
  expect(() => pairs('f', '\ud800', writing('form', true))).toThrow('half a character');
  expect(pairs('f', [], writing('form', true))).toEqual([]);
});
