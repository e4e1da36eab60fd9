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
 * Reads server-sent events from a stream of bytes.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 *
 * @throws {UpstreamError} when an event is too large
 */
export async function* readEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder();
  /** What came of a line that is not complete; joined only then, so that long lines cost no more than their length. */
  let parts: string[] = [];
  let length = 0;
  let afterReturn = false;
  let fields = emptyFields();
  for await (const chunk of body) {
    let text = decoder.decode(chunk, { stream: true });
    if (text === '') continue;
    // A carriage return at the end of the chunk before has ended the line already.
    if (afterReturn && text.startsWith('\n')) text = text.slice(1);
    afterReturn = text.endsWith('\r');
    const lines = text.split(/\r\n|\r|\n/);
    const rest = lines.pop() as string;
    for (const end of lines) {
      const line = parts.join('') + end;
      parts = [];
      length = 0;
      if (line !== '') addField(fields, line);
      else {
        if (fields.data.length > 0 || fields.retry !== undefined) yield toEvent(fields);
        fields = emptyFields();
      }
    }
    parts.push(rest);
    length += rest.length;
    if (length + fields.size > maxMessageSize) throw tooLarge();
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
