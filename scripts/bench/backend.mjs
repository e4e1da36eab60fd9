// A minimal MCP server of the legacy era: one request, one answer. Under /<any name>/json it answers in JSON, under
// /<any name>/sse with a stream; GET /requests/calls says how many tools were called, GET /requests/all how many messages came.
import { createServer } from 'node:http';

const toolsEach = 10;
const large = JSON.stringify({ content: [{ type: 'text', text: 'x'.repeat(100_000) }] });
const tools = JSON.stringify({
  tools: Array.from({ length: toolsEach }, (_, index) => ({
    name: index === 0 ? 'echo' : `tool${index}`,
    description: 'Answers with its argument',
    inputSchema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
  })),
});
const initialized = JSON.stringify({
  protocolVersion: '2025-11-25',
  capabilities: { tools: {} },
  serverInfo: { name: 'bench', version: '1' },
});
const counts = { calls: 0, all: 0 };

function resultOf({ method, params }) {
  if (method === 'initialize') return initialized;
  if (method === 'tools/list') return tools;
  if (method !== 'tools/call') return '{}';
  counts.calls++;
  const { text, size } = params.arguments;
  return size === 'large' ? large : JSON.stringify({ content: [{ type: 'text', text }] });
}

const server = createServer(async (request, response) => {
  const [, counted] = /^\/requests\/(calls|all)$/.exec(request.url) ?? [];
  if (counted) return response.end(String(counts[counted]));
  if (request.method !== 'POST') return response.writeHead(405).end();
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const message = JSON.parse(Buffer.concat(chunks).toString());
  counts.all++;
  if (message.method === 'server/discover') return response.writeHead(400).end();
  if (message.id === undefined) return response.writeHead(202).end();
  const answer = `{"jsonrpc":"2.0","id":${JSON.stringify(message.id)},"result":${resultOf(message)}}`;
  if (request.url.endsWith('/sse')) {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(`event: message\ndata: ${answer}\n\n`);
  } else {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) };
    response.writeHead(200, headers).end(answer);
  }
});
server.keepAliveTimeout = 120_000;
server.listen(0, '127.0.0.1', () => console.log(`listening on ${server.address().port}`));
