// Clients that have no opinion of MCP, and spend as little as they can: what they spend is missing to what they measure.
import { Pool } from 'undici';

const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

/** Sends JSON-RPC messages to one endpoint. */
export class Load {
  #pool;
  #path;
  /** What is sent with every request. */
  headers;

  /** @param url MCP endpoint. @param token Bearer token, if it wants one. */
  constructor(url, connections, token) {
    const { origin, pathname } = new URL(url);
    this.#pool = new Pool(origin, { connections, pipelining: 1 });
    this.#path = pathname;
    this.headers = { ...headers, ...(token && { authorization: `Bearer ${token}` }) };
  }

  /** @param message What to send, or its JSON. @returns status, headers and text of the answer */
  post(message, more) {
    const body = typeof message === 'string' ? message : JSON.stringify(message);
    return new Promise((resolve, reject) => {
      const answer = { status: 0, headers: undefined, text: '' };
      const chunks = [];
      this.#pool.dispatch(
        { method: 'POST', path: this.#path, headers: { ...this.headers, ...more }, body },
        {
          onConnect() {},
          onHeaders(status, raw) {
            answer.status = status;
            answer.headers = raw;
            return true;
          },
          onData(chunk) {
            chunks.push(chunk);
            return true;
          },
          onComplete() {
            answer.text = (chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)).toString();
            resolve(answer);
          },
          onError: reject,
        },
      );
    });
  }

  /** Opens a session. @returns the headers that name it; none where there are no sessions */
  async begin(version = '2025-11-25') {
    const params = { protocolVersion: version, capabilities: {}, clientInfo: { name: 'bench', version: '1' } };
    const { headers: raw = [] } = await this.post({ jsonrpc: '2.0', id: 0, method: 'initialize', params });
    const at = raw.findIndex((name, index) => index % 2 === 0 && String(name).toLowerCase() === 'mcp-session-id');
    const session = { 'mcp-protocol-version': version, ...(at >= 0 && { 'mcp-session-id': String(raw[at + 1]) }) };
    await this.post({ jsonrpc: '2.0', method: 'notifications/initialized' }, session);
    return session;
  }

  /** Calls a tool once. @returns the answer */
  call(id, tool, given, session) {
    return this.post({ jsonrpc: '2.0', id, method: 'tools/call', params: { name: tool, arguments: given } }, session);
  }

  close() {
    return this.#pool.destroy();
  }
}

/**
 * Calls a tool as fast as so many connections can, for some seconds, and looks at every answer.
 * @returns calls per second, latencies in milliseconds, and how many answers were wrong
 */
export async function callRepeatedly(load, { connections, seconds, tool, argumentsOf, expected, session }) {
  const times = [];
  let wrong = 0;
  let id = 1;
  const began = performance.now();
  const end = began + seconds * 1000;
  const worker = async () => {
    for (;;) {
      const sentAt = performance.now();
      if (sentAt > end) return;
      const own = id++;
      const { status, text } = await load.call(own, tool, argumentsOf(own), session);
      times.push(performance.now() - sentAt);
      if (status !== 200 || !text.includes(`"id":${own}`) || !text.includes(expected(own))) wrong++;
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
  const elapsed = (performance.now() - began) / 1000;
  times.sort((a, b) => a - b);
  const quantile = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
  return { calls: times.length, perSecond: times.length / elapsed, p50: quantile(0.5), p99: quantile(0.99), wrong };
}
