import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import {
  StreamableHTTPClientTransport,
  type StreamableHTTPClientTransportOptions,
} from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { buildGateway, type GatewayDependencies } from '../../gateway-runtime/src/app.js';
import { type GatewayConfigInput, parseGatewayConfig } from '../../gateway-runtime/src/config/index.js';
import type { ConfigFault } from '../../gateway-runtime/src/errors.js';
import { closeAtEnd, listen } from './gateway-servers.js';

/** A gateway in this process, on a free port. */
export interface TestGateway {
  readonly origin: string;
  /** The MCP endpoint. */
  readonly url: string;
  /** Everything it logged. */
  readonly logs: Record<string, unknown>[];
  /** A client of the official SDK that has been initialized; closed with the gateway. @param view The view it asks. @default - everything */
  connect(options?: StreamableHTTPClientTransportOptions, view?: string): Promise<Client>;
  /** Reads this configuration again; `host` and `auth` as at the start unless it says otherwise. */
  reload(configuration: GatewayConfigInput, faults?: readonly ConfigFault[]): void;
  /** Waits until a backend is in a state. */
  waitFor(backend: string, state: 'connected' | 'down'): Promise<void>;
  /** Sends a JSON-RPC message as it is. @param view The view it goes to. @default - everything */
  post(message: unknown, headers?: Record<string, string>, view?: string): Promise<Response>;
  close(): Promise<void>;
}

/** Starts a gateway; without auth unless the configuration says otherwise. */
export async function startGateway(
  configuration: GatewayConfigInput,
  dependencies: Partial<GatewayDependencies> = {},
): Promise<TestGateway> {
  const logs: Record<string, unknown>[] = [];
  const parse = (input: GatewayConfigInput) =>
    parseGatewayConfig({ host: '127.0.0.1', auth: { enabled: false }, ...input });
  const config = parse(configuration);
  const gateway = buildGateway(config, {
    host: { env: process.env, kill: (pid, signal) => process.kill(pid, signal) },
    logs: { write: (line) => void logs.push(JSON.parse(line)) },
    ...dependencies,
  });
  const listening = await listen(gateway.listener);
  gateway.start();
  const clients: Client[] = [];
  const url = listening.url + config.path;
  return {
    origin: listening.url,
    url,
    logs,
    connect: async (options, view) => {
      const client = new Client({ name: 'test', version: '1.0.0' });
      const endpoint = new URL(view === undefined ? url : `${url}/${view}`);
      await client.connect(new StreamableHTTPClientTransport(endpoint, options) as never);
      clients.push(client);
      return client;
    },
    reload: (input, faults = []) => gateway.reload({ config: parse(input), warnings: [], faults }),
    waitFor: (backend, state) =>
      until(async () => {
        const ready = (await (await fetch(`${listening.url}/ready`)).json()) as { backends: object[] };
        return ready.backends.some((candidate) =>
          Object.entries({ name: backend, state }).every(
            ([key, value]) => (candidate as Record<string, unknown>)[key] === value,
          ),
        );
      }, `backend ${backend} to be ${state}`),
    post: (message, headers, view) =>
      fetch(view === undefined ? url : `${url}/${view}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          ...headers,
        },
        body: typeof message === 'string' ? message : JSON.stringify(message),
      }),
    close: closeAtEnd(async () => {
      await Promise.all(clients.map((client) => client.close().catch(() => {})));
      await gateway.close();
      await listening.close();
    }),
  };
}

/** Waits until something is true, looking every 20 ms. */
export async function until(condition: () => boolean | Promise<boolean>, what: string, ms = 8000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`gave up waiting for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The text of a tool's answer. */
export function textOf(result: unknown): string {
  return (result as { content: { text: string }[] }).content.map(({ text }) => text).join('\n');
}
