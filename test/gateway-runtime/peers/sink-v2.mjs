// A server of the TypeScript SDK v2 that speaks both eras: `stdio`, or Streamable HTTP at /mcp.
import { randomUUID } from 'node:crypto';
import { NodeStreamableHTTPServerTransport, toNodeHandler } from '@modelcontextprotocol/node';
import {
  createMcpHandler,
  InMemoryServerEventBus,
  inputRequired,
  ProtocolError,
  Server,
} from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { capabilities, connected, handlers, serveHttp, sink, subscribe } from './sink.mjs';

const refuse = ({ code, message, data }) => new ProtocolError(code, message, data);

/** What the answer to a question has to come back with. */
const requestState = 'state: "✓" \\ 1';

const isStdio = process.argv[2] === 'stdio';
const lists = ['tools', 'prompts', 'resources'];

const bus = new InMemoryServerEventBus();

/** What the tools of sink.json need, in terms of this SDK. */
function contextOf(connection, era, { mcpReq }) {
  const notify = (method, params) => mcpReq.notify({ method, params });
  return {
    meta: mcpReq._meta,
    signal: mcpReq.signal,
    progress: async (step) => {
      const progressToken = mcpReq._meta?.progressToken;
      if (progressToken !== undefined) await notify('notifications/progress', { ...step, progressToken });
    },
    log: ({ level, data, logger }) => mcpReq.log(level, data, logger),
    ask: ({ method, params: { elicitationId, ...params } = {} }, answer) => {
      const given = mcpReq.inputResponses?.question;
      if (given === undefined) {
        // The new era has no such id.
        const asked = era === 'legacy' && elicitationId ? { ...params, elicitationId } : params;
        return inputRequired({ inputRequests: { question: { method, params: asked } }, requestState });
      }
      if (mcpReq.requestState() !== requestState) throw refuse({ code: -32602, message: 'another state' });
      return answer(given);
    },
    connection,
  };
}

function createSink({ era }) {
  const server = new Server(sink.info, { capabilities, instructions: sink.instructions });
  const connection = {
    changed: async () => {
      for (const kind of lists) await server.notification({ method: `notifications/${kind}/list_changed` });
    },
    touched: (uri) => server.notification({ method: 'notifications/resources/updated', params: { uri } }),
  };
  // Over HTTP, a connection of the new era is one request.
  if (era === 'legacy' || isStdio) server.onclose = connected(connection);
  if (era === 'modern' && isStdio) subscribe('note://a', connection);
  for (const [method, answer] of Object.entries(handlers(refuse))) {
    server.setRequestHandler(method, ({ params }, context) =>
      answer(params ?? {}, contextOf(connection, era, context)),
    );
  }
  return server;
}

if (isStdio) {
  serveStdio(createSink);
} else {
  // Whoever listens in the new era.
  const listeners = {
    changed: () => lists.forEach((kind) => void bus.publish({ kind: `${kind}_list_changed` })),
    touched: (uri) => bus.publish({ kind: 'resource_updated', uri }),
  };
  connected(listeners);
  subscribe('note://a', listeners);
  const modern = toNodeHandler(createMcpHandler(createSink, { legacy: 'reject', bus }));
  const sessions = new Map();
  serveHttp(async (request, response) => {
    // Only the new era names the method in a header.
    if (request.headers['mcp-method'] !== undefined) return modern(request, response);
    const id = request.headers['mcp-session-id'];
    if (id !== undefined && !sessions.has(id)) return response.writeHead(404).end();
    const transport =
      sessions.get(id) ??
      new NodeStreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID,
        onsessioninitialized: (session) => sessions.set(session, transport),
      });
    if (id === undefined) await createSink({ era: 'legacy' }).connect(transport);
    await transport.handleRequest(request, response);
  });
}
