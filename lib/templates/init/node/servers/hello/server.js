/** An MCP server. Every `registerTool` is a tool: its description is what models read about it. */
import { createServer } from 'node:http';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { z } from 'zod';

function makeServer() {
  const server = new McpServer({ name: 'hello', version: '1.0.0' });
  server.registerTool(
    'greet',
    { description: 'Greets somebody by name.', inputSchema: { name: z.string() } },
    ({ name }) => ({ content: [{ type: 'text', text: `Hello, ${name}!` }] }),
  );
  return server;
}

const { MCP_HOST = '0.0.0.0', MCP_PORT, MCP_PATH } = process.env;

/** Every request gets a server of its own: there is nothing to remember between two. */
createServer(async (request, response) => {
  if (request.method !== 'POST' || request.url !== MCP_PATH) {
    response.writeHead(request.url === MCP_PATH ? 405 : 404).end();
    return;
  }
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined, enableJsonResponse: true });
  response.on('close', () => void transport.close());
  await makeServer().connect(transport);
  await transport.handleRequest(request, response);
}).listen(Number(MCP_PORT), MCP_HOST);
