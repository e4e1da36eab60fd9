import { setTimeout as delay } from 'node:timers/promises';
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

/** What the file of audit records needs from the rest of the gateway. */
export interface AuditFileOptions {
  readonly config: AuditFileConfig;
  readonly logger: Logger;
  /** Counts records that are lost. */
  dropped(records: number): void;
}

interface Waiting {
  readonly line: string;
  /** The request need not wait any longer. */
  done(): void;
}

/** Writes lines to a file, those of concurrent requests together, and says when each is there. */
export class AuditFile {
  readonly #options: AuditFileOptions;
  readonly #file: RotatingFile;
  readonly #outage: Outage;
  #waiting: Waiting[] = [];
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

  /** Resolves when the line is written, or may be lost. @throws {AuditUnavailableError} when it has to be written and cannot be */
  append(line: string): Promise<void> {
    if (this.#isFull(line)) {
      this.#options.dropped(1);
      return this.#mayDrop ? Promise.resolve() : Promise.reject(new AuditUnavailableError());
    }
    const written = patiently((done) => this.#waiting.push({ line, done }));
    this.#length += line.length;
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
    return this.#mayDrop ? written.catch(() => {}) : written;
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
    while (this.#waiting.length > 0 && !this.#isClosed) {
      const batch = this.#nextBatch();
      try {
        await this.#file.append(Buffer.from(batch.map(({ line }) => line).join('')));
        this.#worked();
        this.#leave(batch.length);
      } catch (error) {
        this.#failed(error);
        if (this.#mayDrop) this.#drop();
        else await delay(pauseMs);
      }
    }
  }

  #nextBatch(): Waiting[] {
    let length = 0;
    const end = this.#waiting.findIndex(({ line }, index) => {
      length += line.length;
      return index > 0 && length > mostAtOnce;
    });
    return this.#waiting.slice(0, end < 0 ? undefined : end);
  }

  #leave(count: number): void {
    for (const { line, done } of this.#waiting.splice(0, count)) {
      this.#length -= line.length;
      done();
    }
  }

  #drop(): void {
    this.#options.dropped(this.#waiting.length);
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
