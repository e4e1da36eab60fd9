import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  Client as ModernClient,
  SSEClientTransport,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport as SSEClientTransportV1 } from '@modelcontextprotocol/sdk/client/sse.js';
import { StdioClientTransport as StdioClientTransportV1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as StreamableHTTPClientTransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { z } from 'zod';
import { type Era, latestModernVersion } from '../../gateway-runtime/src/config/versions.js';
import { type Heard, outcomeOf, type PeerConnect, type PeerTarget } from './peer-client.js';

const { answers } = JSON.parse(readFileSync(join(__dirname, '../gateway-runtime/peers/sink.json'), 'utf8'));

const info = { name: 'peer', version: '1.0.0' };
const capabilities = { elicitation: { form: {}, url: {} }, sampling: {}, roots: { listChanged: true } };
const anything = z.looseObject({});

/** What a client answers when it is asked. */
function answerTo(method: string, params?: { mode?: string }): unknown {
  if (method === 'elicitation/create') return answers[params?.mode === 'url' ? 'url' : 'form'];
  return method === 'roots/list' ? answers.roots : answers.sample;
}

const questions = ['elicitation/create', 'sampling/createMessage', 'roots/list'] as const;

const progressed = (heard: Heard[]) => (progress: unknown) =>
  void heard.push({ method: 'notifications/progress', params: progress });

const signalAfter = (ms: number | undefined) => (ms === undefined ? undefined : AbortSignal.timeout(ms));

function transportV1(target: PeerTarget) {
  if (target.transport === 'stdio') return new StdioClientTransportV1({ ...target, args: [...target.args] });
  const url = new URL(target.url);
  return target.transport === 'sse' ? new SSEClientTransportV1(url) : new StreamableHTTPClientTransportV1(url);
}

/** A client of the TypeScript SDK v1, which knows the legacy era only. */
export const connectTypeScript1: PeerConnect = async (target) => {
  const heard: Heard[] = [];
  const client = new Client(info, { capabilities });
  for (const method of questions) {
    const schema = z.object({ method: z.literal(method), params: anything.optional() });
    client.setRequestHandler(schema as never, ({ params }: { params?: object }) => {
      heard.push({ method, params });
      return answerTo(method, params) as never;
    });
  }
  client.fallbackNotificationHandler = async ({ method, params }) => void heard.push({ method, params });
  await client.connect(transportV1(target) as never);
  return {
    era: 'legacy',
    heard,
    request: (method, params, { progress, cancelAfterMs } = {}) =>
      outcomeOf(
        client.request({ method, params } as never, anything as never, {
          onprogress: progress ? progressed(heard) : undefined,
          signal: signalAfter(cancelAfterMs),
        }),
      ),
    listen: async (uri) => void (await client.subscribeResource({ uri })),
    close: () => client.close(),
  };
};

function transportV2(target: PeerTarget) {
  if (target.transport === 'stdio') return new StdioClientTransport({ ...target, args: [...target.args] });
  const url = new URL(target.url);
  return target.transport === 'sse' ? new SSEClientTransport(url) : new StreamableHTTPClientTransport(url);
}

/** What SDK v2 calls its requests. */
const methodsV2 = {
  'tools/list': 'listTools',
  'tools/call': 'callTool',
  'prompts/list': 'listPrompts',
  'prompts/get': 'getPrompt',
  'resources/list': 'listResources',
  'resources/templates/list': 'listResourceTemplates',
  'resources/read': 'readResource',
  'completion/complete': 'complete',
} as const;

/** A client of the TypeScript SDK v2. */
export const connectTypeScript2: PeerConnect = async (target, era) => {
  const heard: Heard[] = [];
  const mode = era === 'modern' ? { pin: latestModernVersion } : 'legacy';
  const client = new ModernClient(info, { capabilities, versionNegotiation: { mode } });
  for (const method of questions) {
    client.setRequestHandler(method as 'elicitation/create', ({ params }) => {
      heard.push({ method, params });
      return answerTo(method, params) as never;
    });
  }
  client.fallbackNotificationHandler = async ({ method, params }) => void heard.push({ method, params });
  await client.connect(transportV2(target));
  return {
    era,
    heard,
    request: (method, params, { progress, cancelAfterMs } = {}) => {
      const options = { onprogress: progress ? progressed(heard) : undefined, signal: signalAfter(cancelAfterMs) };
      if (method === 'logging/setLevel') return outcomeOf(client.setLoggingLevel(params?.level as 'debug', options));
      const name = methodsV2[method as keyof typeof methodsV2];
      return outcomeOf(client[name](params as never, { ...options, cacheMode: 'bypass' }));
    },
    listen: (uri) => listenV2(client, era, uri),
    close: () => client.close(),
  };
};

async function listenV2(client: ModernClient, era: Era, uri: string): Promise<void> {
  if (era === 'legacy') return void (await client.subscribeResource({ uri }));
  const lists = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true };
  await client.listen({ ...lists, resourceSubscriptions: [uri] });
}
