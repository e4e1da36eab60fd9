import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import * as types from '@modelcontextprotocol/sdk/types.js';
import { startGateway, type TestGateway } from './gateway-instance.js';
import { type SampleHttpOptions, type SampleHttpServer, startHttpServer } from './gateway-servers.js';

/** What a server offers; what is left out it does not offer. A name stands for a tool, prompt or resource that has nothing else. */
export interface Offered {
  tools?: (string | types.Tool)[];
  prompts?: string[];
  resources?: string[];
  templates?: string[];
}

/** A server that offers exactly this, and says what it was asked for. */
export interface OfferingServer extends SampleHttpServer {
  /** Offers something else from now on, and tells of it. */
  offer(offered: Offered): Promise<void>;
  /** Tells those who subscribed that a resource changed. */
  update(uri: string): Promise<void>;
  /** What it was asked to subscribe to and not to any more. */
  readonly subscriptions: string[];
}

/** Starts a server over Streamable HTTP that offers these things. Its results hold links to its resources. */
export async function startOffering(
  label: string,
  first: Offered,
  options: SampleHttpOptions = {},
): Promise<OfferingServer> {
  const current = { ...first };
  const subscriptions: string[] = [];
  const create = () => offeringServer(label, current, subscriptions);
  const http = await startHttpServer(label, { create, ...options });
  const tell = (send: (server: McpServer) => unknown) => Promise.all(http.servers.map(send));
  return {
    ...http,
    subscriptions,
    offer: async (offered) => {
      Object.assign(current, offered);
      if (offered.tools) await tell(({ server }) => server.sendToolListChanged());
      if (offered.prompts) await tell(({ server }) => server.sendPromptListChanged());
      if (offered.resources || offered.templates) await tell(({ server }) => server.sendResourceListChanged());
    },
    update: async (uri) => void (await tell(({ server }) => server.sendResourceUpdated({ uri }))),
  };
}

function offeringServer(label: string, current: Offered, subscriptions: string[]): McpServer {
  const has = (kind: keyof Offered) => current[kind] !== undefined;
  const mcp = new McpServer(
    { name: label, version: '1.0.0' },
    {
      instructions: `How to use ${label}.`,
      capabilities: {
        tools: { listChanged: true },
        ...(has('prompts') && { prompts: { listChanged: true } }),
        ...((has('resources') || has('templates')) && {
          resources: { listChanged: true, subscribe: true },
          completions: {},
        }),
      },
    },
  );
  const { server } = mcp;
  const inputSchema = { type: 'object' as const };
  const said = (asked: string) => ({ type: 'text' as const, text: `${label}: ${asked}` });
  const links = () => (current.resources ?? []).map((uri) => ({ type: 'resource_link' as const, uri, name: 'link' }));
  server.setRequestHandler(types.ListToolsRequestSchema, () => ({
    tools: (current.tools ?? []).map((tool) => (typeof tool === 'string' ? { name: tool, inputSchema } : tool)),
  }));
  server.setRequestHandler(types.CallToolRequestSchema, ({ params }) => ({
    content: [said(`${params.name} ${JSON.stringify(params.arguments ?? {})}`), ...links()],
  }));
  if (has('prompts')) {
    server.setRequestHandler(types.ListPromptsRequestSchema, () => ({
      prompts: (current.prompts ?? []).map((name) => ({ name })),
    }));
    server.setRequestHandler(types.GetPromptRequestSchema, ({ params }) => ({
      messages: [said(params.name), ...links()].map((content) => ({ role: 'user' as const, content })),
    }));
  }
  if (!has('resources') && !has('templates')) return mcp;
  server.setRequestHandler(types.ListResourcesRequestSchema, () => ({
    resources: (current.resources ?? []).map((uri) => ({ uri, name: label })),
  }));
  server.setRequestHandler(types.ListResourceTemplatesRequestSchema, () => ({
    resourceTemplates: (current.templates ?? []).map((uriTemplate) => ({ uriTemplate, name: label })),
  }));
  server.setRequestHandler(types.ReadResourceRequestSchema, ({ params: { uri } }) => ({
    contents: [
      { uri, text: label },
      { uri: `${uri}/below`, text: label },
    ],
  }));
  server.setRequestHandler(types.CompleteRequestSchema, ({ params: { ref } }) => ({
    completion: { values: [label, ref.type === 'ref/resource' ? ref.uri : ref.name] },
  }));
  server.setRequestHandler(types.SubscribeRequestSchema, ({ params: { uri } }) => {
    subscriptions.push(uri);
    return {};
  });
  server.setRequestHandler(types.UnsubscribeRequestSchema, ({ params: { uri } }) => {
    subscriptions.push(`not ${uri}`);
    return {};
  });
  return mcp;
}

/** A gateway in front of servers "a", "b", …, which names nothing without need unless their configuration says otherwise. */
export async function inFrontOf(
  offers: Offered[],
  backends: object[] = [],
  more: Parameters<typeof startGateway>[0] = {},
): Promise<{ gateway: TestGateway; servers: OfferingServer[] }> {
  const nameOf = (index: number) => String.fromCharCode('a'.charCodeAt(0) + index);
  const servers = await Promise.all(offers.map((offered, index) => startOffering(nameOf(index), offered)));
  const gateway = await startGateway({
    ...more,
    backends: servers.map(({ url }, index) => ({
      name: nameOf(index),
      url,
      namespace_tools: 'on_conflict',
      ...backends[index],
    })),
  });
  for (const index of servers.keys()) await gateway.waitFor(nameOf(index), 'connected');
  return { gateway, servers };
}

/** Names of the tools that a new client sees. */
export async function toolsOf(gateway: TestGateway): Promise<string[]> {
  return (await (await gateway.connect()).listTools()).tools.map(({ name }) => name);
}
