import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { McpServer, ResourceTemplate } from '@modelcontextprotocol/sdk/server/mcp.js';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { z } from 'zod';

/** Something that listens on a port of this machine. */
export interface Listening {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** What a failed test leaves open would keep the test run from ending. */
const leftOpen = new Set<() => unknown>();

afterAll(async () => {
  for (const close of [...leftOpen].reverse()) await close();
});

/** Closes something after the last test of the file, should the test not have done so. @returns its close */
export function closeAtEnd<T>(close: () => Promise<T>): () => Promise<T> {
  const once = () => {
    leftOpen.delete(once);
    return close();
  };
  leftOpen.add(once);
  return once;
}

/** Listens on a free port of the loopback address, or on the one given. */
export async function listen(listener: RequestListener, port = 0): Promise<Listening> {
  const server = createServer(listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${address.port}`, port: address.port, close: closeAtEnd(() => stop(server)) };
}

/** A port of the loopback address at which nothing listens. */
export async function freePort(): Promise<number> {
  const { port, close } = await listen(() => {});
  await close();
  return port;
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** A small MCP server with something of everything. `label` is in its answers. */
export function createSampleServer(label: string, seen: SampleServerLog = { cancelled: [], headers: [] }): McpServer {
  const server = new McpServer(
    { name: label, version: '1.0.0' },
    {
      instructions: `How to use ${label}.`,
      capabilities: { logging: {}, tools: { listChanged: true }, resources: { subscribe: true, listChanged: true } },
    },
  );
  server.registerTool(
    'echo',
    { description: 'Repeats a text', inputSchema: { text: z.string() }, annotations: { readOnlyHint: true } },
    ({ text }) => ({ content: [{ type: 'text', text: `${label}: ${text}` }] }),
  );
  server.registerTool('fail', { description: 'Always fails' }, () => {
    throw new Error(`${label} failed`);
  });
  server.registerTool('slow', { inputSchema: { ms: z.number() } }, async ({ ms }, { signal }) => {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      signal.addEventListener('abort', () => {
        seen.cancelled.push(label);
        clearTimeout(timer);
        resolve();
      });
    });
    return { content: [{ type: 'text', text: `${label} waited ${ms}` }] };
  });
  server.registerTool(
    'work',
    { inputSchema: { steps: z.number(), ms: z.number() } },
    async ({ steps, ms }, { sendNotification, _meta }) => {
      for (let step = 1; step <= steps; step++) {
        await new Promise((resolve) => setTimeout(resolve, ms));
        const progressToken = _meta?.progressToken;
        await sendNotification({ method: 'notifications/message', params: { level: 'info', data: `step ${step}` } });
        if (progressToken !== undefined) {
          const params = { progressToken, progress: step, total: steps };
          await sendNotification({ method: 'notifications/progress', params });
        }
      }
      return { content: [{ type: 'text', text: 'done' }] };
    },
  );
  server.registerPrompt('greet', { argsSchema: { name: z.string() } }, ({ name }) => ({
    messages: [{ role: 'user', content: { type: 'text', text: `${label} greets ${name}` } }],
  }));
  server.registerResource('note', `note://${label}`, {}, (uri) => ({
    contents: [{ uri: uri.href, text: `note of ${label}` }],
  }));
  const template = new ResourceTemplate(`item://${label}/{id}`, {
    list: undefined,
    complete: { id: (value) => ['one', 'two', 'three'].filter((id) => id.startsWith(value)) },
  });
  server.registerResource('item', template, {}, (uri, { id }) => ({
    contents: [{ uri: uri.href, text: `item ${id} of ${label}` }],
  }));
  server.server.setRequestHandler(
    z.object({ method: z.literal('resources/subscribe'), params: z.looseObject({ uri: z.string() }) }) as never,
    (async ({ params }: { params: { uri: string } }) => {
      setTimeout(() => void server.server.sendResourceUpdated({ uri: params.uri }), 20);
      return {};
    }) as never,
  );
  server.server.setRequestHandler(
    z.object({ method: z.literal('resources/unsubscribe'), params: z.looseObject({}) }) as never,
    (async () => ({})) as never,
  );
  return server;
}

/** What a sample server saw of its callers. */
export interface SampleServerLog {
  readonly cancelled: string[];
  readonly headers: IncomingMessage['headers'][];
}

/** A sample server over Streamable HTTP that keeps sessions. */
export interface SampleHttpServer extends Listening {
  readonly seen: SampleServerLog;
  /** The servers of all sessions, newest last. */
  readonly servers: McpServer[];
}

/** What a sample server over HTTP may do differently. */
export interface SampleHttpOptions {
  readonly port?: number;
  /** Answer with plain JSON in place of an event stream. */
  readonly json?: boolean;
  /** Makes the server of one session in place of the sample server. */
  readonly create?: () => McpServer;
  /** Answers the request itself when it returns true. */
  readonly intercept?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

/** Starts a sample server over Streamable HTTP. */
export async function startHttpServer(label: string, options: SampleHttpOptions = {}): Promise<SampleHttpServer> {
  const seen: SampleServerLog = { cancelled: [], headers: [] };
  const servers: McpServer[] = [];
  const transports = new Map<string, StreamableHTTPServerTransport>();
  const listening = await listen(async (request, response) => {
    seen.headers.push(request.headers);
    if (options.intercept?.(request, response)) return;
    const id = request.headers['mcp-session-id'];
    const known = typeof id === 'string' ? transports.get(id) : undefined;
    if (known) return known.handleRequest(request, response);
    if (id !== undefined) return void response.writeHead(404).end();
    const server = options.create?.() ?? createSampleServer(label, seen);
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      enableJsonResponse: options.json,
      onsessioninitialized: (session) => {
        transports.set(session, transport);
        servers.push(server);
      },
    });
    await server.connect(transport as never);
    await transport.handleRequest(request, response);
  }, options.port);
  return { ...listening, url: `${listening.url}/mcp`, seen, servers };
}

/** Starts a sample server that keeps nothing between two requests and answers each with one JSON document. */
export async function startStatelessServer(
  label: string,
  { create }: Pick<SampleHttpOptions, 'create'> = {},
): Promise<SampleHttpServer> {
  const seen: SampleServerLog = { cancelled: [], headers: [] };
  const listening = await listen(async (request, response) => {
    seen.headers.push(request.headers);
    if (request.method !== 'POST') return void response.writeHead(405).end();
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined, enableJsonResponse: true });
    await (create?.() ?? createSampleServer(label, seen)).connect(transport as never);
    await transport.handleRequest(request, response);
  });
  return { ...listening, url: `${listening.url}/mcp`, seen, servers: [] };
}

/** Starts a sample server over the HTTP+SSE transport of 2024-11-05. */
export async function startSseServer(label: string, port?: number): Promise<Listening> {
  const transports = new Map<string, SSEServerTransport>();
  const listening = await listen(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (request.method === 'GET') {
      const transport = new SSEServerTransport('/messages', response);
      transports.set(transport.sessionId, transport);
      await createSampleServer(label).connect(transport);
    } else {
      await transports.get(url.searchParams.get('sessionId') ?? '')?.handlePostMessage(request, response);
    }
  }, port);
  return { ...listening, url: `${listening.url}/sse` };
}
