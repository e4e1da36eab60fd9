import { startGateway } from '../../helpers/gateway-instance.js';
import { discovered, startModernScripted } from '../../helpers/gateway-modern-scripted.js';

const version = '2026-07-28';

async function start(answers: Record<string, object>) {
  const server = await startModernScripted(answers);
  const gateway = await startGateway({ backends: [{ name: 'b', url: server.url, namespace_tools: false }] });
  await gateway.waitFor('b', 'connected');
  const ask = async (method: string, headers: Record<string, string> = {}) => {
    const _meta = {
      'io.modelcontextprotocol/protocolVersion': version,
      'io.modelcontextprotocol/clientCapabilities': {},
    };
    const message = { jsonrpc: '2.0', id: 1, method, params: { _meta } };
    const response = await gateway.post(message, { 'mcp-protocol-version': version, 'mcp-method': method, ...headers });
    return ((await response.json()) as { result: Record<string, unknown> }).result;
  };
  return { ask, gateway };
}

test('extensions that the gateway can pass on are told, and no others', async () => {
  const extensions = { 'io.modelcontextprotocol/ui': { mimeTypes: ['text/html'] }, 'com.example/own': {} };
  const { ask } = await start({
    'server/discover': discovered({ tools: {}, extensions }),
    'tools/list': { tools: [] },
  });
  expect((await ask('server/discover')).capabilities).toMatchObject({
    extensions: { 'io.modelcontextprotocol/ui': { mimeTypes: ['text/html'] } },
  });
  expect(JSON.stringify(await ask('server/discover'))).not.toContain('com.example');
});

test('a list is the same on every connection, whatever was asked on it before', async () => {
  const tools = [{ name: 'one', inputSchema: { type: 'object' } }];
  const { ask, gateway } = await start({ 'server/discover': discovered({ tools: {} }), 'tools/list': { tools } });
  const first = await ask('tools/list');
  expect(first).toMatchObject({ tools });
  const session = await gateway.connect();
  await session.listTools();
  expect(await ask('tools/list', { connection: 'close' })).toEqual(first);
  await ask('prompts/list');
  expect(await ask('tools/list')).toEqual(first);
});
