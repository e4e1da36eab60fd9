import type { IncomingMessage } from 'node:http';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, fromJsonSchema, McpServer, type McpServerFactory } from '@modelcontextprotocol/server';
import { type Listening, listen } from './gateway-servers.js';

/** A message that a server got, with its headers. */
export interface Received {
  readonly headers: IncomingMessage['headers'];
  readonly httpMethod: string;
  /** JSON; undefined without a body. */
  readonly body: { readonly method: string; readonly params?: { readonly [name: string]: unknown } } | undefined;
}

/** A server of the second SDK over Streamable HTTP. */
export interface ModernServer extends Listening {
  readonly received: Received[];
  readonly cancelled: string[];
  notify: ReturnType<typeof createMcpHandler>['notify'];
  /** Tools that the next list names, too. */
  readonly moreTools: string[];
}

/** Something of everything that 2026-07-28 has. */
function modernServer(label: string, cancelled: string[], moreTools: readonly string[]): McpServer {
  const server = new McpServer(
    { name: label, version: '1.0.0' },
    {
      instructions: `How to use ${label}.`,
      capabilities: {
        logging: {},
        tools: { listChanged: true },
        prompts: { listChanged: true },
        resources: { subscribe: true, listChanged: true },
      },
    },
  );
  const inputSchema = fromJsonSchema({
    type: 'object',
    properties: {
      text: { type: 'string' },
      region: { type: 'string', 'x-mcp-header': 'Region' },
      ms: { type: 'number' },
    },
  } as never);
  const text = (said: unknown) => ({
    content: [{ type: 'text' as const, text: typeof said === 'string' ? said : JSON.stringify(said) }],
  });
  server.registerTool('echo', { inputSchema }, (args) => text(`${label}: ${(args as { text?: string }).text}`));
  server.registerTool('meta', { inputSchema }, (_args, { mcpReq }) => text(mcpReq._meta ?? {}));
  server.registerTool('work', { inputSchema }, async (args, { mcpReq }) => {
    const { ms = 20 } = args as { ms?: number };
    for (let progress = 1; progress <= 3; progress++) {
      await new Promise((resolve) => setTimeout(resolve, ms));
      const progressToken = mcpReq._meta?.progressToken;
      await mcpReq.log('info', `step ${progress}`);
      if (progressToken !== undefined) {
        await mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, total: 3 } });
      }
    }
    return text('done');
  });
  server.registerTool('slow', { inputSchema }, async (_args, { mcpReq }) => {
    await new Promise<void>((resolve) => {
      mcpReq.signal.addEventListener('abort', () => {
        cancelled.push(label);
        resolve();
      });
    });
    return text('never');
  });
  for (const name of moreTools) server.registerTool(name, { inputSchema }, () => text(name));
  server.registerPrompt('greet', {}, () => ({
    messages: [{ role: 'user', content: { type: 'text', text: `${label} greets` } }],
  }));
  server.registerResource('note', `note://${label}`, {}, (uri) => ({
    contents: [{ uri: uri.href, text: `note of ${label}` }],
  }));
  return server;
}

/** Starts a server that speaks 2026-07-28 and, unless told otherwise, nothing else. */
export async function startModernServer(
  label: string,
  options: { port?: number; legacy?: 'stateless' | 'reject' } = {},
): Promise<ModernServer> {
  const { port, legacy = 'reject' } = options;
  const received: Received[] = [];
  const cancelled: string[] = [];
  const moreTools: string[] = [];
  const factory: McpServerFactory = () => modernServer(label, cancelled, moreTools);
  const handler = createMcpHandler(factory, { legacy });
  const node = toNodeHandler(handler);
  const listening = await listen(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const body = text === '' ? undefined : JSON.parse(text);
    received.push({ headers: request.headers, httpMethod: String(request.method), body });
    await node(request as never, response as never, body);
  }, port);
  return { ...listening, url: `${listening.url}/mcp`, received, cancelled, moreTools, notify: handler.notify };
}
