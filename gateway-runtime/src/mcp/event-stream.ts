import { maxMessageSize, tooLarge } from './message-size.js';

/** One event of a server-sent event stream. */
export interface ServerSentEvent {
  readonly event: string;
  readonly data: string;
  readonly id?: string;
  /** Milliseconds to wait before connecting again, when the server said so. */
  readonly retry?: number;
}

/**
 * Reads server-sent events as their bytes come.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export class EventParser {
  readonly #onEvent: (event: ServerSentEvent) => void;
  readonly #decoder = new TextDecoder();
  /** What came of a line that is not complete; joined only then, so that long lines cost no more than their length. */
  #parts: string[] = [];
  #length = 0;
  #afterReturn = false;
  #fields = emptyFields();

  constructor(onEvent: (event: ServerSentEvent) => void) {
    this.#onEvent = onEvent;
  }

  /** Takes in the next bytes. @throws {UpstreamError} when an event is too large @throws whatever `onEvent` does */
  push(chunk: Uint8Array): void {
    let text = this.#decoder.decode(chunk, { stream: true });
    if (text === '') return;
    // A carriage return at the end of the chunk before has ended the line already.
    if (this.#afterReturn && text.startsWith('\n')) text = text.slice(1);
    this.#afterReturn = text.endsWith('\r');
    const lines = text.split(text.includes('\r') ? /\r\n|\r|\n/ : '\n');
    const rest = lines.pop() as string;
    for (const end of lines) this.#endLine(end);
    this.#parts.push(rest);
    this.#length += rest.length;
    if (this.#length + this.#fields.size > maxMessageSize) throw tooLarge();
  }

  #endLine(end: string): void {
    const line = this.#parts.length === 0 ? end : this.#parts.join('') + end;
    this.#parts = [];
    this.#length = 0;
    if (line !== '') {
      addField(this.#fields, line);
      return;
    }
    const fields = this.#fields;
    this.#fields = emptyFields();
    if (fields.data.length > 0 || fields.retry !== undefined) this.#onEvent(toEvent(fields));
  }
}

interface Fields {
  data: string[];
  /** Length of the data so far. */
  size: number;
  event?: string;
  id?: string;
  retry?: number;
}

function emptyFields(): Fields {
  return { data: [], size: 0 };
}

function toEvent({ data, event, id, retry }: Fields): ServerSentEvent {
  return { event: event ?? 'message', data: data.join('\n'), id, retry };
}

function addField(fields: Fields, line: string): void {
  const colon = line.indexOf(':');
  const name = colon === -1 ? line : line.slice(0, colon);
  const value = colon === -1 ? '' : line.slice(colon + (line[colon + 1] === ' ' ? 2 : 1));
  if (name === 'data') {
    fields.data.push(value);
    fields.size += line.length + 1;
  } else if (name === 'event') fields.event = value;
  else if (name === 'id') fields.id = value;
  else if (name === 'retry' && /^\d+$/.test(value)) fields.retry = Number(value);
}
