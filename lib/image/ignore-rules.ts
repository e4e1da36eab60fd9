/**
 * Which files of a folder Docker leaves out of an image, as a `.dockerignore` says: the last rule that matches a path, or a
 * folder it lies in, decides.
 * @see https://docs.docker.com/build/concepts/context/#dockerignore-files
 *
 * @example
 * new IgnoreRules(['*.md', '!README.md']).ignores('docs/plan.md'); // false: the rule is about the folder itself
 */
export class IgnoreRules {
  private readonly rules: readonly Rule[];

  /** @param lines Lines of a `.dockerignore`. */
  public constructor(lines: readonly string[]) {
    this.rules = lines.filter((line) => !line.startsWith('#')).flatMap((line) => parse(line.trim()));
  }

  /** Whether something below a folder that is left out may be wanted after all. */
  public get hasExceptions(): boolean {
    return this.rules.some(({ isException }) => isException);
  }

  /** @param path Path below the folder, with slashes. */
  public ignores(path: string): boolean {
    const parts = path.split('/');
    const candidates = parts.map((_, i) => parts.slice(0, i + 1).join('/'));
    const last = this.rules.findLast(({ pattern }) => candidates.some((candidate) => pattern.test(candidate)));
    return last !== undefined && !last.isException;
  }
}

interface Rule {
  readonly pattern: RegExp;
  /** Whether it takes back what an earlier rule says. */
  readonly isException: boolean;
}

function parse(line: string): Rule[] {
  const isException = line.startsWith('!');
  const path = line
    .slice(isException ? 1 : 0)
    .trim()
    .replace(/^(\.?\/)+|\/+$/g, '');
  return path === '' || path === '.' ? [] : [{ pattern: patternOf(path), isException }];
}

/** The pattern language of Go's `filepath.Match`, and `**` for any number of folders. */
function patternOf(path: string): RegExp {
  const source = path.replace(/\*\*\/|\*\*|\*|\?|\\.|\[[^\]]*\]|[.+^${}()|\\]/g, (found) => {
    if (found === '**/') return '(?:.*/)?';
    if (found === '**') return '.*';
    if (found === '*') return '[^/]*';
    if (found === '?') return '[^/]';
    return found.startsWith('[') || found.length === 2 ? found : `\\${found}`;
  });
  return new RegExp(`^${source}$`);
}
