import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { type EventStore, StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import {
  CallToolRequestSchema,
  CompleteRequestSchema,
  GetPromptRequestSchema,
  type JSONRPCMessage,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  McpError,
  ReadResourceRequestSchema,
  SetLevelRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { askingTools } from './asking-tools';
import { type Call, type Json, Refusal } from './call';
import { contentTools } from './content-tools';
import { promptsOf } from './prompts';
import { readResource, resources, resourceTemplates } from './resources';

/** How long a client waits before it fetches the rest of a stream, in milliseconds. */
const retryInterval = 500;

/** The handshake era, up to 2025-11-25, on the first TypeScript SDK: a server for each session. */
export function createLegacyEndpoint(): (
  request: IncomingMessage,
  response: ServerResponse,
  body?: unknown,
) => Promise<void> {
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  return async (request, response, body) => {
    const id = request.headers['mcp-session-id'];
    const transport = typeof id === 'string' ? sessions.get(id) : createSession(sessions);
    if (!transport) return void response.writeHead(404).end();
    await (await transport).handleRequest(request, response, body);
  };
}

async function createSession(
  sessions: Map<string, StreamableHTTPServerTransport>,
): Promise<StreamableHTTPServerTransport> {
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    eventStore: createEventStore(),
    retryInterval,
    onsessioninitialized: (id) => void sessions.set(id, transport),
    onsessionclosed: (id) => void sessions.delete(id),
  });
  await createServer(transport).connect(transport as never);
  return transport;
}

function createServer(transport: StreamableHTTPServerTransport): Server {
  const listChanged = true;
  const server = new Server(
    { name: 'conformance-fixture', version: '1.0.0' },
    {
      capabilities: {
        tools: { listChanged },
        prompts: { listChanged },
        resources: { listChanged, subscribe: true },
        completions: {},
        logging: {},
      },
    },
  );
  let hearsInfo = true;
  server.setRequestHandler(SetLevelRequestSchema, ({ params }) => {
    hearsInfo = params.level === 'debug' || params.level === 'info';
    return {};
  });
  const tools = [...contentTools, ...askingTools];
  const prompts = promptsOf('legacy');
  const told = tools.map(({ run: _, inputSchema = { type: 'object' }, ...rest }) => ({ ...rest, inputSchema }));
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: told }) as never);
  server.setRequestHandler(CallToolRequestSchema, ({ params }, extra) =>
    answer(() => {
      const tool = tools.find(({ name }) => name === params.name);
      if (!tool) throw new Refusal(-32602, `there is no tool ${params.name}`);
      const { _meta, requestId, sendNotification, sendRequest } = extra;
      const call: Call = {
        capabilities: (server.getClientCapabilities() ?? {}) as Json,
        progressToken: _meta?.progressToken,
        notify: (method, params) => sendNotification({ method, params } as never),
        log: async (data) => {
          if (hearsInfo) await sendNotification({ method: 'notifications/message', params: { level: 'info', data } });
        },
        ask: (method, params) => sendRequest({ method, params } as never, z.looseObject({})),
        closeStream: () => transport.closeSSEStream(requestId),
      };
      return tool.run(params.arguments ?? {}, call);
    }),
  );
  server.setRequestHandler(ListPromptsRequestSchema, () => ({ prompts: prompts.list }) as never);
  server.setRequestHandler(GetPromptRequestSchema, ({ params }) => answer(() => prompts.get(params)));
  server.setRequestHandler(ListResourcesRequestSchema, () => ({ resources }) as never);
  server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({ resourceTemplates }) as never);
  server.setRequestHandler(ReadResourceRequestSchema, ({ params }) => answer(() => readResource(params.uri)));
  server.setRequestHandler(SubscribeRequestSchema, () => ({}));
  server.setRequestHandler(UnsubscribeRequestSchema, () => ({}));
  server.setRequestHandler(CompleteRequestSchema, () => ({ completion: { values: [], total: 0, hasMore: false } }));
  return server;
}

/** What the SDK takes as an answer; it has errors of its own. */
async function answer(run: () => Json | Promise<Json>): Promise<never> {
  try {
    return (await run()) as never;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new McpError(error.code, error.message, error.data);
  }
}

/** Keeps what was sent, so that a client that comes back gets the rest of its stream. */
function createEventStore(): EventStore {
  const sent: { readonly id: string; readonly streamId: string; readonly message: JSONRPCMessage }[] = [];
  return {
    async storeEvent(streamId, message) {
      const id = `${sent.length}`;
      sent.push({ id, streamId, message });
      return id;
    },
    async getStreamIdForEventId(id) {
      return sent[Number(id)]?.streamId;
    },
    async replayEventsAfter(last, { send }) {
      const streamId = sent[Number(last)]?.streamId ?? '';
      for (const event of sent.slice(Number(last) + 1)) {
        if (event.streamId === streamId) await send(event.id, event.message);
      }
      return streamId;
    },
  };
}
