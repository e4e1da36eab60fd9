/** A server of the TypeScript SDK with something of everything. */
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';

export default function makeServer() {
  const server = new McpServer({ name: 'everything', version: '1.0.0' }, { capabilities: { logging: {} } });
  const text = (value) => ({ content: [{ type: 'text', text: value }] });
  server.registerTool('echo', { inputSchema: { text: z.string() } }, (args) => text(args.text));
  server.registerTool('fail', {}, () => {
    throw new Error('it failed');
  });
  server.registerTool('grow', { inputSchema: { bytes: z.number() } }, ({ bytes }) => text('x'.repeat(bytes)));
  server.registerTool('wait', { inputSchema: { ms: z.number() } }, async ({ ms }, { signal }) => {
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      signal.addEventListener('abort', () => {
        console.error('cancelled');
        clearTimeout(timer);
        resolve();
      });
    });
    return text('done');
  });
  server.registerTool('progress', {}, async ({ sendNotification, _meta }) => {
    await sendNotification({
      method: 'notifications/progress',
      params: { progressToken: _meta?.progressToken ?? 0, progress: 1 },
    });
    return text('done');
  });
  server.registerTool('ask', {}, async () => {
    const { model } = await server.server.createMessage({ messages: [], maxTokens: 1 });
    return text(model);
  });
  server.registerResource('note', 'note://one', {}, () => ({ contents: [{ uri: 'note://one', text: 'a note' }] }));
  server.registerPrompt('greet', { argsSchema: { name: z.string() } }, ({ name }) => ({
    messages: [{ role: 'user', content: { type: 'text', text: `Greet ${name}` } }],
  }));
  return server;
}

/** What a configuration may name in place of the default. */
export function makeOther() {
  return new McpServer({ name: 'other', version: '1.0.0' });
}

export const noFunction = 'text';

export function makeNothing() {
  throw new Error('a secret reason');
}
