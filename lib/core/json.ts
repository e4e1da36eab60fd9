import { Fn, Token } from 'cdktf';

/**
 * A Terraform template that renders to JSON. Text known at synth stands in it as it is, so the synthesized file can be
 * read and reviewed; every string that holds a reference is passed through Terraform's own `jsonencode`, so no value of a
 * variable or resource can break out of its place. `undefined` members are left out.
 *
 * @example
 * jsonTemplate({ name: 'logs', url: `http://${vnic.privateIpAddress}:8000/mcp` });
 * // {"name":"logs","url":${jsonencode("http://${data.oci_core_vnic.Vnic.private_ip_address}:8000/mcp")}}
 */
export function jsonTemplate(value: unknown): string {
  if (Token.isUnresolved(value) && typeof value !== 'object') return `${Fn.jsonencode(quotable(value))}`;
  if (typeof value === 'string') return escapeTemplate(JSON.stringify(value));
  if (Array.isArray(value)) return `[${value.map(jsonTemplate).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    return `{${members.map(([key, member]) => `${escapeTemplate(JSON.stringify(key))}:${jsonTemplate(member)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}

/** Keeps Terraform from reading `${` and `%{` in literal text as the start of an expression. */
export function escapeTemplate(text: string): string {
  return text.replace(/[$%]\{/g, (opener) => opener[0] + opener);
}

/** The Base64 form of a template's result, as a Terraform expression. */
export function base64Template(template: string): string {
  const quoted = template
    .split(tokenMarker)
    .map((piece) => (tokenMarker.test(piece) ? piece : JSON.stringify(piece).slice(1, -1)))
    .join('');
  return `\${base64encode("${quoted}")}`;
}

/** How CDKTF marks a reference inside a string until it is resolved. */
const tokenMarker = /(\$\{TfToken\[[^\]]+\]\})/;

/** CDKTF does not escape quotes in text that stands beside a reference, so such text is joined from escaped pieces. */
function quotable(value: unknown): unknown {
  if (typeof value !== 'string' || !/["\\\n]|[$%]\{(?!TfToken)/.test(value)) return value;
  const pieces = value.split(tokenMarker).filter((piece) => piece !== '');
  return Fn.join(
    '',
    pieces.map((piece) => (tokenMarker.test(piece) ? piece : Fn.rawString(piece))),
  );
}
