/** An MCP server that reads and compares sizes of storage. */
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';

const units = { B: 1, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12, KIB: 2 ** 10, MIB: 2 ** 20, GIB: 2 ** 30, TIB: 2 ** 40 };

/** Makes the server for one call of the function. */
export default function makeServer() {
  const server = new McpServer({ name: 'sizes', version: '1.0.0' });
  server.registerTool(
    'to_bytes',
    {
      description: 'Tells how many bytes a size is, such as "5 GiB" or "1.5 TB".',
      inputSchema: { size: z.string() },
      annotations: { readOnlyHint: true },
    },
    ({ size }) => ({ content: [{ type: 'text', text: `${bytesOf(size)} bytes` }] }),
  );
  server.registerTool(
    'compare_sizes',
    {
      description: 'Tells by which factor one size is larger than another.',
      inputSchema: { a: z.string(), b: z.string() },
    },
    ({ a, b }) => ({ content: [{ type: 'text', text: (bytesOf(a) / bytesOf(b)).toPrecision(3) }] }),
  );
  return server;
}

function bytesOf(size) {
  const [, number, unit] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*$/i.exec(size) ?? [];
  const factor = units[unit?.toUpperCase()];
  if (factor === undefined) throw new Error(`"${size}" is no size such as 5 GiB`);
  return Math.round(Number(number) * factor);
}
