import { ftruncateSync, writeSync } from 'node:fs';
import { type FileHandle, open, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Milliseconds after which it is looked whether the file is still the one of this path: others may have moved it away. */
const lookEveryMs = 1000;

const newline = 0x0a;

/** Where lines go, and when another file begins. */
export interface RotatingFileOptions {
  readonly path: string;
  /** Bytes after which the file becomes `<path>.1`. */
  readonly maxBytes: number;
  /** Files that stay beside the current one; the oldest goes. */
  readonly keep: number;
  /** Whether lines have to be on the disk, and not just in the care of the operating system. */
  readonly fsync: boolean;
}

/** Appends lines to a file. One call at a time. */
export class RotatingFile {
  readonly #options: RotatingFileOptions;
  #handle: FileHandle | undefined;
  #size = 0;
  /** Whether writing cannot wait for anybody: what goes to a pipe may wait for its reader. */
  #isQuick = false;
  #lookedAt = 0;

  constructor(options: RotatingFileOptions) {
    this.#options = options;
  }

  /** Appends lines at once, where nobody has to be waited for. @returns whether they are written; if not, none of them is */
  appendNow(lines: string): boolean {
    const { maxBytes, fsync } = this.#options;
    const length = Buffer.byteLength(lines);
    const isDue = Date.now() - this.#lookedAt >= lookEveryMs || this.#size + length > maxBytes;
    if (!this.#handle || !this.#isQuick || fsync || isDue) return false;
    const { fd } = this.#handle;
    try {
      if (writeSync(fd, lines) === length) {
        this.#size += length;
        return true;
      }
    } catch {
      // Why it fails, shows when it is tried again.
    }
    cut(fd, this.#size);
    return false;
  }

  /** Resolves when all of the lines are written. @throws {Error} of the file system; the lines may be appended once more then */
  async append(lines: Buffer): Promise<void> {
    const { maxBytes, fsync } = this.#options;
    if (this.#handle && (await this.#hasMoved())) await this.close();
    if (this.#handle && this.#size > 0 && this.#size + lines.length > maxBytes) await this.#rotate();
    this.#handle ??= await this.#open();
    try {
      for (let written = 0; written < lines.length; ) {
        // The operating system takes this at once; having another thread do it costs more than doing it.
        if (this.#isQuick) written += writeSync(this.#handle.fd, lines, written);
        else written += (await this.#handle.write(lines, written)).bytesWritten;
      }
      if (fsync) await this.#handle.datasync();
      this.#size += lines.length;
    } catch (error) {
      cut(this.#handle.fd, this.#size);
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close().catch(() => {});
  }

  async #open(): Promise<FileHandle> {
    const { path, fsync } = this.#options;
    const handle = await open(path, 'a+', 0o600);
    try {
      this.#lookedAt = Date.now();
      const status = await handle.stat();
      this.#size = status.size;
      this.#isQuick = status.isFile();
      if (this.#size > 0 && !(await endsLine(handle, this.#size))) {
        // A crash cut the last line: the next one must not become a part of it.
        await handle.write('\n');
        this.#size++;
      }
      if (fsync) await syncDirectory(dirname(path));
      return handle;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async #hasMoved(): Promise<boolean> {
    if (Date.now() - this.#lookedAt < lookEveryMs) return false;
    this.#lookedAt = Date.now();
    const [there, own] = await Promise.all([stat(this.#options.path).catch(() => undefined), this.#handle?.stat()]);
    return there?.ino !== own?.ino || there?.dev !== own?.dev;
  }

  /** Every file takes the next number, up to the first that is free. */
  async #rotate(): Promise<void> {
    const { path, keep } = this.#options;
    let free = 1;
    while (free < keep && (await exists(`${path}.${free}`))) free++;
    await this.close();
    for (let number = free; number > 1; number--) await rename(`${path}.${number - 1}`, `${path}.${number}`);
    await rename(path, `${path}.1`);
  }
}

/** Takes back what was written of lines, if that is possible: otherwise it would be there twice. */
function cut(fd: number, size: number): void {
  try {
    ftruncateSync(fd, size);
  } catch {
    // The file cannot be changed at all, then.
  }
}

async function endsLine(handle: FileHandle, size: number): Promise<boolean> {
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] === newline;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** A new file is safe as soon as its directory is. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
