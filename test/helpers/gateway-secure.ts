import type { AddressInfo } from 'node:net';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Agent, fetch as undiciFetch } from 'undici';
import type { TestCertificate } from './certificates.js';
import { initialize } from './gateway-tokens.js';

/** A client that trusts one authority, and may show a certificate. */
export interface SecureClient {
  fetch: typeof fetch;
  /** Sends the first request of a client. @returns the status, or the code of the error that the connection failed with */
  status(url: string, headers?: Record<string, string>): Promise<number | string>;
  /** A client of the official SDK that has been initialized. */
  connect(url: string): Promise<Client>;
  close(): Promise<void>;
}

export function secureClient(authority: TestCertificate, own?: TestCertificate, more: object = {}): SecureClient {
  const agent = new Agent({ connect: { ca: authority.cert, cert: own?.cert, key: own?.key, ...more } });
  const secureFetch = ((url: string, init: object) => undiciFetch(url, { ...init, dispatcher: agent })) as never;
  const clients: Client[] = [];
  return {
    fetch: secureFetch,
    status: async (url, headers) => {
      try {
        const { status } = await undiciFetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
          body: JSON.stringify(initialize),
          dispatcher: agent,
        });
        return status;
      } catch (error) {
        return ((error as Error).cause as { code?: string } | undefined)?.code ?? String(error);
      }
    },
    connect: async (url) => {
      const client = new Client({ name: 'test', version: '1.0.0' });
      await client.connect(new StreamableHTTPClientTransport(new URL(url), { fetch: secureFetch }) as never);
      clients.push(client);
      return client;
    },
    close: async () => {
      await Promise.all(clients.map((client) => client.close().catch(() => {})));
      await agent.destroy();
    },
  };
}

/** The port of a server. */
export const portOf = (server: { address(): unknown }): number => (server.address() as AddressInfo).port;
