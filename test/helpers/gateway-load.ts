import { Pool } from 'undici';

/** An answer to a message, and how long it took. */
export interface Answered {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly text: string;
  readonly ms: number;
}

/** A client that has no opinion of MCP, and spends nothing on it. */
export interface LoadClient {
  post(message: unknown, headers?: Record<string, string>): Promise<Answered>;
  /** Opens a session of the legacy era. @returns the headers that name it */
  begin(): Promise<Record<string, string>>;
  close(): Promise<void>;
}

/** Makes a client with so many connections at most. @param url The MCP endpoint. */
export function loadClient(url: string, connections: number): LoadClient {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections });
  const post: LoadClient['post'] = async (message, headers) => {
    const began = performance.now();
    const answer = await pool.request({
      method: 'POST',
      path: pathname,
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
      body: typeof message === 'string' ? message : JSON.stringify(message),
    });
    const text = await answer.body.text();
    return { status: answer.statusCode, headers: answer.headers, text, ms: performance.now() - began };
  };
  return {
    post,
    begin: async () => {
      const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'load', version: '1' } };
      const { headers } = await post({ jsonrpc: '2.0', id: 0, method: 'initialize', params });
      const session = { 'mcp-session-id': String(headers['mcp-session-id']) };
      await post({ jsonrpc: '2.0', method: 'notifications/initialized' }, session);
      return session;
    },
    close: () => pool.destroy(),
  };
}

/** Does something over and over, so many times at once, until the time is up. */
export async function repeat(atOnce: number, ms: number, work: (n: number) => Promise<void>): Promise<void> {
  const end = performance.now() + ms;
  let n = 0;
  const worker = async () => {
    while (performance.now() < end) await work(n++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** The value below which this share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
