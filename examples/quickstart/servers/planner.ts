/** An MCP server over Streamable HTTP: plans the addresses of a VCN. Reads MCP_PORT and MCP_PATH. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { z } from 'zod';
import { format, overlap, parseBlock, splitBlock } from './cidr.js';

/** Addresses of a subnet that OCI keeps for itself: the first two and the last. */
const reserved = 3;
const reservedNote = 'In every subnet Oracle Cloud keeps three addresses: the first two and the last.';

function planner(): McpServer {
  const server = new McpServer({ name: 'planner', version: '1.0.0' });

  server.registerTool(
    'split_cidr',
    {
      title: 'Split a block into subnets',
      description: 'Cuts an IPv4 block into equal subnets and counts the addresses that OCI leaves usable in each.',
      inputSchema: { cidr: z.string().describe('for example 10.0.0.0/16'), count: z.number().int().min(1).max(256) },
      annotations: { readOnlyHint: true },
    },
    ({ cidr, count }) =>
      answer(() =>
        splitBlock(parseBlock(cidr), count).map((subnet) => ({
          cidr: format(subnet),
          usable: Math.max(0, subnet.size - reserved),
        })),
      ),
  );

  server.registerTool(
    'check_overlap',
    {
      title: 'Check blocks for overlaps',
      description: 'Lists the pairs of IPv4 blocks that share addresses, which peered VCNs must not.',
      inputSchema: { cidrs: z.array(z.string()).min(2).max(64) },
      annotations: { readOnlyHint: true },
    },
    ({ cidrs }) =>
      answer(() =>
        cidrs.flatMap((a, i) =>
          cidrs.slice(i + 1).flatMap((b) => (overlap(parseBlock(a), parseBlock(b)) ? [[a, b]] : [])),
        ),
      ),
  );

  server.registerResource(
    'reserved-addresses',
    'oci://networking/reserved-addresses',
    { title: 'Reserved addresses', mimeType: 'text/plain' },
    (uri) => ({ contents: [{ uri: uri.href, mimeType: 'text/plain', text: reservedNote }] }),
  );

  server.registerPrompt(
    'plan_vcn',
    { title: 'Plan a VCN', argsSchema: { cidr: z.string(), tiers: z.string() } },
    ({ cidr, tiers }) => ({
      messages: [
        {
          role: 'user',
          content: {
            type: 'text',
            text: `Split ${cidr} with split_cidr into one subnet for each of: ${tiers}. Leave room to grow.`,
          },
        },
      ],
    }),
  );
  return server;
}

function answer(compute: () => unknown) {
  try {
    return { content: [{ type: 'text' as const, text: JSON.stringify(compute()) }] };
  } catch (error) {
    return { isError: true, content: [{ type: 'text' as const, text: (error as Error).message }] };
  }
}

/** Every request gets a server of its own: there is nothing to remember between two. */
async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url !== path) return void response.writeHead(404).end();
  if (request.method !== 'POST') return void response.writeHead(405, { allow: 'POST' }).end();
  const server = planner();
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined, enableJsonResponse: true });
  response.on('close', () => void server.close());
  await server.connect(transport);
  await transport.handleRequest(request, response);
}

const path = process.env['MCP_PATH'] ?? '/mcp';
const http = createServer((request, response) => void serve(request, response));
http.listen(Number(process.env['MCP_PORT'] ?? 8000), process.env['MCP_HOST'], () => {
  console.log(`listening on port ${(http.address() as AddressInfo).port}`);
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => http.close(() => process.exit(0)));
