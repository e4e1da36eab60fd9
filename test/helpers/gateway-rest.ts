import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';
import { type SampleHttpServer, startStatelessServer } from './gateway-servers.js';

/** Starts a backend whose tools say what they answer. */
export function structuredServer(): Promise<SampleHttpServer> {
  return startStatelessServer('weather', { create });
}

function create(): McpServer {
  const server = new McpServer({ name: 'weather', version: '1.0.0' });
  server.registerTool(
    'weather_forecast',
    {
      title: 'Weather forecast',
      description: 'The weather of the next days',
      inputSchema: {
        city: z.string().min(1).describe('Name of the city'),
        days: z.number().int().gt(0).max(7).default(1),
        unit: z.enum(['celsius', 'fahrenheit']).nullable().optional(),
      },
      outputSchema: { city: z.string(), days: z.array(z.object({ day: z.number() })) },
      annotations: { readOnlyHint: true },
    },
    ({ city, days }) => {
      const structuredContent = { city, days: Array.from({ length: days }, (_, index) => ({ day: index + 1 })) };
      return { content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent };
    },
  );
  return server;
}
