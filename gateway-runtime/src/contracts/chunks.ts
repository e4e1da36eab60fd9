/** Bytes of a text in UTF-8, in the parts in which they came: to join large ones would be to copy them. */
export class Chunks {
  readonly parts: readonly Buffer[];
  /** How many bytes they are together. */
  readonly length: number;

  constructor(parts: readonly Buffer[]) {
    this.parts = parts;
    let length = 0;
    for (const part of parts) length += part.length;
    this.length = length;
  }

  /** Some of the bytes, not copied. @param end Where they end. @default - at the end of all */
  slice(start: number, end: number = this.length): Chunks {
    const parts: Buffer[] = [];
    let offset = 0;
    for (const part of this.parts) {
      const from = Math.max(start - offset, 0);
      const to = Math.min(end - offset, part.length);
      if (from < to) parts.push(from === 0 && to === part.length ? part : part.subarray(from, to));
      offset += part.length;
    }
    return new Chunks(parts);
  }

  /** Where a byte is for the first time, -1 where it is not. */
  indexOf(byte: number): number {
    let offset = 0;
    for (const part of this.parts) {
      const at = part.indexOf(byte);
      if (at >= 0) return offset + at;
      offset += part.length;
    }
    return -1;
  }

  /** One of the bytes; `undefined` where there is none. */
  at(place: number): number | undefined {
    let offset = 0;
    for (const part of this.parts) {
      if (place < offset + part.length) return part[place - offset];
      offset += part.length;
    }
    return undefined;
  }

  /** All bytes in one piece, copied if they are in several. */
  join(): Buffer {
    const [first] = this.parts;
    return first !== undefined && this.parts.length === 1 ? first : Buffer.concat(this.parts, this.length);
  }

  /** The text, or some of it. @param start Byte with which it begins. @param end Byte before which it ends. */
  toString(start = 0, end: number = this.length): string {
    const [first] = this.parts;
    if (first !== undefined && end <= first.length) return first.toString('utf8', start, end);
    return this.slice(start, end).join().toString();
  }
}

const byteOrderMark = [0xef, 0xbb, 0xbf];

/** The same without a byte order mark, which is no part of a text. */
export function withoutMark(text: Chunks): Chunks {
  const isMarked = byteOrderMark.every((byte, place) => text.at(place) === byte);
  return isMarked ? text.slice(byteOrderMark.length) : text;
}

/** Parts after which is looked whether they are worth keeping apart. */
const looseParts = 256;

/** Bytes of a part from which on it is. */
const worthwhile = 1024;

/** Collects bytes as they come. Small parts are joined: each takes more memory than it holds. */
export class ChunkCollector {
  #parts: Buffer[] = [];
  /** Parts and their bytes since some were joined. */
  #loose = 0;
  #looseBytes = 0;

  add(part: Buffer): void {
    this.#parts.push(part);
    this.#loose++;
    this.#looseBytes += part.length;
    if (this.#loose === looseParts) this.#tidy();
  }

  /** All that came since the last time. */
  take(): Chunks {
    const chunks = new Chunks(this.#parts);
    this.#parts = [];
    this.#loose = 0;
    this.#looseBytes = 0;
    return chunks;
  }

  #tidy(): void {
    if (this.#looseBytes < looseParts * worthwhile) this.#parts.push(Buffer.concat(this.#parts.splice(-looseParts)));
    this.#loose = 0;
    this.#looseBytes = 0;
  }
}
