import { EventStream } from '../../../gateway-runtime/src/http/event-stream.js';
import { listen } from '../../helpers/gateway-servers.js';

test('a message that comes after the end of a stream that is still being sent goes nowhere', async () => {
  const errors: unknown[] = [];
  const server = await listen((_, response) => {
    response.on('error', (error) => errors.push(error));
    const stream = new EventStream(response, 1000);
    stream.send({ jsonrpc: '2.0', method: 'first', params: { text: 'x'.repeat(1_000_000) } });
    stream.end();
    stream.send({ jsonrpc: '2.0', method: 'second' });
  });
  const text = await (await fetch(server.url)).text();
  expect(text).toContain('"first"');
  expect(text).not.toContain('"second"');
  expect(errors).toEqual([]);
  await server.close();
});
