import { UpstreamError } from '../errors.js';
import { type CheckId, problem, type Status, type Verdict } from './verdict.js';

/** One line of the report. */
export interface Finding {
  readonly id: CheckId;
  /** What was looked at: `gateway`, `backend logs`. */
  readonly subject: string;
  readonly status: Status;
  /** What was seen. */
  readonly seen: string;
  /** Likely causes, the likeliest first; `null` when all is well. */
  readonly cause: string | null;
  /** What to do; `null` when all is well. */
  readonly solution: string | null;
  /** Milliseconds the check took. */
  readonly ms: number;
}

/** Something that checks look at; collects what they find. */
export class Subject {
  readonly name: string;
  /** Milliseconds that one check may take. */
  readonly timeoutMs: number;
  readonly findings: Finding[] = [];

  constructor(name: string, timeoutMs: number) {
    this.name = name;
    this.timeoutMs = timeoutMs;
  }

  /**
   * Runs one check, which may fail in whatever way and takes no longer than it may.
   *
   * @param limitMs @default - `timeoutMs`
   * @returns what later checks go on with; `undefined` when they cannot
   */
  async check<T>(
    id: CheckId,
    task: (signal: AbortSignal) => Promise<Verdict<T>> | Verdict<T>,
    limitMs = this.timeoutMs,
  ): Promise<T | undefined> {
    const begin = performance.now();
    const verdict = await withinTime(task, limitMs).catch(failed);
    this.#add(id, verdict, performance.now() - begin);
    return verdict.value;
  }

  /** Notes what another check found out in passing. */
  note(id: CheckId, verdict: Verdict): void {
    this.#add(id, verdict, 0);
  }

  #add(id: CheckId, { status, seen, advice }: Verdict, ms: number): void {
    const { cause = null, solution = null } = advice ?? {};
    this.findings.push({ id, subject: this.name, status, seen, cause, solution, ms: Math.round(ms) });
  }
}

/** A check that gets no answer is over all the same. */
class NoAnswer extends Error {}

async function withinTime<T>(task: (signal: AbortSignal) => Promise<T> | T, ms: number): Promise<T> {
  const end = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new NoAnswer(`no answer within ${ms / 1000} s`)), ms);
  });
  try {
    return await Promise.race([task(end.signal), late]);
  } finally {
    clearTimeout(timer);
    end.abort();
  }
}

function failed(error: unknown): Verdict<never> {
  const { code, name } = error as { code?: string; name?: string };
  const known = error instanceof NoAnswer || error instanceof UpstreamError;
  const seen = known ? error.message : `no usable answer (${code ?? name ?? 'unknown'})`;
  return problem(seen, {
    cause: 'whoever is asked is overloaded or stuck, or something in between loses the answer',
    solution: 'look at its log for the time of this run; try again with a longer --timeout',
  });
}
