import { EventParser, type ServerSentEvent } from '../../../gateway-runtime/src/outgoing/event-stream.js';

interface Read extends Omit<ServerSentEvent, 'data'> {
  readonly data: string;
}

function read(chunks: (string | Buffer)[]): Read[] {
  const events: Read[] = [];
  const parser = new EventParser((event) => events.push({ ...event, data: event.data.toString() }));
  for (const chunk of chunks) parser.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
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
])('lines may end with %j (%s), wherever the stream is cut', (ending) => {
  const stream = text.replaceAll('\n', ending);
  expect(read([stream])).toEqual(expected);
  expect(read([...stream])).toEqual(expected);
});

test('a character that is cut in two is whole again', () => {
  const bytes = Buffer.from('data: ä\u2028😀\n\n');
  expect(read([...bytes].map((byte) => Buffer.of(byte)))).toEqual([{ event: 'message', data: 'ä\u2028😀' }]);
});

test('a long event costs no more than its length', () => {
  const chunk = 'x'.repeat(1000);
  const started = performance.now();
  const [event] = read(['data: ', ...Array.from({ length: 20_000 }, () => chunk), '\n\n']);
  expect(event?.data).toHaveLength(20_000_000);
  expect(performance.now() - started).toBeLessThan(3000);
});

test.each(['x'.repeat(1024 * 1024), `data: ${'x'.repeat(1024 * 1024)}\n`, 'data\n'.repeat(1_000_000)])(
  'fails when an event never ends (%#)',
  (chunk) => {
    const parser = new EventParser(() => {});
    let sent = 0;
    const send = () => {
      for (; sent < 100; sent++) parser.push(Buffer.from(chunk));
    };
    expect(send).toThrow('sent a message of more than 32 MiB');
    expect(sent).toBeLessThan(40);
  },
);

test('a byte order mark before the first line is no part of it, wherever the stream is cut, and no other is one', () => {
  const bytes = Buffer.from('\ufeffdata: one\n\n\ufeffdata: two\n\n');
  for (let cut = 0; cut <= bytes.length; cut++) {
    expect(read([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual([{ event: 'message', data: 'one' }]);
  }
});
