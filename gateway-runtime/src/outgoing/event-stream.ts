import { ChunkCollector, Chunks, withoutMark } from '../contracts/chunks.js';
import { maxMessageSize, tooLarge } from './message-size.js';

/** One event of a server-sent event stream. */
export interface ServerSentEvent {
  readonly event: string;
  readonly data: Chunks;
  readonly id?: string;
  /** Milliseconds to wait before connecting again, when the server said so. */
  readonly retry?: number;
}

/** Bytes that a line takes beside its own: a stream of many short ones must not take more memory than one long one. */
const lineOverhead = 128;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * Reads server-sent events as their bytes come.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export class EventParser {
  readonly #onEvent: (event: ServerSentEvent) => void;
  /** What came of a line that is not complete. */
  readonly #line = new ChunkCollector();
  #length = 0;
  #isFirstLine = true;
  #afterReturn = false;
  #fields = emptyFields();

  constructor(onEvent: (event: ServerSentEvent) => void) {
    this.#onEvent = onEvent;
  }

  /** Takes in the next bytes. @throws {UpstreamError} when an event is too large @throws whatever `onEvent` does */
  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    // A carriage return at the end of the chunk before has ended the line already.
    let start = this.#afterReturn && chunk[0] === lineFeed ? 1 : 0;
    this.#afterReturn = chunk.at(-1) === carriageReturn;
    const hasReturns = chunk.includes(carriageReturn);
    for (let end = endOfLine(chunk, start, hasReturns); end >= 0; end = endOfLine(chunk, start, hasReturns)) {
      if (end > start) this.#line.add(chunk.subarray(start, end));
      this.#endLine();
      start = end + (chunk[end] === carriageReturn && chunk[end + 1] === lineFeed ? 2 : 1);
    }
    if (start >= chunk.length) return;
    this.#line.add(chunk.subarray(start));
    this.#length += chunk.length - start;
    this.#checkSize();
  }

  #checkSize(): void {
    if (this.#length + this.#fields.size > maxMessageSize) throw tooLarge();
  }

  #endLine(): void {
    let line = this.#line.take();
    this.#length = 0;
    if (this.#isFirstLine) line = withoutMark(line);
    this.#isFirstLine = false;
    if (line.length > 0) {
      addField(this.#fields, line);
      this.#checkSize();
      return;
    }
    const fields = this.#fields;
    this.#fields = emptyFields();
    if (fields.data.length > 0 || fields.retry !== undefined) this.#onEvent(toEvent(fields));
  }
}

function endOfLine(chunk: Buffer, start: number, hasReturns: boolean): number {
  const end = chunk.indexOf(lineFeed, start);
  if (!hasReturns) return end;
  const returned = chunk.indexOf(carriageReturn, start);
  return returned >= 0 && (end < 0 || returned < end) ? returned : end;
}

interface Fields {
  data: Chunks[];
  /** Bytes that the data takes so far. */
  size: number;
  event?: string;
  id?: string;
  retry?: number;
}

function emptyFields(): Fields {
  return { data: [], size: 0 };
}

const between = Buffer.from('\n');

function toEvent({ data, event, id, retry }: Fields): ServerSentEvent {
  const parts = data.flatMap(({ parts }, index) => (index === 0 ? parts : [between, ...parts]));
  return { event: event ?? 'message', data: new Chunks(parts), id, retry };
}

const colon = 0x3a;
const space = 0x20;

function addField(fields: Fields, line: Chunks): void {
  const place = line.indexOf(colon);
  const end = place < 0 ? line.length : place;
  const name = line.toString(0, end);
  // One space before a value is none of it.
  const value = line.slice(end + (line.at(end + 1) === space ? 2 : 1));
  if (name === 'data') {
    fields.data.push(value);
    fields.size += line.length + lineOverhead;
  } else if (name === 'event') fields.event = value.toString();
  else if (name === 'id') fields.id = value.toString();
  else if (name === 'retry' && /^\d+$/.test(value.toString())) fields.retry = Number(value.toString());
}
