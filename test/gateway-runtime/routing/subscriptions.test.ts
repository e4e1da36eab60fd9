import { randomUUID } from 'node:crypto';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { SubscribeRequestSchema, UnsubscribeRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { connectAnswering } from '../../helpers/gateway-asking.js';
import { startGateway, type TestGateway, until } from '../../helpers/gateway-instance.js';
import { type Listening, listen } from '../../helpers/gateway-servers.js';

interface Session {
  readonly server: McpServer;
  readonly transport: StreamableHTTPServerTransport;
  readonly subscribed: Set<string>;
}

/** A server each of whose sessions tells only its own client that a resource changed, as a child process does. */
async function startNoteServer(): Promise<Listening & { readonly sessions: Map<string, Session> }> {
  const sessions = new Map<string, Session>();
  const listening = await listen(async (request, response) => {
    const id = request.headers['mcp-session-id'];
    const known = sessions.get(String(id));
    if (known) return known.transport.handleRequest(request, response);
    if (id !== undefined) return void response.writeHead(404).end();
    const server = new McpServer(
      { name: 'notes', version: '1.0.0' },
      { capabilities: { resources: { subscribe: true } } },
    );
    const subscribed = new Set<string>();
    server.registerResource('note', 'note://own', {}, (uri) => ({ contents: [{ uri: uri.href, text: 'x' }] }));
    server.registerTool('change', {}, async () => {
      if (subscribed.has('note://own')) await server.server.sendResourceUpdated({ uri: 'note://own' });
      return { content: [] };
    });
    server.server.setRequestHandler(SubscribeRequestSchema, ({ params }) => {
      subscribed.add(params.uri);
      return {};
    });
    server.server.setRequestHandler(UnsubscribeRequestSchema, ({ params }) => {
      subscribed.delete(params.uri);
      return {};
    });
    const transport: StreamableHTTPServerTransport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (session) => void sessions.set(session, { server, transport, subscribed }),
      onsessionclosed: (session) => void sessions.delete(session),
    });
    await server.connect(transport as never);
    await transport.handleRequest(request, response);
  });
  return { ...listening, url: `${listening.url}/mcp`, sessions };
}

describe('a client with a session of its own at a backend', () => {
  let server: Awaited<ReturnType<typeof startNoteServer>>;
  let gateway: TestGateway;

  beforeAll(async () => {
    server = await startNoteServer();
    gateway = await startGateway({ backends: [{ name: 'n', url: server.url, namespace_tools: false }] });
    await gateway.waitFor('n', 'connected');
  });

  afterAll(async () => {
    await gateway?.close();
    await server?.close();
  });

  const subscribed = () => [...server.sessions.values()].filter((session) => session.subscribed.size > 0);

  async function connect(name: string) {
    const client = await connectAnswering(gateway.url, name);
    const heard: string[] = [];
    client.fallbackNotificationHandler = async ({ method, params }) => {
      if (method === 'notifications/resources/updated') heard.push(String(params?.uri));
    };
    return Object.assign(client, { heard });
  }

  test('hears of what its own calls change, and of nothing else', async () => {
    const [ada, bob] = [await connect('ada'), await connect('bob')];
    await ada.subscribeResource({ uri: 'note://own' });
    expect(subscribed()).toHaveLength(1);
    await bob.callTool({ name: 'change' });
    await ada.callTool({ name: 'change' });
    await until(() => ada.heard.length > 0, 'the notification');
    expect([ada.heard, bob.heard]).toEqual([['note://own'], []]);
    await ada.unsubscribeResource({ uri: 'note://own' });
    expect(subscribed()).toHaveLength(0);
    await Promise.all([ada.close(), bob.close()]);
  });

  test('goes on hearing when the backend lost its session', async () => {
    const client = await connect('ada');
    await client.subscribeResource({ uri: 'note://own' });
    for (const [id, session] of [...server.sessions]) {
      await session.transport.close();
      server.sessions.delete(id);
    }
    await until(() => subscribed().length === 1, 'the subscription in a new session');
    // A server tells nobody while nobody listens, and the gateway is about to listen again.
    await until(async () => {
      await client.callTool({ name: 'change' });
      return client.heard.length > 0;
    }, 'the notification');
    await (client.transport as unknown as { terminateSession(): Promise<void> }).terminateSession();
    await client.close();
  });

  test('leaves nothing behind when it goes', async () => {
    const client = await connect('ada');
    await client.subscribeResource({ uri: 'note://own' });
    expect(subscribed()).toHaveLength(1);
    await (client.transport as unknown as { terminateSession(): Promise<void> }).terminateSession();
    await until(() => subscribed().length === 0, 'the end of the subscription');
    await client.close();
  });
});
