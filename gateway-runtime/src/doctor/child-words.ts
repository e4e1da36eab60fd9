import type { Logger } from '../config/host.js';

/** Characters of a line that are kept. */
const longest = 300;

/** What child processes wrote last that is no message: where a program that does not start says why. */
export class ChildWords {
  readonly #last = new Map<string, string>();

  /** Takes the lines that connections log. */
  readonly logger: Logger = {
    debug: (fields) => this.#note(fields),
    info: () => {},
    warn: () => {},
    error: () => {},
  };

  /** The last line, and where it was written: `stderr: No module named x`; `undefined` when there was none. */
  of(backend: string): string | undefined {
    return this.#last.get(backend);
  }

  #note(fields: object): void {
    const { backend, stdout, stderr } = fields as Record<string, unknown>;
    const [stream, line] = typeof stdout === 'string' ? ['stdout', stdout] : ['stderr', stderr];
    if (typeof backend !== 'string' || typeof line !== 'string' || line.trim() === '') return;
    this.#last.set(backend, `${stream}: ${line.trim().slice(0, longest)}`);
  }
}
