import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import type { AuditFileConfig } from '../config/audit.js';
import type { Logger } from '../contracts/host.js';
import { AuditUnavailableError } from '../errors.js';
import { flushed } from './flush.js';
import { Outage } from './outage.js';
import { RotatingFile } from './rotating-file.js';

/** Milliseconds that a request waits for the file. */
const patienceMs = 2000;

/** Milliseconds until the next attempt after one that failed. */
const pauseMs = 200;

/** Characters that wait for the file: what was done already is written as soon as that is possible, even if it was answered with an error. */
const mostWaiting = 4 * 1024 * 1024;

/** Characters in one write. */
const mostAtOnce = 1024 * 1024;

/** Milliseconds within which lines come together: they wait together, and as long. */
const togetherMs = 100;

/** What the file of audit records needs from the rest of the gateway. */
export interface AuditFileOptions {
  readonly config: AuditFileConfig;
  readonly logger: Logger;
  /** Counts records that are lost. */
  dropped(records: number): void;
}

/** Writes lines to a file, those of concurrent requests together, and says when each is there. */
export class AuditFile {
  readonly #options: AuditFileOptions;
  readonly #file: RotatingFile;
  readonly #outage: Outage;
  readonly #waiting: Lines[] = [];
  #length = 0;
  #writing: Promise<void> | undefined;
  /** Milliseconds since the epoch at which writing began to fail; undefined while it works. */
  #failedAt: number | undefined;
  /** Requests that begin when the file can be written again. */
  #held: (() => void)[] = [];
  #isClosed = false;

  constructor(options: AuditFileOptions) {
    const { path, max_bytes: maxBytes, keep, fsync } = options.config;
    this.#options = options;
    this.#file = new RotatingFile({ path, maxBytes, keep, fsync });
    this.#outage = new Outage(options.logger, 'audit records', 'written');
  }

  /** @returns a promise while nothing can be written @throws {AuditUnavailableError} in the promise, when that lasts */
  ready(): Promise<void> | undefined {
    if (this.#failedAt === undefined || this.#mayDrop) return undefined;
    if (Date.now() - this.#failedAt > patienceMs) return Promise.reject(new AuditUnavailableError());
    return patiently((done) => this.#held.push(done));
  }

  /**
   * Resolves when the line is written, or may be lost; nothing when it is there at once.
   *
   * @param isAlone Whether no other line is about to come: then there is nothing to wait for.
   * @throws {AuditUnavailableError} in the promise, when it has to be written and cannot be
   */
  append(line: string, isAlone = false): Promise<void> | undefined {
    if (isAlone && !this.#writing && this.#file.appendNow(line)) return undefined;
    if (this.#isFull(line)) {
      this.#options.dropped(1);
      return this.#mayDrop ? Promise.resolve() : Promise.reject(new AuditUnavailableError());
    }
    const lines = this.#linesFor(line);
    lines.add(line);
    this.#length += line.length;
    this.#writing ??= this.#write();
    return this.#mayDrop ? lines.written.catch(() => {}) : lines.written;
  }

  /** Writes what waits, at most for 3 s. */
  async close(): Promise<void> {
    await flushed(Promise.resolve(this.#writing));
    this.#isClosed = true;
    await this.#file.close();
  }

  get #mayDrop(): boolean {
    return this.#options.config.when_full === 'drop';
  }

  #isFull(line: string): boolean {
    const isPausing = this.#mayDrop && this.#failedAt !== undefined && Date.now() - this.#failedAt < pauseMs;
    return isPausing || this.#length + line.length > mostWaiting;
  }

  async #write(): Promise<void> {
    // Calls that end at the same time are one write.
    await turn();
    for (let [lines] = this.#waiting; lines && !this.#isClosed; [lines] = this.#waiting) {
      lines.isFull = true;
      try {
        await this.#file.append(Buffer.from(lines.text));
        this.#worked();
        this.#leave(1);
      } catch (error) {
        this.#failed(error);
        if (this.#mayDrop) this.#drop();
        else await delay(pauseMs);
      }
    }
    this.#writing = undefined;
  }

  /** Those that a line is written with. */
  #linesFor(line: string): Lines {
    const last = this.#waiting.at(-1);
    if (last?.takes(line)) return last;
    const lines = new Lines();
    this.#waiting.push(lines);
    return lines;
  }

  #leave(count: number): void {
    for (const lines of this.#waiting.splice(0, count)) {
      this.#length -= lines.text.length;
      lines.done();
    }
  }

  #drop(): void {
    this.#options.dropped(this.#waiting.reduce((sum, { count }) => sum + count, 0));
    this.#leave(this.#waiting.length);
  }

  #worked(): void {
    this.#outage.worked();
    this.#failedAt = undefined;
    for (const begin of this.#held.splice(0)) begin();
  }

  #failed(error: unknown): void {
    this.#outage.failed(`${this.#options.config.path}: ${(error as NodeJS.ErrnoException).code ?? 'unknown fault'}`);
    if (this.#mayDrop) this.#failedAt = Date.now();
    else this.#failedAt ??= Date.now();
  }
}

/** Lines that are written at once. */
class Lines {
  /** Settled when they are written. @throws {AuditUnavailableError} in the promise, when that takes too long */
  readonly written: Promise<void>;
  text = '';
  count = 0;
  /** Whether no further line is taken. */
  isFull = false;
  readonly #since = Date.now();
  /** Their requests need not wait any longer. */
  done: () => void = () => {};

  constructor() {
    this.written = patiently((done) => {
      this.done = done;
    });
  }

  takes(line: string): boolean {
    return !this.isFull && this.text.length + line.length <= mostAtOnce && Date.now() - this.#since < togetherMs;
  }

  add(line: string): void {
    this.text += line;
    this.count++;
  }
}

/** Waits until something is done. @throws {AuditUnavailableError} in the promise, when it takes too long */
function patiently(begin: (done: () => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new AuditUnavailableError()), patienceMs);
    begin(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
