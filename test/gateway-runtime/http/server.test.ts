import { once } from 'node:events';
import type { IncomingMessage, RequestListener } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { createHttpServer } from '../../../gateway-runtime/src/http/server.js';
import { closeAtEnd } from '../../helpers/gateway-servers.js';

async function start(listener: RequestListener): Promise<number> {
  const limits = { headersTimeout: 200, requestTimeout: 400, connectionsCheckingInterval: 50 };
  const server = createHttpServer(listener, limits).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closeAtEnd(async () => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

/** Sends the first part of a request, and then a byte now and then. @returns everything that came until the end */
async function drip(port: number, first: string): Promise<string> {
  const socket: Socket = connect(port, '127.0.0.1');
  let received = '';
  socket.on('data', (data) => {
    received += data;
  });
  socket.on('error', () => {});
  socket.write(first);
  const dripping = setInterval(() => socket.write('x'), 30);
  await once(socket, 'close');
  clearInterval(dripping);
  return received;
}

const readAll = async (request: IncomingMessage) => {
  for await (const _ of request);
};

test.each([
  ['headers', 'POST / HTTP/1.1\r\nhost: x\r\nx-long: '],
  ['a body', 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n'],
])('a client that takes its time for %s is disconnected', async (_, first) => {
  let failed: unknown;
  const port = await start((request, response) => {
    readAll(request).then(
      () => response.end(),
      (error) => {
        failed = error.code;
      },
    );
  });
  const began = Date.now();
  expect(await drip(port, first)).toMatch(/^HTTP\/1\.1 408 /);
  expect(Date.now() - began).toBeLessThan(2000);
  // Whoever reads the body learns of it.
  if (first.includes('content-length')) expect(failed).toBe('ECONNRESET');
});

test('an answer may take longer than a request', async () => {
  const port = await start((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
    setTimeout(() => response.end('data: 2\n\n'), 1000);
  });
  const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: '{}' });
  expect(await answer.text()).toBe('data: 1\n\ndata: 2\n\n');
});
