/** What a statement may do with what follows it. */
export type PolicyEffect = 'allow' | 'deny';

/**
 * A comparison of a variable, or several conditions of which all or any must hold. One that is a reference as a whole is a
 * variable without an operator.
 */
export type ParsedCondition =
  | { readonly variable: string; readonly operator: string; readonly values: readonly string[] }
  | { readonly join: 'all' | 'any'; readonly conditions: readonly ParsedCondition[] };

/** A statement of OCI's policy language, taken apart. References stand in it as `${…}`. */
export interface ParsedStatement {
  readonly effect: PolicyEffect;
  /** Who: the kind, and names or OCIDs where the kind has them, `Domain/name` for a group of an identity domain. */
  readonly subject: { readonly kind: string; readonly names: readonly string[] };
  /** How much, in lower case. @default - `permissions` */
  readonly verb?: string;
  /** On what. @default - `permissions` */
  readonly resourceType?: string;
  /** Single permissions. @default - a verb and a resource type */
  readonly permissions?: readonly string[];
  /** OCID or path of names of the compartment; undefined for the whole tenancy. */
  readonly compartment?: string;
  /** What must hold. @default - nothing */
  readonly condition?: ParsedCondition;
}

/** What is wrong with a statement, as "expected …, got …". */
export class PolicySyntaxError extends Error {}

const verbs = ['inspect', 'read', 'use', 'manage'];

/**
 * Takes a statement apart, or says what OCI would not understand. Words of the language are read in any case, and a
 * reference stands for whatever may stand in its place.
 * @see https://docs.oracle.com/en-us/iaas/Content/Identity/Concepts/policysyntax.htm
 * @throws PolicySyntaxError
 */
export function parseStatement(text: string): ParsedStatement {
  const reader = new Reader(text);
  const statement = readStatement(reader);
  reader.expectEnd();
  return statement;
}

/**
 * Takes one condition apart, without the `where` in front.
 * @see https://docs.oracle.com/en-us/iaas/Content/Identity/policysyntax/conditions.htm
 * @throws PolicySyntaxError
 */
export function parseCondition(text: string): ParsedCondition {
  const reader = new Reader(text);
  const condition = readCondition(reader);
  reader.expectEnd();
  return condition;
}

/** A text whose references are all the same, for showing it and for comparing it. */
export function withoutReferences(text: string, replacement = '…'): string {
  let result = '';
  for (let i = 0; i < text.length; i++) {
    const end = referenceEnd(text, i);
    result += end > i ? replacement : text[i];
    if (end > i) i = end - 1;
  }
  return result;
}

function readStatement(reader: Reader): ParsedStatement {
  const effect = reader.keyword(['allow', 'deny']) as PolicyEffect;
  const subject = readSubject(reader);
  reader.keyword(['to']);
  const action = reader.take('{') ? { permissions: readPermissions(reader) } : readAction(reader);
  reader.keyword(['in']);
  const compartment = reader.reference() ?? readLocation(reader);
  if (reader.isAtEnd()) return { effect, subject, ...action, compartment };
  reader.keyword(['where']);
  return { effect, subject, ...action, compartment, condition: readCondition(reader) };
}

/** @see https://docs.oracle.com/en-us/iaas/Content/Identity/policysyntax/subject.htm */
function readSubject(reader: Reader): ParsedStatement['subject'] {
  const kind = reader.keyword(['any-user', 'any-group', 'group', 'dynamic-group', 'service']);
  if (kind.startsWith('any-')) return { kind, names: [] };
  const names = [readPrincipal(reader, kind)];
  while (reader.take(',')) names.push(readPrincipal(reader, kind));
  return { kind, names };
}

function readPrincipal(reader: Reader, kind: string): string {
  const expected = `the name of a ${kind}`;
  const quoted = reader.delimited("'");
  const first = quoted ?? reader.word(expected);
  if (quoted === undefined && first.toLowerCase() === 'id') return reader.word('an OCID', /^ocid1\./);
  return kind !== 'service' && reader.take('/') ? `${first}/${reader.name(expected)}` : first;
}

function readAction(reader: Reader): Pick<ParsedStatement, 'verb' | 'resourceType'> {
  const verb = reader.keyword(verbs);
  return { verb, resourceType: reader.word('a resource type such as "log-content"', /^[a-z][a-z0-9-]*$/) };
}

function readPermissions(reader: Reader): string[] {
  const permission = () => reader.word('a permission such as "SECRET_BUNDLE_READ"', /^[A-Z][A-Z0-9_]*$/);
  const permissions = [permission()];
  while (reader.take(',')) permissions.push(permission());
  reader.expect('}');
  return permissions;
}

/** @returns undefined for the whole tenancy */
function readLocation(reader: Reader): string | undefined {
  if (reader.keyword(['compartment', 'tenancy']) === 'tenancy') return undefined;
  const first = reader.name('a compartment');
  if (first.toLowerCase() === 'id' && !reader.isAtEnd() && !reader.isAt('where')) {
    return reader.word('the OCID of a compartment', /^ocid1\.(compartment|tenancy)\./);
  }
  return first;
}

function readCondition(reader: Reader): ParsedCondition {
  const variable = reader.word('a variable such as "target.secret.id"');
  const join = variable.toLowerCase();
  if ((join === 'all' || join === 'any') && reader.take('{')) {
    const conditions = [readCondition(reader)];
    while (reader.take(',')) conditions.push(readCondition(reader));
    reader.expect('}');
    return { join, conditions };
  }
  checkVariable(reader, variable);
  const isWhole = referenceEnd(variable, 0) === variable.length && reader.isAtEndOfCondition();
  return isWhole ? { variable, operator: '', values: [] } : { variable, ...readComparison(reader) };
}

