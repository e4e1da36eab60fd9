/** One server-sent event, or what a comment says. */
export interface SseEvent {
  readonly id?: string;
  readonly event?: string;
  readonly retry?: string;
  readonly data?: string;
  readonly comment?: string;
}

/** Reads events one at a time. */
export interface SseReader {
  /** The next event or comment; `undefined` at the end of the stream. */
  next(): Promise<SseEvent | undefined>;
  /** The next JSON-RPC message; `undefined` at the end of the stream. */
  message(): Promise<Record<string, unknown> | undefined>;
  /** Every message until the end. */
  rest(): Promise<Record<string, unknown>[]>;
}

/** Reads the events of an answer as they come. */
export function readEvents(response: Response): SseReader {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let buffer = '';
  const next = async (): Promise<SseEvent | undefined> => {
    for (;;) {
      const end = buffer.indexOf('\n\n');
      if (end !== -1) {
        const block = buffer.slice(0, end);
        buffer = buffer.slice(end + 2);
        return parse(block);
      }
      const { done, value } = await reader.read();
      if (done) return undefined;
      buffer += decoder.decode(value, { stream: true });
    }
  };
  const message = async () => {
    for (let event = await next(); event; event = await next()) if (event.data) return JSON.parse(event.data);
    return undefined;
  };
  return {
    next,
    message,
    rest: async () => {
      const all: Record<string, unknown>[] = [];
      for (let one = await message(); one; one = await message()) all.push(one);
      return all;
    },
  };
}

function parse(block: string): SseEvent {
  const fields = block.split('\n').map((line) => {
    const [name = '', ...value] = line.split(':');
    return [name === '' ? 'comment' : name, value.join(':').replace(/^ /, '')];
  });
  return Object.fromEntries(fields);
}
