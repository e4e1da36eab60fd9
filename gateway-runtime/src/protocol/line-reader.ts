import type { Readable } from 'node:stream';

/** What happens while lines are read. */
export interface LineEvents {
  /** A line without its end; never an empty one. */
  onLine(line: Buffer): void;
  /** A line is longer than allowed. Whatever more there is of it is passed over, and the next one is read. */
  onTooLong(): void;
  /** There will be no more lines. @default - nobody wants to know */
  onEnd?(): void;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** Calls back for every line. Only a line feed ends one: JSON may hold the other line separators of Unicode. */
export class LineReader {
  readonly #stream: Readable;
  readonly #longest: number;
  readonly #events: LineEvents;
  /** What came of a line that is not complete; joined only then, so that long lines cost no more than their length. */
  #parts: Buffer[] = [];
  #length = 0;

  /** @param longest Bytes of a line at most. */
  constructor(stream: Readable, longest: number, events: LineEvents) {
    this.#stream = stream;
    this.#longest = longest;
    this.#events = events;
  }

  start(): void {
    this.#stream.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#stream.once('end', () => {
      this.#endLine();
      this.#events.onEnd?.();
    });
    // A pipe that breaks has no more lines either.
    this.#stream.once('error', () => this.#events.onEnd?.());
  }

  /** Reads nothing until `resume()`. */
  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  #take(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      this.#add(chunk.subarray(start, end));
      this.#endLine();
      start = end + 1;
    }
    this.#add(chunk.subarray(start));
  }

  #add(part: Buffer): void {
    const wasTooLong = this.#length > this.#longest;
    this.#length += part.length;
    if (this.#length <= this.#longest) {
      if (part.length > 0) this.#parts.push(part);
      return;
    }
    this.#parts = [];
    if (!wasTooLong) this.#events.onTooLong();
  }

  #endLine(): void {
    const isTooLong = this.#length > this.#longest;
    const line = this.#parts.length === 1 ? (this.#parts[0] as Buffer) : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#length = 0;
    const content = line.at(-1) === carriageReturn ? line.subarray(0, -1) : line;
    if (!isTooLong && content.length > 0) this.#events.onLine(content);
  }
}
