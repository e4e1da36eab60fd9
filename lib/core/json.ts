import { Fn, Token, Tokenization } from 'cdktf';

/**
 * A Terraform template that renders to JSON. Text known at synth stands in it as it is, so the synthesized file can be
 * read and reviewed; every string that holds a reference is passed through Terraform's own `jsonencode`, so no value of a
 * variable or resource can break out of its place. `undefined` members are left out, as `JSON.stringify` does.
 *
 * @example
 * jsonTemplate({ name: 'logs', url: `http://${vnic.privateIpAddress}:8000/mcp` });
 * // {"name":"logs","url":${jsonencode("http://${data.oci_core_vnic.Vnic.private_ip_address}:8000/mcp")}}
 */
export function jsonTemplate(value: unknown): string {
  const encodable = (text: string) => (needsEscapes(text) ? joined(text) : text);
  return piecesOf(value, encodable)
    .map((piece) => (marker.test(piece) ? piece : escapeTemplate(piece)))
    .join('');
}

/** The Base64 form of what {@link jsonTemplate} renders, as a Terraform expression. */
export function base64Json(value: unknown): string {
  return `${Fn.base64encode(jsonArgument(value))}`;
}

/** What {@link jsonTemplate} renders as a JSON string, as a Terraform expression: JSON inside of JSON. */
export function quotedJson(value: unknown): string {
  return `${Fn.jsonencode(jsonArgument(value))}`;
}

function jsonArgument(value: unknown): string {
  return joined(piecesOf(value, joined).join(''));
}

/** Keeps Terraform from reading `${` and `%{` in literal text as the start of an expression. */
function escapeTemplate(text: string): string {
  return text.replace(/[$%]\{/g, (opener) => opener[0] + opener);
}

/** How CDKTF marks a reference inside a string until it is resolved. */
const marker = /(\$\{TfToken\[[^\]]+\]\})/;

/** How it marks one that was a number when it was put into the string. */
const numberMarker = /-\d(?:\.\d+)?e\+\d{3}/g;

/**
 * The JSON of `value`, references apart from literal text.
 * @param encodable Text with references as an argument of `jsonencode`.
 */
function piecesOf(value: unknown, encodable: (text: string) => string): string[] {
  if (typeof value === 'string') {
    const text = withStringMarkers(value);
    if (!Token.isUnresolved(text)) return [JSON.stringify(text)];
    // A number that is the whole text would be encoded as a number.
    const isNumber = text !== value && text.replace(marker, '') === '';
    return [`${Fn.jsonencode(isNumber ? Fn.join('', [text]) : encodable(text))}`];
  }
  if (typeof value === 'number' && Token.isUnresolved(value)) return [`${Fn.jsonencode(value)}`];
  if (typeof value !== 'object' || value === null) return [JSON.stringify(value) ?? 'null'];
  const isList = Array.isArray(value);
  const members = Object.entries(value).filter(([, member]) => isList || member !== undefined);
  const pieces = members.flatMap(([key, member], i) => [
    `${i > 0 ? ',' : ''}${isList ? '' : `${JSON.stringify(key)}:`}`,
    ...piecesOf(member, encodable),
  ]);
  return isList ? ['[', ...pieces, ']'] : ['{', ...pieces, '}'];
}

function needsEscapes(text: string): boolean {
  return text.split(marker).some((piece) => !marker.test(piece) && /["\\\n]|[$%]\{/.test(piece));
}

/** CDKTF loses the braces of references that were put into a string as numbers, so they are put into it as strings. */
function withStringMarkers(text: string): string {
  return text.replace(numberMarker, (found) => {
    const [reference] = Tokenization.reverse(Number(found));
    return reference ? Token.asString(reference) : found;
  });
}

/**
 * References and literal text as one argument of a Terraform function. CDKTF escapes quotes and line ends in it, but no
 * backslashes; template openers are taken apart, so that they need no escapes.
 */
function joined(text: string): string {
  const parts = text
    .split(marker)
    .filter((piece) => piece !== '')
    .flatMap((piece) => (marker.test(piece) ? [piece] : piece.split(/(?<=[$%])(?=\{)/).map(literal)));
  return parts.length === 1 && parts[0] ? parts[0] : Fn.join('', parts);
}

function literal(text: string): string {
  return `${Fn.rawString(text.replace(/\\/g, '\\\\'))}`;
}
