/**
 * Could this URI come from this template (RFC 6570)? Good enough to find the backend that serves it: a plain variable
 * matches up to the next slash, `{+path}`, `{/path*}` and the like match anything, query parts are optional.
 */
export function matchesTemplate(template: string, uri: string): boolean {
  const pattern = template
    .split(/(\{[^}]*\})/)
    .map((part) => (part.startsWith('{') ? expression(part) : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')))
    .join('');
  return new RegExp(`^${pattern}$`, 's').test(uri);
}

function expression(part: string): string {
  const operator = part[1] ?? '';
  if (operator === '?' || operator === '&' || operator === '#') return '(?:[?&#].*)?';
  return '+/.;'.includes(operator) || part.includes('*') ? '.*' : '[^/?#]+';
}
