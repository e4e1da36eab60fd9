import { startGateway, type TestGateway, textOf } from '../../helpers/gateway-instance.js';
import { type Answer, documentOf, type RestService, startRestService } from '../../helpers/rest-service.js';

const order = {
  type: 'object',
  required: ['id', 'state'],
  additionalProperties: false,
  properties: {
    id: { type: 'integer' },
    state: { type: 'string', enum: ['open'] },
    lines: { type: 'array', items: { type: 'object', properties: { amount: { type: 'number' } } } },
    customer: { oneOf: [{ type: 'string' }, { type: 'object', required: ['name'] }] },
  },
};

const document = documentOf({
  '/order': {
    get: {
      operationId: 'order',
      responses: { 200: { description: '', content: { 'application/json': { schema: order } } } },
    },
  },
  '/any': { get: { operationId: 'any', responses: { default: { description: '' } } } },
});

let answer: Answer;
let service: RestService;
let gateway: TestGateway;

beforeAll(async () => {
  service = await startRestService(document, (call, response) => answer(call, response));
  gateway = await startGateway({
    backends: [
      {
        name: 's',
        transport: 'openapi',
        url: service.url,
        document_url: `${service.url}/openapi.json`,
        namespace_tools: false,
      },
    ],
  });
  await gateway.waitFor('s', 'connected');
});

/** The result of a call that is answered so. The client checks it against the schema of the tool. */
async function resultOf(name: string, next: Answer) {
  answer = next;
  const client = await gateway.connect();
  await client.listTools();
  return client.callTool({ name });
}

/** Answers with this body of this type. */
const bytes =
  (type: string | undefined, body: string | Buffer, status = 200, headers: Record<string, string> = {}): Answer =>
  (_, response) =>
    void response.writeHead(status, { ...(type && { 'content-type': type }), ...headers }).end(body);

test('an answer that fits is structured', async () => {
  const value = { id: 1, state: 'open', lines: [{ amount: 2.5 }], customer: { name: 'Ada' } };
  expect(await resultOf('order', () => value)).toMatchObject({ structuredContent: value });
});

test('one that does not fit is no error: clients get what they can take, and models all of it', async () => {
  const value = { id: 'A-1', state: 'new', extra: true, lines: null, customer: 5 };
  const result = await resultOf('order', () => value);
  expect(result).not.toHaveProperty('isError');
  expect(result.structuredContent).toEqual({ state: 'new', extra: true, lines: null });
  expect(JSON.parse(textOf(result))).toEqual(value);
  for (const other of [
    () => [1, 2],
    bytes('application/json', ''),
    bytes('text/plain', 'done'),
    bytes('application/json', '{"a":'),
  ]) {
    expect(await resultOf('order', other)).toMatchObject({ structuredContent: {} });
  }
});

test('texts of every kind are texts', async () => {
  expect(textOf(await resultOf('any', bytes('application/xml; charset=iso-8859-1', Buffer.from([0xfc]))))).toBe('ü');
  expect(textOf(await resultOf('any', bytes(undefined, 'plain')))).toBe('plain');
  expect(await resultOf('any', bytes('application/problem+json', '{"a":1}'))).toMatchObject({
    structuredContent: { a: 1 },
  });
  expect(textOf(await resultOf('any', bytes('application/json', '12345678901234567890')))).toBe('12345678901234567890');
  expect(textOf(await resultOf('any', bytes('text/plain; charset=nonsense', 'ü')))).toBe('ü');
});

test('bytes are a resource, up to a size', async () => {
  const small = await resultOf('any', bytes('application/pdf', Buffer.from([0, 1])));
  expect(small.content).toEqual([
    { type: 'resource', resource: { uri: 'openapi:any', mimeType: 'application/pdf', blob: 'AAE=' } },
  ]);
  const large = await resultOf('any', bytes('application/pdf', Buffer.alloc(4 * 1024 * 1024 + 1)));
  expect(large).toMatchObject({ isError: true });
  expect(textOf(large)).toBe('the service answered with 4194305 bytes of application/pdf; 4194304 can be handed on');
  const sound = await resultOf('any', bytes('audio/wav', Buffer.from([1])));
  expect(sound.content).toEqual([{ type: 'audio', data: 'AQ==', mimeType: 'audio/wav' }]);
});

test('errors are told with their beginning', async () => {
  const limited = await resultOf('any', bytes('text/plain', 'later', 429, { 'retry-after': '7' }));
  expect(limited).toMatchObject({ isError: true });
  expect(textOf(limited)).toBe('HTTP 429 Too Many Requests; retry after 7\nlater');
  const long = textOf(await resultOf('order', bytes('text/html', 'x'.repeat(50_000), 500)));
  expect(long).toBe(`HTTP 500 Internal Server Error\n${'x'.repeat(8192)}…`);
  expect(textOf(await resultOf('any', bytes('image/png', Buffer.from([1]), 500)))).toBe(
    'HTTP 500 Internal Server Error',
  );
});

test('what a tool cannot hand on is refused', async () => {
  expect(textOf(await resultOf('any', bytes('text/event-stream', 'data: x\n\n')))).toContain('a stream of events');
  expect(textOf(await resultOf('any', bytes('text/plain', 'x', 200, { 'content-encoding': 'gzip' })))).toContain(
    'compressed',
  );
  const endless = await resultOf('any', (_, response) => {
    response.writeHead(200, { 'content-type': 'text/plain' });
    const part = Buffer.alloc(1024 * 1024, 'x');
    const write = (): void => {
      if (!response.destroyed) response.write(part, write);
    };
    write();
    return undefined;
  });
  expect(textOf(endless)).toBe('backend "s": sent a message of more than 32 MiB');
});
