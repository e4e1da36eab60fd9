import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Listening, listen } from './gateway-servers.js';

/** A backend over Streamable HTTP that says exactly what a test wants, however wrong. */
export interface ScriptedServer extends Listening {
  /** Sends a text as it is to whoever listens. */
  push(text: string): void;
  /** Requests per method or, without one, HTTP method. */
  readonly counts: Record<string, number>;
}

/** Writes an answer; `id` is the one of the request. */
export type Script = (response: ServerResponse, id: number, request: IncomingMessage) => void;

/** Results by method, or scripts that answer in their place; `GET` and `notifications/initialized` may be scripts too. */
export async function startScriptedServer(scripts: Record<string, unknown>): Promise<ScriptedServer> {
  const streams = new Set<ServerResponse>();
  const counts: Record<string, number> = {};
  const known: Record<string, unknown> = {
    initialize: {
      protocolVersion: '2025-11-25',
      capabilities: { tools: {}, resources: {} },
      serverInfo: { name: 's', version: '1' },
    },
    'tools/list': { tools: [{ name: 'call', inputSchema: { type: 'object' } }] },
    'resources/list': { resources: [] },
    'resources/templates/list': { resourceTemplates: [] },
    ping: {},
    ...scripts,
  };
  const listening = await listen(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { id, method = request.method } = request.method === 'POST' ? JSON.parse(body) : {};
    counts[method] = (counts[method] ?? 0) + 1;
    const script = known[method];
    if (typeof script === 'function') return void script(response, id, request);
    if (request.method === 'GET') {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      streams.add(response);
      return;
    }
    if (id === undefined) return void response.writeHead(202).end();
    answerJson(response, { jsonrpc: '2.0', id, result: script });
  });
  return {
    ...listening,
    url: `${listening.url}/mcp`,
    counts,
    push: (text) => {
      for (const stream of streams) stream.write(`data: ${text}\n\n`);
    },
  };
}

/** Answers with plain JSON. */
export function answerJson(response: ServerResponse, message: unknown): void {
  const text = typeof message === 'string' ? message : JSON.stringify(message);
  response.writeHead(200, { 'content-type': 'application/json' }).end(text);
}
