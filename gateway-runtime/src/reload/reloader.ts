import { isDeepStrictEqual } from 'node:util';
import type { Logger } from '../contracts/host.js';
import type { ConfigLoader, ReloadedConfig } from '../loading/config-loader.js';
import { Watcher } from './watcher.js';

/** Milliseconds without a change after which files are read: editors and deployments write several at once. */
const quietMs = 200;

/** Milliseconds after which they are read although changes do not end. */
const longestMs = 2000;

/** What reloads need from the rest of the program. */
export interface ReloaderOptions {
  readonly loader: Pick<ConfigLoader, 'reload' | 'watched'>;
  readonly logger: Logger;
  /** Takes what was read again. */
  apply(reloaded: ReloadedConfig): void;
  /** Milliseconds between looks at everything, for file systems that tell of no change. @default 30000 */
  readonly pollMs?: number;
  /** Whether changes are waited for that file systems tell of. @default true */
  readonly isNotified?: boolean;
}

/** Reads the configuration again whenever it may have changed. */
export class Reloader {
  readonly #options: ReloaderOptions;
  readonly #watcher: Watcher;
  #poll: NodeJS.Timeout | undefined;
  #quiet: NodeJS.Timeout | undefined;
  /** When the first change was seen that was not read yet. */
  #since: number | undefined;
  #last: ReloadedConfig | undefined;

  constructor(options: ReloaderOptions) {
    this.#options = options;
    this.#watcher = new Watcher(() => this.#changed(), options.logger);
  }

  /** Watches for changes from now on. */
  watch(): void {
    this.#poll = setInterval(() => this.#read(false), this.#options.pollMs ?? 30_000).unref();
    // What changed between the start and now, nothing would tell of.
    if (this.#follow()) this.#changed();
  }

  /** Reads everything at once. */
  reload(): void {
    this.#read(true);
  }

  close(): void {
    clearInterval(this.#poll);
    clearTimeout(this.#quiet);
    this.#watcher.close();
  }

  #changed(): void {
    const now = Date.now();
    this.#since ??= now;
    clearTimeout(this.#quiet);
    const wait = Math.max(0, Math.min(quietMs, this.#since + longestMs - now));
    this.#quiet = setTimeout(() => this.#read(true), wait).unref();
  }

  /** @param isAsked Whether there is a reason: else only a difference counts. */
  #read(isAsked: boolean): void {
    clearTimeout(this.#quiet);
    this.#since = undefined;
    const { loader, apply, logger } = this.#options;
    try {
      const reloaded = loader.reload();
      const isSame = isDeepStrictEqual(reloaded, this.#last);
      this.#last = reloaded;
      if (isAsked || !isSame) apply(reloaded);
    } catch (error) {
      logger.error({ error: String(error) }, 'the configuration could not be read again');
    }
    if (this.#poll && this.#follow()) this.#changed();
  }

  /** @returns whether something may have changed before it was watched */
  #follow(): boolean {
    return this.#options.isNotified !== false && this.#watcher.follow(this.#options.loader.watched);
  }
}
