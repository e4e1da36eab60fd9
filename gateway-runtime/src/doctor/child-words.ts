import type { Logger } from '../contracts/host.js';

/** Characters of a line that are kept. */
const longest = 300;

/** A line that is no message, and where it was written. */
export interface WrittenLine {
  readonly stream: 'stdout' | 'stderr';
  readonly line: string;
}

/** What child processes wrote last that is no message: where a program that does not answer says why. */
export class ChildWords {
  readonly #last = new Map<string, WrittenLine>();

  /** Takes the lines that connections log. */
  readonly logger: Logger = {
    debug: (fields) => this.#note(fields),
    info: () => {},
    warn: () => {},
    error: () => {},
  };

  /** The last line; `undefined` when there was none. */
  of(backend: string): WrittenLine | undefined {
    return this.#last.get(backend);
  }

  #note(fields: object): void {
    const { backend, stdout, stderr } = fields as Record<string, unknown>;
    const [stream, line] = typeof stdout === 'string' ? (['stdout', stdout] as const) : (['stderr', stderr] as const);
    if (typeof backend !== 'string' || typeof line !== 'string' || line.trim() === '') return;
    this.#last.set(backend, { stream, line: line.trim().slice(0, longest) });
  }
}
