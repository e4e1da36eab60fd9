/** Longer URIs and templates match nothing, which bounds the work a caller or a backend can cause. */
const longest = 2048;

/** The same for the number of expressions in a template. */
const mostExpressions = 16;

/**
 * Could this URI come from this template (RFC 6570)? Good enough to find the backend that serves it: a plain variable
 * matches up to the next slash, `{+path}`, `{/path*}` and the like match anything, query parts are optional.
 *
 * Takes time in proportion to the length of the URI for each part of the template. A regular expression would not:
 * with many variables it may try every way to divide the URI among them.
 */
export function matchesTemplate(template: string, uri: string): boolean {
  if (template.length > longest || uri.length > longest) return false;
  const parts = template.split(/(\{[^}]*\})/).filter((part) => part !== '');
  if (parts.filter(isExpression).length > mostExpressions) return false;
  /** Up to where the parts so far can reach. */
  let ends = [0];
  for (const part of parts) {
    ends = isExpression(part) ? afterExpression(part, uri, ends) : afterText(part, uri, ends);
    if (ends.length === 0) return false;
  }
  return ends.at(-1) === uri.length;
}

function isExpression(part: string): boolean {
  return part.startsWith('{') && part.endsWith('}');
}

function afterText(text: string, uri: string, starts: readonly number[]): number[] {
  return starts.filter((start) => uri.startsWith(text, start)).map((start) => start + text.length);
}

/** Positions stay in ascending order. */
function afterExpression(part: string, uri: string, starts: readonly number[]): number[] {
  const operator = part[1] ?? '';
  const isQuery = '?&#'.includes(operator);
  const isPath = '+/.;'.includes(operator) || part.includes('*');
  const begins = new Set(starts);
  const ends: number[] = [];
  let inside = false;
  for (let end = starts[0] as number; end <= uri.length; end++) {
    if (isQuery) {
      if (inside || begins.has(end)) ends.push(end);
      inside ||= begins.has(end) && '?&#'.includes(uri[end] ?? ' ');
    } else if (isPath) {
      ends.push(end);
    } else {
      if (inside) ends.push(end);
      inside = (inside || begins.has(end)) && !'/?#'.includes(uri[end] ?? '/');
    }
  }
  return ends;
}
