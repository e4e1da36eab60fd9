import { toNodeHandler } from '@modelcontextprotocol/node';
import {
  createMcpHandler,
  fromJsonSchema,
  type McpHttpHandler,
  McpServer,
  ProtocolError,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { type Call, type Json, Refusal, type Tool, text } from './call';
import { contentTools } from './content-tools';
import { promptsOf } from './prompts';
import { readResource, resources, resourceTemplates } from './resources';
import { roundTripTools } from './round-trip-tools';

/** Answers may be kept for five minutes, by anybody. */
const cache = { ttlMs: 300_000, cacheScope: 'public' } as const;

/** The stateless era, 2026-07-28, on the second TypeScript SDK. */
export function createModernEndpoint(): ReturnType<typeof toNodeHandler> {
  const handler: McpHttpHandler = createMcpHandler(() => createServer(handler), { legacy: 'reject' });
  return toNodeHandler(handler);
}

/** Tools for what only this era says, the sender of changes among them. */
function eraTools({ notify }: McpHttpHandler): Tool[] {
  return [
    {
      name: 'test_missing_capability',
      description: 'Needs a client that can be asked for samplings',
      run(_args, { capabilities }) {
        if (capabilities.sampling) return text('The client has a model');
        throw new Refusal(-32021, 'the client cannot be asked for samplings', {
          requiredCapabilities: { sampling: {} },
        });
      },
    },
    {
      name: 'test_logging_tool',
      description: 'Writes a log message',
      async run(_args, call) {
        await call.log('At work');
        return text('Done');
      },
    },
    {
      name: 'test_trigger_tool_change',
      description: 'Tells subscribers that the tools changed',
      run() {
        notify.toolsChanged();
        return text('Told');
      },
    },
    {
      name: 'test_trigger_prompt_change',
      description: 'Tells subscribers that the prompts changed',
      run() {
        notify.promptsChanged();
        return text('Told');
      },
    },
    {
      name: 'test_header_parameter',
      description: 'Has an argument that stands in a header too',
      inputSchema: {
        type: 'object',
        properties: { region: { type: 'string', 'x-mcp-header': 'Region' } },
        required: ['region'],
      },
      run: ({ region }) => text(`Region: ${region}`),
    },
  ];
}

function createServer(handler: McpHttpHandler): McpServer {
  const listChanged = true;
  const mcp = new McpServer(
    { name: 'conformance-fixture', version: '1.0.0' },
    {
      capabilities: {
        tools: { listChanged },
        prompts: { listChanged },
        resources: { listChanged, subscribe: true },
        completions: {},
        logging: {},
      },
      cacheHints: {
        'tools/list': cache,
        'prompts/list': cache,
        'resources/list': cache,
        'resources/templates/list': cache,
        'resources/read': cache,
        'server/discover': cache,
      },
    },
  );
  const { server } = mcp;
  const tools = [...contentTools, ...roundTripTools, ...eraTools(handler)];
  const call = (name: string, args: Json, context: ServerContext) =>
    answer(() => {
      const tool = tools.find((candidate) => candidate.name === name);
      if (!tool) throw new Refusal(-32602, `there is no tool ${name}`);
      return tool.run(args, callOf(context));
    });
  for (const { name, description, inputSchema = { type: 'object' } } of tools) {
    const schema = fromJsonSchema<Json>(inputSchema as never);
    mcp.registerTool(name, { description, inputSchema: schema }, (args, context) => call(name, args, context));
  }
  // In place of the handler that makes a result of each error: refusals are errors of the protocol.
  server.setRequestHandler('tools/call', ({ params }, context) => call(params.name, params.arguments ?? {}, context));
  const prompts = promptsOf('modern');
  server.setRequestHandler('prompts/list', () => ({ prompts: prompts.list }) as never);
  server.setRequestHandler('prompts/get', ({ params }, { mcpReq }) =>
    answer(() => prompts.get(params as Json, mcpReq.inputResponses)),
  );
  server.setRequestHandler('resources/list', () => ({ resources }) as never);
  server.setRequestHandler('resources/templates/list', () => ({ resourceTemplates }) as never);
  server.setRequestHandler('resources/read', ({ params }) => answer(() => readResource(params.uri)));
  server.setRequestHandler('completion/complete', () => ({ completion: { values: [], total: 0, hasMore: false } }));
  return mcp;
}

/** What the SDK takes as an answer; it has errors of its own. */
async function answer(run: () => Json | Promise<Json>): Promise<never> {
  try {
    return (await run()) as never;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new ProtocolError(error.code, error.message, error.data);
  }
}

function callOf({ mcpReq }: ServerContext): Call {
  return {
    capabilities: ((mcpReq.envelope as Json | undefined)?.['io.modelcontextprotocol/clientCapabilities'] ?? {}) as Json,
    progressToken: mcpReq._meta?.progressToken,
    notify: (method, params) => mcpReq.notify({ method, params }),
    log: (data) => mcpReq.log('info', data),
    inputResponses: mcpReq.inputResponses,
    requestState: mcpReq.requestState<string>(),
  };
}
