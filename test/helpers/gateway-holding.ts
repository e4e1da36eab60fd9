import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { type SampleHttpServer, startHttpServer } from './gateway-servers.js';

/** A server that holds each call of its tool `hold` until it is let go or cancelled. */
export interface HoldingServer extends SampleHttpServer {
  /** Calls that are held now. */
  readonly held: number;
  /** The most that were held at once. */
  readonly mostHeld: number;
  /** Calls that came, of whatever is offered. */
  readonly calls: number;
  /** Lets go of what is held now. */
  letGo(): void;
}

/** Starts such a server. It has a tool `quick`, a prompt `say` and a resource `note://it`, too. */
export async function startHolding(label: string): Promise<HoldingServer> {
  const held = new Set<() => void>();
  let [mostHeld, calls] = [0, 0];
  const server = await startHttpServer(label, {
    create: () => {
      const server = new McpServer({ name: label, version: '1.0.0' });
      const text = (text: string) => ({ type: 'text' as const, text });
      const counted = <T>(answer: T): T => {
        calls++;
        return answer;
      };
      server.registerTool('hold', {}, async ({ signal }) => {
        calls++;
        await new Promise<void>((resolve) => {
          held.add(resolve);
          mostHeld = Math.max(mostHeld, held.size);
          signal.addEventListener('abort', () => held.delete(resolve));
        });
        return { content: [text('let go')] };
      });
      server.registerTool('quick', {}, () => counted({ content: [text('quick')] }));
      server.registerTool('fail', {}, () => {
        throw new Error('failed');
      });
      server.registerPrompt('say', {}, () => counted({ messages: [{ role: 'user' as const, content: text('said') }] }));
      server.registerResource('it', 'note://it', {}, ({ href }) => counted({ contents: [{ uri: href, text: 'it' }] }));
      return server;
    },
  });
  return Object.defineProperties(server as HoldingServer, {
    held: { get: () => held.size },
    mostHeld: { get: () => mostHeld },
    calls: { get: () => calls },
    letGo: {
      value: () => {
        for (const resolve of held) resolve();
        held.clear();
      },
    },
  });
}
