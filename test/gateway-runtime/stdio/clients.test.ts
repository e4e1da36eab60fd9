import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client as ClientV2 } from '@modelcontextprotocol/client';
import { StdioClientTransport as StdioClientTransportV2 } from '@modelcontextprotocol/client/stdio';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
  LoggingMessageNotificationSchema,
  ResourceUpdatedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { createFixture } from '../../conformance/server/endpoint';
import { makeDirectory, type TestDirectory } from '../../helpers/gateway-directory.js';
import { textOf, until } from '../../helpers/gateway-instance.js';
import { closeAtEnd } from '../../helpers/gateway-servers.js';
import { describePython, pythonOf } from '../../helpers/python.js';

const main = join(__dirname, '../../../gateway-runtime/dist/main.js');
const notes = { command: process.execPath, args: [join(__dirname, '../fixtures/notes-server.mjs')] };
const info = { name: 'test', version: '1.0.0' };
const capabilities = { elicitation: {}, sampling: {}, roots: {} };
const sample = { role: 'assistant' as const, content: { type: 'text' as const, text: 'Paris' }, model: 'm' };
const form = { action: 'accept' as const, content: { name: 'Ada', response: 'yes', value: 'v' } };

let directory: TestDirectory;
let server: { command: string; args: string[]; stderr: 'ignore' };
beforeAll(async () => {
  const fixture = createFixture();
  await new Promise<void>((resolve) => fixture.listen(0, '127.0.0.1', resolve));
  closeAtEnd(async () => {
    fixture.close();
    fixture.closeAllConnections();
  });
  const { port } = fixture.address() as { port: number };
  directory = makeDirectory();
  const config = directory.write('gateway.json', {
    backends: [
      { name: 'f', url: `http://127.0.0.1:${port}/mcp`, namespace_tools: false },
      { name: 'n', ...notes },
    ],
  });
  server = { command: process.execPath, args: [main, '--stdio', '--config', config], stderr: 'ignore' };
});
afterAll(() => directory.remove());

/** Connects a client; what a failed test leaves open ends with the file, and with it the gateway that it started. */
async function connect<T extends { connect(transport: never): Promise<void>; close(): Promise<void> }>(
  client: T,
  transport: object,
): Promise<() => Promise<void>> {
  const close = closeAtEnd(() => client.close());
  await client.connect(transport as never);
  return close;
}

test('a client of SDK v1 has everything, questions of servers included', async () => {
  const client = new Client(info, { capabilities });
  client.setRequestHandler(CreateMessageRequestSchema, () => sample);
  client.setRequestHandler(ElicitRequestSchema, () => form);
  client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: [{ uri: 'file:///here', name: 'here' }] }));
  const logged: unknown[] = [];
  client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => void logged.push(params.data));
  const close = await connect(client, new StdioClientTransport(server));
  expect(client.getServerVersion()?.name).toBe('oci-mcp-gateway');
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(['test_simple_text', 'n_write']));
  expect(textOf(await client.callTool({ name: 'test_sampling', arguments: { prompt: 'capital?' } }))).toContain(
    'Paris',
  );
  expect(textOf(await client.callTool({ name: 'test_elicitation', arguments: { message: 'who?' } }))).toContain('Ada');
  await client.setLoggingLevel('info');
  await client.callTool({ name: 'test_tool_with_logging' });
  expect(logged).toEqual(['Tool execution started', 'Tool processing data', 'Tool execution completed']);
  const progress: number[] = [];
  const call = client.callTool({ name: 'test_tool_with_progress' }, undefined, {
    onprogress: (told) => progress.push(told.progress),
  });
  expect(textOf(await call)).toContain('Progress went to');
  expect(progress).toEqual([0, 50, 100]);
  expect((await client.readResource({ uri: 'test://static-text' })).contents).toHaveLength(1);
  expect((await client.getPrompt({ name: 'test_simple_prompt' })).messages).toHaveLength(1);
  await close();
});

test('a client of SDK v1 hears of resources it subscribed to', async () => {
  const client = new Client(info);
  const heard: unknown[] = [];
  client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => void heard.push(params.uri));
  const close = await connect(client, new StdioClientTransport(server));
  await client.subscribeResource({ uri: 'note://only' });
  await client.callTool({ name: 'n_write' });
  await until(() => heard.length > 0, 'the update');
  expect(heard).toEqual(['note://only']);
  await close();
});

test.each([
  ['auto' as const, '2026-07-28'],
  ['legacy' as const, '2025-11-25'],
  [{ pin: '2026-07-28' }, '2026-07-28'],
])('a client of SDK v2 that negotiates by %j speaks %s', async (mode, version) => {
  const client = new ClientV2(info, { capabilities, versionNegotiation: { mode } });
  client.setRequestHandler('elicitation/create', () => form);
  client.setRequestHandler('sampling/createMessage', () => sample);
  client.setRequestHandler('roots/list', () => ({ roots: [{ uri: 'file:///here', name: 'here' }] }));
  const close = await connect(client, new StdioClientTransportV2(server));
  expect(client.getNegotiatedProtocolVersion()).toBe(version);
  expect(textOf(await client.callTool({ name: 'test_simple_text' }))).toContain('simple text response');
  const asking = version === '2026-07-28' ? 'test_input_required_result_multiple_inputs' : 'test_elicitation';
  expect(textOf(await client.callTool({ name: asking, arguments: { message: 'who?' } }))).toContain('Ada');
  const progress: number[] = [];
  await client.callTool({ name: 'test_tool_with_progress' }, { onprogress: (told) => progress.push(told.progress) });
  expect(progress).toEqual([0, 50, 100]);
  await close();
});

test('a client of SDK v2 listens, in several subscriptions at once', async () => {
  const client = new ClientV2(info, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
  const heard: unknown[] = [];
  client.setNotificationHandler('notifications/resources/updated', ({ params }) => void heard.push(params.uri));
  const close = await connect(client, new StdioClientTransportV2(server));
  await client.callTool({ name: 'n_write' });
  const notes = await client.listen({ resourceSubscriptions: ['note://only'] });
  const tools = await client.listen({ toolsListChanged: true });
  expect(notes.honoredFilter).toEqual({ resourceSubscriptions: ['note://only'] });
  await client.callTool({ name: 'n_write' });
  await until(() => heard.length > 0, 'the update');
  await notes.close();
  await client.callTool({ name: 'n_write' });
  expect(heard).toEqual(['note://only']);
  await tools.close();
  await close();
});

const python = `
import asyncio, json, sys
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
async def run():
    parameters = StdioServerParameters(command=sys.argv[1], args=sys.argv[2:])
    async with stdio_client(parameters) as (reading, writing), ClientSession(reading, writing) as session:
        await session.initialize()
        result = await session.call_tool('test_simple_text', {})
        names = [tool.name for tool in (await session.list_tools()).tools]
        print(json.dumps(['n_write' in names, result.content[0].text]))
asyncio.run(run())
`;

describePython('Python', () => {
  test.each(['mcp-1', 'mcp-2'] as const)('a client of the SDK in environment %s calls a tool', async (environment) => {
    const args = ['-c', python, server.command, ...server.args];
    const { stdout } = await promisify(execFile)(pythonOf(environment), args, { timeout: 20_000 });
    expect(JSON.parse(stdout)).toEqual([true, 'This is a simple text response for testing.']);
  });
});
