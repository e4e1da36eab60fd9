import { randomUUID } from 'node:crypto';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import {
  StreamableHTTPClientTransport,
  type StreamableHTTPClientTransportOptions,
} from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import {
  type ClientCapabilities,
  CreateMessageRequestSchema,
  CreateMessageResultSchema,
  ElicitRequestSchema,
  ElicitResultSchema,
  ListRootsRequestSchema,
  UrlElicitationRequiredError,
} from '@modelcontextprotocol/sdk/types.js';
import { type Listening, listen } from './gateway-servers.js';

/** A backend that asks its clients. */
export interface AskingServer extends Listening {
  /** Open sessions by id. */
  readonly sessions: ReadonlyMap<string, McpServer>;
}

const schema = { type: 'object' as const, properties: { name: { type: 'string' as const } } };

/** A server whose tools answer with what its client answered. */
function createAskingServer(): McpServer {
  const server = new McpServer({ name: 'asking', version: '1.0.0' });
  const text = (value: unknown) => ({ content: [{ type: 'text' as const, text: JSON.stringify(value) }] });
  const elicitation = (message: string) => ({ message, requestedSchema: schema });
  server.registerTool('ask', {}, async ({ sendRequest }) =>
    text(await sendRequest({ method: 'elicitation/create', params: elicitation('who?') }, ElicitResultSchema)),
  );
  server.registerTool('ask_twice', {}, async ({ sendRequest }) => {
    const ask = (message: string) =>
      sendRequest({ method: 'elicitation/create', params: elicitation(message) }, ElicitResultSchema);
    return text([await ask('first?'), await ask('second?')]);
  });
  // Belongs to no request as far as the transport can tell: it goes to the stream that only listens.
  server.registerTool('ask_aside', {}, async () => text(await server.server.elicitInput(elicitation('aside?'))));
  server.registerTool('sample', {}, async () =>
    text(
      await server.server.createMessage({
        messages: [{ role: 'user', content: { type: 'text', text: 'hello' } }],
        maxTokens: 5,
      }),
    ),
  );
  server.registerTool('roots', {}, async () => text(await server.server.listRoots()));
  const page = { mode: 'url' as const, message: 'log in', url: 'https://login.example/', elicitationId: 'e1' };
  server.registerTool('visit', {}, async ({ sendRequest }) => {
    const answer = await sendRequest({ method: 'elicitation/create', params: page }, ElicitResultSchema);
    await server.server.notification({
      method: 'notifications/elicitation/complete',
      params: { elicitationId: page.elicitationId },
    });
    return text(answer);
  });
  let hasRefused = false;
  server.registerTool('visit_first', {}, () => {
    if (hasRefused) return text('welcome');
    hasRefused = true;
    throw new UrlElicitationRequiredError([page]);
  });
  server.registerTool('sample_with_tools', {}, async ({ sendRequest }) => {
    const tools = [{ name: 'look', inputSchema: { type: 'object' as const } }];
    const messages = [{ role: 'user' as const, content: { type: 'text' as const, text: 'hello' } }];
    const params = { messages, maxTokens: 5, tools };
    return text(await sendRequest({ method: 'sampling/createMessage', params }, CreateMessageResultSchema));
  });
  server.registerTool('capabilities', {}, () => text(server.server.getClientCapabilities()));
  return server;
}

/** Starts a backend that asks its clients, over Streamable HTTP with sessions. */
export async function startAskingServer(): Promise<AskingServer> {
  const sessions = new Map<string, McpServer>();
  const transports = new Map<string, StreamableHTTPServerTransport>();
  const listening = await listen(async (request, response) => {
    const known = transports.get(String(request.headers['mcp-session-id']));
    if (known) return known.handleRequest(request, response);
    const server = createAskingServer();
    const transport: StreamableHTTPServerTransport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => {
        transports.set(id, transport);
        sessions.set(id, server);
      },
      onsessionclosed: (id) => {
        transports.delete(id);
        sessions.delete(id);
      },
    });
    await server.connect(transport as never);
    await transport.handleRequest(request, response);
  });
  return { ...listening, url: `${listening.url}/mcp`, sessions };
}

/** A client of the legacy era that answers everything with its own name. */
export async function connectAnswering(
  url: string,
  name: string,
  options?: StreamableHTTPClientTransportOptions,
  capabilities: ClientCapabilities = { elicitation: {}, sampling: {}, roots: { listChanged: true } },
): Promise<Client & { readonly asked: string[] }> {
  const client = new Client({ name, version: '1.0.0' }, { capabilities });
  const asked: string[] = [];
  if (capabilities.elicitation) {
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
      asked.push('url' in params ? `${params.message}: ${params.url}` : params.message);
      return { action: 'accept', content: { name } };
    });
  }
  if (capabilities.sampling)
    client.setRequestHandler(CreateMessageRequestSchema, () => ({
      role: 'assistant',
      content: { type: 'text', text: `${name} was sampled` },
      model: name,
    }));
  if (capabilities.roots)
    client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: [{ uri: `file:///${name}` }] }));
  await client.connect(new StreamableHTTPClientTransport(new URL(url), options) as never);
  return Object.assign(client, { asked });
}