/** @see https://docs.oracle.com/en-us/iaas/Content/Tagging/Tasks/managingaccesswithtags.htm */
function readComparison(reader: Reader): { operator: string; values: string[] } {
  for (const operator of ['!=', '=']) {
    if (reader.take(operator)) return { operator, values: [readValue(reader)] };
  }
  const operator = reader.keyword(['in', 'not', 'before', 'after', 'between'], '"=" or "!="');
  if (operator === 'not') reader.keyword(['in']);
  if (operator === 'between') {
    const from = readValue(reader);
    reader.keyword(['and']);
    return { operator, values: [from, readValue(reader)] };
  }
  if (operator === 'before' || operator === 'after') return { operator, values: [readValue(reader)] };
  reader.expect('(');
  const values = [readValue(reader)];
  while (reader.take(',')) values.push(readValue(reader));
  reader.expect(')');
  return { operator: operator === 'not' ? 'not in' : operator, values };
}

/** A text in single quotes, a pattern between slashes, or another variable. */
function readValue(reader: Reader): string {
  const delimited = reader.delimited("'") ?? reader.delimited('/');
  if (delimited !== undefined) return delimited;
  const variable = reader.word('a value in single quotes');
  checkVariable(reader, variable, "a value in single quotes, such as 'ocid1.vaultsecret…'");
  return variable;
}

function checkVariable(reader: Reader, name: string, expected = 'a variable that begins with "request." or "target."') {
  if (!/^(request|target)\.[\w.-]+$/i.test(withoutReferences(name, 'x')) && referenceEnd(name, 0) !== name.length) {
    reader.fail(expected, name);
  }
}

/** Where the reference ends that begins at `start`; `start` itself where none does. */
function referenceEnd(text: string, start: number): number {
  if (!text.startsWith('${', start)) return start;
  let depth = 0;
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === '{') depth++;
    if (text[i] === '}' && --depth === 0) return i + 1;
  }
  return start;
}

class Reader {
  private position = 0;

  public constructor(private readonly text: string) {}

  public isAtEnd(): boolean {
    this.skipSpace();
    return this.position === this.text.length;
  }

  public isAtEndOfCondition(): boolean {
    return this.isAtEnd() || /[,}]/.test(this.text[this.position] ?? '');
  }

  /** Whether this word comes next. */
  public isAt(word: string): boolean {
    const before = this.position;
    const next = this.readWord();
    this.position = before;
    return next.toLowerCase() === word;
  }

  /** Moves over a sign if it comes next. */
  public take(sign: string): boolean {
    this.skipSpace();
    if (!this.text.startsWith(sign, this.position)) return false;
    this.position += sign.length;
    return true;
  }

  public expect(sign: string): void {
    if (!this.take(sign)) this.fail(`"${sign}"`, this.rest());
  }

  public expectEnd(): void {
    if (!this.isAtEnd()) this.fail('the end', this.rest());
  }

  /** A word that is nothing but a reference, if one comes next. */
  public reference(): string | undefined {
    const before = this.position;
    const word = this.readWord();
    if (word !== '' && referenceEnd(word, 0) === word.length) return word;
    this.position = before;
    return undefined;
  }

  /** One of the words, in lower case; a reference is taken for the first of them. */
  public keyword(words: readonly string[], also?: string): string {
    const [first = ''] = words;
    const word = this.readWord();
    if (word !== '' && referenceEnd(word, 0) === word.length) return first;
    const known = words.find((each) => each === word.toLowerCase());
    const expected = [...(also === undefined ? [] : [also]), ...words.map((each) => `"${each}"`)].join(', ');
    return known ?? this.fail(words.length > 1 ? `one of ${expected}` : expected, word || this.rest());
  }

  public word(expected: string, pattern = /./): string {
    const word = this.readWord();
    if (word === '') this.fail(expected, this.rest());
    if (!word.includes('${') && !pattern.test(word)) this.fail(expected, word);
    return word;
  }

  /** A word, or text in single quotes. */
  public name(expected: string): string {
    return this.delimited("'") ?? this.word(expected);
  }

  /** What stands between two signs, if the first of them comes next. */
  public delimited(sign: string): string | undefined {
    if (!this.take(sign)) return undefined;
    const start = this.position;
    while (this.position < this.text.length && this.text[this.position] !== sign) this.step();
    const inside = this.text.slice(start, this.position);
    this.expect(sign);
    if (inside === '') this.fail('text that is not empty', `${sign}${sign}`);
    return inside;
  }

  public fail(expected: string, got: string): never {
    const shown = withoutReferences(got.length > 40 ? `${got.slice(0, 40)}…` : got);
    throw new PolicySyntaxError(`expected ${expected}, got ${shown === '' ? 'the end' : JSON.stringify(shown)}`);
  }

  private rest(): string {
    return this.text.slice(this.position);
  }

  private readWord(): string {
    this.skipSpace();
    const start = this.position;
    while (this.position < this.text.length) {
      const before = this.position;
      if (/[\w.:@+-]/.test(this.text[before] ?? '') || referenceEnd(this.text, before) > before) this.step();
      else break;
    }
    return this.text.slice(start, this.position);
  }

  /** Moves over one character, or over a whole reference. */
  private step(): void {
    this.position = Math.max(this.position + 1, referenceEnd(this.text, this.position));
  }

  private skipSpace(): void {
    while (/\s/.test(this.text[this.position] ?? '')) this.position++;
  }
}
