import { readEvents, type ServerSentEvent } from '../../../gateway-runtime/src/mcp/event-stream.js';

async function read(chunks: (string | Uint8Array)[]): Promise<ServerSentEvent[]> {
  async function* body() {
    for (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
  }
  const events: ServerSentEvent[] = [];
  for await (const event of readEvents(body())) events.push(event);
  return events;
}

const text =
  ': a comment\n\nevent: endpoint\nid: 1\ndata: /messages\n\ndata: one\ndata:two\ndata:  three\n\nretry: 250\n\nid: 2\n\ndata\n\ndata: lost';

const expected = [
  { event: 'endpoint', data: '/messages', id: '1' },
  { event: 'message', data: 'one\ntwo\n three' },
  { event: 'message', data: '', retry: 250 },
  { event: 'message', data: '' },
];

test.each([
  ['\n', 'line feeds'],
  ['\r\n', 'carriage returns and line feeds'],
  ['\r', 'carriage returns'],
])('lines may end with %j (%s), wherever the stream is cut', async (ending) => {
  const stream = text.replaceAll('\n', ending);
  expect(await read([stream])).toEqual(expected);
  expect(await read([...stream])).toEqual(expected);
});

test('a character that is cut in two is whole again', async () => {
  const bytes = Buffer.from('data: ä\u2028😀\n\n');
  expect(await read([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual([{ event: 'message', data: 'ä\u2028😀' }]);
});
