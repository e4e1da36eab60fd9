// A server of the TypeScript SDK v1: `stdio`, or Streamable HTTP at /mcp and HTTP+SSE at /sse.
import { randomUUID } from 'node:crypto';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { z } from 'zod';
import { capabilities, connected, handlers, serveHttp, sink } from './sink.mjs';

const refuse = ({ code, message, data }) => Object.assign(new Error(message), { code, data });

/** What the tools of sink.json need, in terms of this SDK. */
function contextOf(connection, { _meta, signal, sendNotification, sendRequest }) {
  const notify = (method, params) => sendNotification({ method, params });
  return {
    meta: _meta,
    signal,
    progress: async (step) => {
      const progressToken = _meta?.progressToken;
      if (progressToken !== undefined) await notify('notifications/progress', { ...step, progressToken });
    },
    log: (message) => notify('notifications/message', message),
    ask: async (request, answer) => answer(await sendRequest(request, z.looseObject({}))),
    connection,
  };
}

function createSink() {
  const server = new Server(sink.info, { capabilities, instructions: sink.instructions });
  const connection = {
    changed: async () => {
      await server.sendToolListChanged();
      await server.sendPromptListChanged();
      await server.sendResourceListChanged();
    },
    touched: (uri) => server.sendResourceUpdated({ uri }),
  };
  server.onclose = connected(connection);
  for (const [method, answer] of Object.entries(handlers(refuse))) {
    const schema = z.object({ method: z.literal(method), params: z.looseObject({}).optional() });
    server.setRequestHandler(schema, ({ params }, extra) => answer(params ?? {}, contextOf(connection, extra)));
  }
  return server;
}

if (process.argv[2] === 'stdio') {
  await createSink().connect(new StdioServerTransport());
} else {
  const sessions = new Map();
  serveHttp(async (request, response) => {
    const url = new URL(request.url, 'http://localhost');
    if (url.pathname === '/sse') {
      const transport = new SSEServerTransport('/messages', response);
      sessions.set(transport.sessionId, transport);
      await createSink().connect(transport);
    } else if (url.pathname === '/messages') {
      await sessions.get(url.searchParams.get('sessionId')).handlePostMessage(request, response);
    } else {
      const id = request.headers['mcp-session-id'];
      if (id !== undefined && !sessions.has(id)) return response.writeHead(404).end();
      const transport =
        sessions.get(id) ??
        new StreamableHTTPServerTransport({
          sessionIdGenerator: randomUUID,
          onsessioninitialized: (session) => sessions.set(session, transport),
        });
      if (id === undefined) await createSink().connect(transport);
      await transport.handleRequest(request, response);
    }
  });
}
