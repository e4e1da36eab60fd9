import type { Redactor } from './redactor.js';
import type { Finding, Subject } from './subject.js';
import type { Status } from './verdict.js';

/** Everything that was found; with `--json`, this is what is printed. */
export interface Report {
  /** Version of this shape: 1. */
  readonly version: 1;
  readonly target: {
    /** The MCP endpoint that was asked, without its query; `null` when none was. */
    readonly url: string | null;
    /** Whether the set-up was checked, too. */
    readonly configuration: boolean;
  };
  readonly checks: readonly Finding[];
  readonly summary: { readonly [status in Status]: number };
}

/** Characters of what was seen, which may quote others. */
const longest = 1000;

/** Puts a report together, without secrets and control characters. */
export function reportOf(target: Report['target'], subjects: readonly Subject[], redactor: Redactor): Report {
  const clean = (text: string) => redactor.clean(text);
  const checks = subjects
    .flatMap(({ findings }) => findings)
    .map(({ id, subject, status, seen, cause, solution, ms }) => ({
      id,
      subject: clean(subject),
      status,
      seen: clean(seen).slice(0, longest),
      cause: cause && clean(cause),
      solution: solution && clean(solution),
      ms,
    }));
  const count = (status: Status) => checks.filter((check) => check.status === status).length;
  return {
    version: 1,
    target,
    checks,
    summary: { ok: count('ok'), warning: count('warning'), problem: count('problem') },
  };
}
