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
 */
export async function* readEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  let fields = emptyFields();
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    // A carriage return at the very end may be half of a line break.
    const complete = rest.endsWith('\r') ? rest.slice(0, -1) : rest;
    const lines = complete.split(/\r\n|\r|\n/);
    rest = (lines.pop() ?? '') + rest.slice(complete.length);
    for (const line of lines) {
      if (line !== '') addField(fields, line);
      else {
        if (fields.data.length > 0 || fields.retry !== undefined) yield toEvent(fields);
        fields = emptyFields();
      }
    }
  }
}

interface Fields {
  data: string[];
  event?: string;
  id?: string;
  retry?: number;
}

function emptyFields(): Fields {
  return { data: [] };
}

function toEvent({ data, event, id, retry }: Fields): ServerSentEvent {
  return { event: event ?? 'message', data: data.join('\n'), id, retry };
}

function addField(fields: Fields, line: string): void {
  const colon = line.indexOf(':');
  const name = colon === -1 ? line : line.slice(0, colon);
  const value = colon === -1 ? '' : line.slice(colon + (line[colon + 1] === ' ' ? 2 : 1));
  if (name === 'data') fields.data.push(value);
  else if (name === 'event') fields.event = value;
  else if (name === 'id') fields.id = value;
  else if (name === 'retry' && /^\d+$/.test(value)) fields.retry = Number(value);
}
