import { startGateway, textOf } from '../../helpers/gateway-instance.js';
import { listen, startSseServer } from '../../helpers/gateway-servers.js';

test('a backend that dies is named, and heals in the same session', async () => {
  const server = await startSseServer('s');
  const gateway = await startGateway({ backends: [{ name: 's', url: server.url, transport: 'sse' }] });
  await gateway.waitFor('s', 'connected');
  const client = await gateway.connect();
  const call = { name: 's_echo', arguments: { text: 'x' } };
  expect(textOf(await client.callTool(call))).toBe('s: x');
  const slow = client.callTool({ name: 's_slow', arguments: { ms: 20_000 } });
  await new Promise((resolve) => setTimeout(resolve, 50));
  await server.close();
  expect(await slow).toMatchObject({ isError: true, content: [{ text: expect.stringMatching(/^backend "s": /) }] });
  expect(textOf(await client.callTool(call))).toMatch(/^backend "s" is not connected: /);
  const restarted = await startSseServer('s', server.port);
  await gateway.waitFor('s', 'connected');
  expect(textOf(await client.callTool(call))).toBe('s: x');
  await gateway.close();
  await restarted.close();
});

test.each([
  ['names an endpoint on another host', 'event: endpoint\ndata: http://elsewhere.example/messages\n\n'],
  ['does not begin with its endpoint', 'data: {}\n\n'],
  ['ends', ''],
])('fails when the stream %s', async (_, stream) => {
  const posted: unknown[] = [];
  const server = await listen((request, response) => {
    if (request.method === 'POST') posted.push(request.url);
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(stream);
  });
  const gateway = await startGateway({ backends: [{ name: 's', url: `${server.url}/sse`, transport: 'sse' }] });
  await gateway.waitFor('s', 'down');
  const ready = await (await fetch(`${gateway.origin}/ready`)).json();
  expect(ready).toMatchObject({
    backends: [
      { reason: expect.stringMatching(/^(named a message endpoint on another host|opened a stream that does not)/) },
    ],
  });
  expect(posted).toEqual([]);
  await gateway.close();
  await server.close();
});

test('fails when no stream begins in time', async () => {
  const server = await listen((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
  });
  const gateway = await startGateway({
    backends: [{ name: 's', url: `${server.url}/sse`, transport: 'sse', connect_timeout: 0.1 }],
  });
  await gateway.waitFor('s', 'down');
  const ready = await (await fetch(`${gateway.origin}/ready`)).json();
  expect(ready).toMatchObject({ backends: [{ reason: 'no event stream within connect_timeout' }] });
  await gateway.close();
  await server.close();
});
