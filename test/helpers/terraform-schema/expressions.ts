/** One step after the root of a traversal: `.name`, an index (with its key if a literal string), or a splat. */
export type Step = { kind: 'attribute'; name: string } | { kind: 'index'; key?: string } | { kind: 'splat' };

/** A reference such as `oci_core_vcn.main.id`: root `oci_core_vcn`, then the steps. */
export interface Traversal {
  root: string;
  steps: Step[];
  text: string;
}

interface Token {
  kind: 'identifier' | 'number' | 'string' | 'punctuation';
  text: string;
}

const TOKEN = /\s+|([A-Za-z_][\w-]*)|(\d+(?:\.\d+)?)|(\S)/y;

/**
 * The references inside the `${…}` parts of a string, also those in templates nested in its string literals.
 * `$${` is an escaped, literal `${`.
 */
export function traversals(template: string): Traversal[] {
  return interpolations(template).flatMap((part) => traversalsOfExpression(part.expression));
}

/** A reference written without `${…}`, as in `depends_on`; undefined when the text is anything else. */
export function bareTraversal(text: string): Traversal | undefined {
  const [first, ...others] = traversalsOfExpression(text);
  return first !== undefined && others.length === 0 && first.text === text ? first : undefined;
}

/** True when the string is one `${…}` and nothing else, so that its value may have any type. */
export function isWholeExpression(template: string): boolean {
  const [first, ...others] = interpolations(template);
  return first?.start === 0 && first.end === template.length && others.length === 0 && template.startsWith('${');
}

/** True when the string has a `${…}` somewhere. */
export function hasInterpolation(template: string): boolean {
  return interpolations(template).length > 0;
}

/** True when a `${` or `%{` has no end. */
export function isUnclosed(template: string): boolean {
  return interpolations(template).some(({ end }) => end > template.length);
}

/** The `${…}` and `%{…}` parts of a template; `end` is behind the template when the closing brace is missing. */
function interpolations(template: string): { expression: string; start: number; end: number }[] {
  const found: { expression: string; start: number; end: number }[] = [];
  let at = 0;
  while (at < template.length) {
    const opener = template.slice(at, at + 3);
    if (opener === '$${' || opener === '%%{') at += 3;
    else if (opener.startsWith('${') || opener.startsWith('%{')) {
      const end = skipBraces(template, at + 2);
      found.push({ expression: template.slice(at + 2, end - 1), start: at, end });
      at = end;
    } else at += 1;
  }
  return found;
}

/** Position after the `}` that closes what opened before `at`; behind the text when there is none. */
function skipBraces(text: string, at: number): number {
  let depth = 1;
  let position = at;
  while (position < text.length && depth > 0) {
    const character = text[position];
    if (character === '"') {
      position = skipString(text, position);
      continue;
    }
    if (character === '{') depth += 1;
    if (character === '}') depth -= 1;
    position += 1;
  }
  return depth > 0 ? text.length + 1 : position;
}

/** Position after the string literal that starts at `at`. */
function skipString(text: string, at: number): number {
  let position = at + 1;
  while (position < text.length && text[position] !== '"') {
    if (text[position] === '\\') position += 2;
    else if (text.startsWith('$${', position)) position += 3;
    else if (text.startsWith('${', position)) position = skipBraces(text, position + 2);
    else position += 1;
  }
  return position + 1;
}

function tokenize(expression: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < expression.length) {
    if (expression[at] === '"') {
      const end = skipString(expression, at);
      tokens.push({ kind: 'string', text: expression.slice(at, end) });
      at = end;
      continue;
    }
    TOKEN.lastIndex = at;
    const [text = '', identifier, number, punctuation] = TOKEN.exec(expression) ?? [];
    if (identifier) tokens.push({ kind: 'identifier', text });
    else if (number) tokens.push({ kind: 'number', text });
    else if (punctuation) tokens.push({ kind: 'punctuation', text });
    at += Math.max(text.length, 1);
  }
  return tokens;
}

function traversalsOfExpression(expression: string): Traversal[] {
  const tokens = tokenize(expression);
  return tokens.flatMap((token, index) => {
    if (token.kind === 'string') return traversals(token.text.slice(1, -1));
    const isRoot = token.kind === 'identifier' && tokens[index - 1]?.text !== '.' && tokens[index + 1]?.text !== '(';
    return isRoot ? [readTraversal(tokens, index)] : [];
  });
}

function readTraversal(tokens: Token[], start: number): Traversal {
  const steps: Step[] = [];
  let end = start + 1;
  while (true) {
    const next = tokens[end + 1];
    if (tokens[end]?.text === '.' && next) {
      if (next.text === '*') steps.push({ kind: 'splat' });
      else if (next.kind === 'identifier') steps.push({ kind: 'attribute', name: next.text });
      else if (next.kind === 'number') steps.push({ kind: 'index' });
      else break;
      end += 2;
    } else if (tokens[end]?.text === '[' && next) {
      const close = closingBracket(tokens, end);
      const key = close === end + 2 ? literalKey(next) : undefined;
      steps.push(next.text === '*' ? { kind: 'splat' } : { kind: 'index', key });
      end = close + 1;
    } else break;
  }
  const text = tokens
    .slice(start, end)
    .map((token) => token.text)
    .join('');
  return { root: tokens[start]?.text ?? '', steps, text };
}

function literalKey({ kind, text }: Token): string | undefined {
  return kind === 'string' && !hasInterpolation(text) ? text.slice(1, -1) : undefined;
}

function closingBracket(tokens: Token[], open: number): number {
  let depth = 0;
  for (let index = open; index < tokens.length; index += 1) {
    if (tokens[index]?.text === '[') depth += 1;
    if (tokens[index]?.text === ']') depth -= 1;
    if (depth === 0) return index;
  }
  return tokens.length;
}
