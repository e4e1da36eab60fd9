import type { ServerResponse } from 'node:http';
import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client';
import {
  ResourceListChangedNotificationSchema,
  ResourceUpdatedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { startGateway, type TestGateway, until } from '../../helpers/gateway-instance.js';
import { startModernServer } from '../../helpers/gateway-modern-servers.js';
import { startOffering } from '../../helpers/gateway-offering.js';
import { startScriptedServer } from '../../helpers/gateway-scripted.js';

/** A backend that can say that its resources changed, and that one of them did. */
interface Changing {
  readonly url: string;
  readonly uri: string;
  changeList(): unknown;
  change(): unknown;
  close(): Promise<void>;
}

async function startLegacy(): Promise<Changing> {
  const server = await startOffering('old', { resources: ['note://old'] });
  const { close, url } = server;
  const changeList = () => server.offer({ resources: ['note://old', `note://${Math.random()}`] });
  return { url, uri: 'note://old', changeList, change: () => server.update('note://old'), close };
}

async function startModern(): Promise<Changing> {
  const { close, notify, url } = await startModernServer('new');
  const uri = 'note://new';
  return { url, uri, changeList: () => notify.resourcesChanged(), change: () => notify.resourceUpdated(uri), close };
}

describe.each([
  ['legacy', startLegacy],
  ['modern', startModern],
])('news of a %s backend', (_, start) => {
  let backend: Changing;
  let gateway: TestGateway;

  beforeAll(async () => {
    backend = await start();
    gateway = await startGateway({ backends: [{ name: 'b', url: backend.url }] });
    await gateway.waitFor('b', 'connected');
  });

  afterAll(async () => {
    await gateway?.close();
    await backend?.close();
  });

  async function connectModern() {
    const versionNegotiation = { mode: { pin: '2026-07-28' as const } };
    const client = new ModernClient({ name: 'c', version: '1.0.0' }, { versionNegotiation });
    const heard: string[] = [];
    client.setNotificationHandler('notifications/resources/list_changed', () => void heard.push('list'));
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => void heard.push(params.uri));
    await client.connect(new ModernTransport(new URL(gateway.url)));
    return Object.assign(client, { heard });
  }

  test('reach a legacy client', async () => {
    const client = await gateway.connect();
    const heard: string[] = [];
    client.setNotificationHandler(ResourceListChangedNotificationSchema, () => void heard.push('list'));
    client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => void heard.push(params.uri));
    await client.subscribeResource({ uri: backend.uri });
    await until(async () => {
      await backend.changeList();
      await backend.change();
      return heard.includes('list') && heard.includes(backend.uri);
    }, 'both kinds of news');
    await client.unsubscribeResource({ uri: backend.uri });
  });

  test('reach a modern client that asked for them, and no other', async () => {
    const [client, other] = [await connectModern(), await connectModern()];
    const asked = { resourcesListChanged: true, resourceSubscriptions: [backend.uri] };
    const listening = await client.listen(asked);
    expect(listening.honoredFilter).toEqual(asked);
    const tools = await other.listen({ toolsListChanged: true });
    await until(async () => {
      await backend.changeList();
      await backend.change();
      return client.heard.includes('list') && client.heard.includes(backend.uri);
    }, 'both kinds of news');
    expect(other.heard).toEqual([]);
    await listening.close();
    await tools.close();
    await client.close();
    await other.close();
  });
});

test('a modern client is not told that a legacy backend takes back what it asked', async () => {
  const messages = [
    { method: 'notifications/message', params: { level: 'info', data: 'at work' } },
    { method: 'notifications/cancelled', params: { requestId: 7 } },
  ];
  const server = await startScriptedServer({
    'tools/call': (response: ServerResponse, id: number) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const message of [...messages, { id, result: { content: [] } }]) {
        response.write(`data: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`);
      }
      response.end();
    },
  });
  const gateway = await startGateway({ backends: [{ name: 's', url: server.url, namespace_tools: false }] });
  await gateway.waitFor('s', 'connected');
  const version = '2026-07-28';
  const headers = { 'mcp-protocol-version': version, 'mcp-method': 'tools/call', 'mcp-name': 'call' };
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': version,
    'io.modelcontextprotocol/clientCapabilities': {},
    'io.modelcontextprotocol/logLevel': 'info',
  };
  const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'call', arguments: {}, _meta } };
  const said = await (await gateway.post(call, headers)).text();
  expect(said).toContain('at work');
  expect(said).not.toContain('cancelled');
});
