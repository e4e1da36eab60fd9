import type { BackendCommon } from '../config/backend.js';

/** Lines that are kept: an exception of Python or Node ends within them. */
const most = 20;

/** Characters of a line that are told. */
const longest = 300;

/** Characters of a value that is hidden whatever its name: shorter ones stand in many a word. */
const shortestSecret = 6;

const hidden = '[hidden]';

const secretName = /token|secret|pass|pwd|key|cred|auth/i;

/** A line that says what went wrong: `ModuleNotFoundError: No module named 'x'`. */
const errorLine = /^(?:Uncaught )?[\w.]*(?:Error|Exception)\b/;

/** What follows an error and does not explain it: where it was thrown, and by which version. */
const noise = /^(?:\s|Node\.js v|\^)/;

/** What a child process wrote to stderr last, without the secrets it was given: it says why the child is gone. */
export class LastWords {
  readonly #secrets: readonly string[];
  readonly #lines: string[] = [];

  constructor({ env, args }: Pick<BackendCommon, 'env' | 'args'>) {
    const secrets = [...secretVariables(env), ...secretArguments(args)].filter((secret) => secret !== '');
    // One secret may begin with another: the longer one goes first.
    this.#secrets = secrets.sort((a, b) => b.length - a.length);
  }

  /** Keeps a line. @returns the line without secrets */
  note(line: string): string {
    const clean = this.#secrets.reduce((text, secret) => text.replaceAll(secret, hidden), line);
    if (clean.trim() !== '') this.#lines.push(clean);
    if (this.#lines.length > most) this.#lines.shift();
    return clean;
  }

  /** The line that says most; undefined when nothing was written. */
  get line(): string | undefined {
    const line =
      this.#lines.findLast((line) => errorLine.test(line)) ?? this.#lines.findLast((line) => !noise.test(line));
    return line?.trim().slice(0, longest);
  }
}

function secretVariables(env: Readonly<Record<string, string>>): string[] {
  const isSecret = ([name, value]: [string, string]) => secretName.test(name) || value.length >= shortestSecret;
  return Object.entries(env)
    .filter(isSecret)
    .map(([, value]) => value);
}

/** The values of arguments such as `--token=x` and `--token x`. */
function secretArguments(args: readonly string[]): string[] {
  return args.flatMap((arg, index) => {
    if (!arg.startsWith('-') || !secretName.test(arg)) return [];
    const equals = arg.indexOf('=');
    const next = equals < 0 ? args[index + 1] : arg.slice(equals + 1);
    return next === undefined ? [] : [next];
  });
}
