// Converts amounts of memory, as an MCP server that keeps no session.
import { createServer } from 'node:http';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { z } from 'zod';

const bytes = { MB: 1000 ** 2, MiB: 1024 ** 2, GB: 1000 ** 3, GiB: 1024 ** 3 };
const unit = z.enum(Object.keys(bytes));

function createMcpServer() {
  const server = new McpServer({ name: 'convert', version: '1.0.0' });
  server.registerTool(
    'convert_memory',
    { description: 'Converts an amount of memory', inputSchema: { amount: z.number(), from: unit, to: unit } },
    ({ amount, from, to }) => ({ content: [{ type: 'text', text: String((amount * bytes[from]) / bytes[to]) }] }),
  );
  return server;
}

const { MCP_HOST = '0.0.0.0', MCP_PORT, MCP_PATH } = process.env;

createServer(async (request, response) => {
  if (request.method !== 'POST' || request.url !== MCP_PATH) {
    response.writeHead(request.url === MCP_PATH ? 405 : 404).end();
    return;
  }
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined, enableJsonResponse: true });
  response.on('close', () => void transport.close());
  await createMcpServer().connect(transport);
  await transport.handleRequest(request, response);
}).listen(Number(MCP_PORT), MCP_HOST);
