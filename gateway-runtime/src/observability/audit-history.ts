import { type FileHandle, open } from 'node:fs/promises';
import type { AuditFilter, AuditRecord, FoundRecords, AuditHistory as History } from '../contracts/audit.js';
import { isObject } from '../contracts/json-rpc.js';
import { matchesFilter } from './audit-filter.js';

/** Bytes that are read at once. */
const chunkBytes = 64 * 1024;

/** Bytes that are read to answer one question: some 80,000 records. */
const mostBytes = 32 * 1024 * 1024;

const newline = 0x0a;

/** Where records are. */
interface HistoryFile {
  readonly path: string;
  readonly keep: number;
}

/** Looks for records in files, one per worker, and in those that they became. */
export class AuditHistory implements History {
  readonly #files: readonly FileHistory[];

  constructor(files: readonly HistoryFile[]) {
    this.#files = files.map((file) => new FileHistory(file));
  }

  async find(filter: AuditFilter, limit: number): Promise<FoundRecords> {
    const found = await Promise.all(this.#files.map((file) => file.find(filter, limit)));
    const records = found.flatMap((each) => each.records).sort((one, other) => (one.time < other.time ? 1 : -1));
    return { records: records.slice(0, limit), isPartial: found.some(({ isPartial }) => isPartial) };
  }
}

/** Looks for records in a file and in those that it became, from their ends. */
class FileHistory implements History {
  readonly #path: string;
  readonly #keep: number;

  constructor({ path, keep }: HistoryFile) {
    this.#path = path;
    this.#keep = keep;
  }

  async find(filter: AuditFilter, limit: number): Promise<FoundRecords> {
    const records: AuditRecord[] = [];
    let read = 0;
    for await (const { lines, bytes } of this.#chunks()) {
      for (const record of lines.flatMap(recordIn)) {
        if (filter.since !== undefined && record.time < filter.since) return { records, isPartial: false };
        if (matchesFilter(filter, record)) records.push(record);
        if (records.length === limit) return { records, isPartial: false };
      }
      read += bytes;
      if (read >= mostBytes) return { records, isPartial: true };
    }
    return { records, isPartial: false };
  }

  async *#chunks(): AsyncGenerator<Chunk> {
    // A file that takes the next number meanwhile would be read twice.
    const seen = new Set<number>();
    for (let number = 0; number <= this.#keep; number++) {
      const file = await open(number === 0 ? this.#path : `${this.#path}.${number}`).catch(() => undefined);
      if (!file) continue;
      try {
        const { ino, size } = await file.stat();
        if (!seen.has(ino)) yield* chunksOf(file, size);
        seen.add(ino);
      } finally {
        await file.close();
      }
    }
  }
}

interface Chunk {
  /** The last one first. */
  readonly lines: readonly string[];
  readonly bytes: number;
}

/** The lines of a file, from its end. */
async function* chunksOf(file: FileHandle, size: number): AsyncGenerator<Chunk> {
  let rest = Buffer.alloc(0);
  for (let end = size; end > 0; ) {
    const length = Math.min(chunkBytes, end);
    end -= length;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, end);
    const bytes = Buffer.concat([buffer.subarray(0, bytesRead), rest]);
    // Where the first line of a chunk begins is in the one before it.
    const first = end === 0 ? 0 : bytes.indexOf(newline) + 1;
    const isCut = end > 0 && first === 0;
    // No record is that long.
    rest = isCut && bytes.length > chunkBytes ? Buffer.alloc(0) : bytes.subarray(0, isCut ? undefined : first);
    yield { lines: isCut ? [] : bytes.toString('utf8', first).split('\n').reverse(), bytes: bytesRead };
  }
}

/** The record in a line, unless a crash or somebody else made it. */
function recordIn(line: string): AuditRecord[] {
  try {
    const record: unknown = JSON.parse(line);
    return isObject(record) && typeof record.time === 'string' ? [record as unknown as AuditRecord] : [];
  } catch {
    return [];
  }
}
