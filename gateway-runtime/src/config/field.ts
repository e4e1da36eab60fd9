import * as z from 'zod';

/** A field that may be absent or, as the public Python gateway writes it, `null`; both come out as absent. */
export function optional<T extends z.ZodType>(schema: T) {
  return schema
    .nullable()
    .transform((value) => value ?? undefined)
    .optional();
}

/** A string, trimmed, at least one character long. `expected` completes "expected …" in the fault. */
export function text(expected = 'a string that is not empty') {
  return z.string({ error: expected }).trim().min(1, { error: expected });
}

/** A string of a given form. */
export function pattern(form: RegExp, expected: string) {
  return z.string({ error: expected }).trim().regex(form, { error: expected });
}

/** A URL that secrets or keys may travel to. */
export function secureUrl() {
  const form = /^(https:\/\/[^\s/]+|http:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?(\/|$))/i;
  return url(form, 'an https URL (http only on a loopback host)');
}

/** A URL that clients are told. */
export function webUrl(expected = 'an http or https URL') {
  return url(/^https?:\/\/[^\s/]+/i, expected);
}

/** A URL of a given form that can also be parsed. */
function url(form: RegExp, expected: string) {
  return pattern(form, expected).refine((value) => !form.test(value) || URL.canParse(value), {
    error: `expected ${expected}, got one that cannot be read`,
  });
}

/** One string or a list of them; always a list afterwards. */
export function oneOrMore(expected: string, item = text(expected)) {
  return z
    .union([item, z.array(item).min(1, { error: expected })], { error: expected })
    .transform((value) => (Array.isArray(value) ? value : [value]));
}

/** A length of time in seconds; fractions are allowed. */
export function seconds(expected = 'a number of seconds above 0') {
  return z.number({ error: expected }).positive({ error: expected });
}

/** A region of OCI. */
export function region() {
  return pattern(/^[a-z][a-z0-9-]*$/, 'a region such as "eu-frankfurt-1"');
}

/** A TCP port. */
export function port() {
  const error = 'a whole number from 0 to 65535 (0 picks a free port)';
  return z.int({ error }).min(0, { error }).max(65535, { error });
}

/** An object whose unknown keys are faults that name the closest known key. */
export function strict<T extends z.core.$ZodShape>(shape: T) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code === 'unrecognized_keys') {
        return (issue as unknown as { keys: string[] }).keys.map((key) => unknownField(key, known)).join('\n');
      }
      return issue.code === 'invalid_type' ? 'an object' : undefined;
    },
  });
}

function unknownField(key: string, known: readonly string[]): string {
  const nearest = closest(key, known);
  return nearest ? `unknown field; did you mean "${nearest}"?` : `unknown field; known ones: ${known.join(', ')}`;
}

/** The candidate that is most likely meant, or `undefined` when none is near. */
function closest(word: string, candidates: readonly string[]): string | undefined {
  const plain = (value: string) => value.toLowerCase().replace(/[-_ ]/g, '');
  const tolerance = word.length < 4 ? 1 : Math.max(2, Math.floor(word.length / 3));
  const ranked = candidates
    .map((candidate) => ({ candidate, edits: editDistance(plain(word), plain(candidate)) }))
    .filter(({ edits }) => edits <= tolerance)
    .sort((a, b) => a.edits - b.edits);
  return ranked[0]?.candidate;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substitution = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min((previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, substitution));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
