// A server whose only tool gives back what it was called with. Arguments: stdio or http, legacy or modern, json or stream.
import { createServer } from 'node:http';

const [transport, era, form] = process.argv.slice(2);
const capabilities = { tools: {}, logging: {} };
const serverInfo = { name: 'mirror', version: '1' };

const results = {
  initialize: () => era === 'legacy' && { protocolVersion: '2025-11-25', capabilities, serverInfo },
  'server/discover': () => era === 'modern' && { supportedVersions: ['2026-07-28'], capabilities },
  ping: () => ({}),
  'logging/setLevel': () => ({}),
  'tools/list': () => ({ tools: [{ name: 'mirror', inputSchema: { type: 'object' } }] }),
  'tools/call': (params) => ({ ...params.result, content: [], structuredContent: { params } }),
};

/** The messages that answer one. */
function answers({ id, method, params = {} }) {
  if (id === undefined) return [];
  const result = Object.hasOwn(results, method) && results[method](params);
  if (!result) return [{ jsonrpc: '2.0', id, error: { code: -32601, message: 'unknown method' } }];
  const hints = era === 'modern' ? { resultType: 'complete', ttlMs: 0, cacheScope: 'private' } : {};
  const said = { level: 'error', data: params.arguments };
  const log = { jsonrpc: '2.0', method: 'notifications/message', params: said };
  const answer = { jsonrpc: '2.0', id, result: { ...hints, ...result } };
  return method === 'tools/call' && form === 'stream' ? [log, answer] : [answer];
}

if (transport === 'stdio') {
  let text = '';
  // Node's own reader takes more for the end of a line than MCP does.
  process.stdin.setEncoding('utf8').on('data', (chunk) => {
    const lines = (text + chunk).split('\n');
    text = lines.pop();
    for (const message of lines.flatMap((line) => answers(JSON.parse(line)))) {
      process.stdout.write(`${JSON.stringify(message)}\n`);
    }
  });
} else {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    if (request.method !== 'POST') return response.writeHead(405).end();
    const messages = answers(JSON.parse(body));
    if (messages.length === 0) return response.writeHead(202).end();
    const isStream = messages.length > 1;
    response.writeHead(200, { 'content-type': isStream ? 'text/event-stream' : 'application/json' });
    const texts = messages.map((message) => JSON.stringify(message));
    response.end(isStream ? texts.map((text) => `data: ${text}\n\n`).join('') : texts[0]);
  });
  server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })));
}
