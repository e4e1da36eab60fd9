const sentinel = /^=\?base64\?(.*)\?=$/s;

/** What may stand in a header as it is: visible ASCII and spaces and tabs within. */
const plain = /^([\x21-\x7e]([\x20-\x7e\t]*[\x21-\x7e])?)?$/;

/**
 * Writes a text so that it can stand in a header.
 * https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#value-encoding
 *
 * @example
 * encodeHeader('us-west1'); // us-west1
 * encodeHeader('Zürich'); // =?base64?WsO8cmljaA==?=
 */
export function encodeHeader(value: string): string {
  if (plain.test(value) && !sentinel.test(value)) return value;
  return `=?base64?${Buffer.from(value).toString('base64')}?=`;
}

/** Reads what a header says; `undefined` for what nobody who follows the rules would have written. */
export function decodeHeader(header: string): string | undefined {
  const encoded = sentinel.exec(header)?.[1];
  if (encoded === undefined) return plain.test(header) ? header : undefined;
  const bytes = Buffer.from(encoded, 'base64');
  const isCanonical = bytes.toString('base64') === encoded;
  const text = bytes.toString('utf8');
  return isCanonical && Buffer.from(text).equals(bytes) ? text : undefined;
}
