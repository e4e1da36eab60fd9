import type { Logger } from '../contracts/host.js';
import { UpstreamError } from '../errors.js';
import { groupMemory } from './group-memory.js';

/** Child processes at once: one of Node or Python weighs some 50 MB. */
const most = 256;

/** Milliseconds between two looks at the memory of children. */
const lookMs = 1000;

const mebibyte = 1024 * 1024;

/** A child process whose memory is bounded. */
export interface BoundedChild {
  /** Id of its process, and of the process group that it leads. */
  readonly pid: number;
  readonly limitMb: number;
  /** It holds more than it may. */
  onTooLarge(reason: string): void;
}

/** All child processes of one gateway: how many there are, and what they weigh. */
export class Children {
  readonly #logger: Logger;
  readonly #bounded = new Set<BoundedChild>();
  #count = 0;
  #timer: NodeJS.Timeout | undefined;
  #isBlind = false;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Makes room for one more. @returns what gives the room back @throws {UpstreamError} when there is none */
  enter(): () => void {
    if (this.#count >= most)
      throw new UpstreamError(`cannot be started (the gateway has ${most} child processes)`, true);
    this.#count++;
    let isIn = true;
    return () => {
      if (isIn) this.#count--;
      isIn = false;
    };
  }

  /** Looks at the memory of a child from now on. @returns what ends that */
  watch(child: BoundedChild): () => void {
    this.#bounded.add(child);
    this.#lookLater();
    return () => void this.#bounded.delete(child);
  }

  #lookLater(): void {
    if (this.#isBlind || this.#bounded.size === 0) return;
    this.#timer ??= setTimeout(() => void this.#look(), lookMs).unref();
  }

  async #look(): Promise<void> {
    try {
      const memory = await groupMemory(new Set([...this.#bounded].map(({ pid }) => pid)));
      for (const child of [...this.#bounded]) {
        const used = (memory.get(child.pid) ?? 0) / mebibyte;
        if (used > child.limitMb) {
          child.onTooLarge(`held ${Math.round(used)} MiB of memory, more than its limit of ${child.limitMb} MiB`);
        }
      }
    } catch {
      this.#isBlind = true;
      this.#logger.warn({}, 'memory_limit_mb is not enforced: this system has no /proc');
    }
    this.#timer = undefined;
    this.#lookLater();
  }
}
