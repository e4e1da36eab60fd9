/** Escapes of escapes of escapes that are undone: nobody writes more of them but to hide something. */
const mostRounds = 4;

/**
 * The same URI in its plainest form: without escapes and fragment, scheme and host of the web in lower case. Backends may read
 * others as this one.
 *
 * @returns `undefined` where nobody can say what a backend will take it for: with `.` and `..` as segments, with empty segments
 * or control characters
 *
 * @example
 * plainUri('FILE:/notes/%61.txt#top'); // 'file:///notes/a.txt'
 * plainUri('file:///public/..%2fsecret'); // undefined
 */
export function plainUri(uri: string): string | undefined {
  const text = withoutEscapes(uri);
  if (text === undefined || hasDotSegment(text)) return undefined;
  const [, head = '', escapedPath = '', query = ''] = /^([^:/?#]*:(?:\/\/)?)?([^?#]*)(\?[^#]*)?/s.exec(uri) ?? [];
  const path = withoutEscapes(escapedPath) ?? '';
  if (path.includes('//')) return undefined;
  return (head.toLowerCase() + path + (withoutEscapes(query) ?? ''))
    .replace(/^file:(\/\/localhost)?\/(?!\/)/, 'file:///')
    .replace(/^https?:\/\/[^/?]*/, (origin) => origin.toLowerCase());
}

function hasDotSegment(text: string): boolean {
  return /(^|\/)\.{1,2}([/?#]|$)/.test(text);
}

/** @returns `undefined` with control characters, or too many rounds */
function withoutEscapes(escaped: string): string | undefined {
  let text = escaped;
  for (let round = 0; round <= mostRounds; round++) {
    const next = text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) =>
      Buffer.from(escapes.replaceAll('%', ''), 'hex').toString('utf8'),
    );
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    if (next === text) return /[\x00-\x1f\x7f]/.test(text) ? undefined : text.replaceAll('\\', '/');
    text = next;
  }
  return undefined;
}
