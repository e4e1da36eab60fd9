import type { HttpBackend } from '../../config/backend.js';
import { messageHeaders, pingBody } from '../gateway/endpoint.js';
import { ask } from '../http.js';
import type { Advice } from '../verdict.js';

/** Failures behind which the right server may be, at another path or over another transport. */
const doubtful =
  /HTTP 40[04569]|did not answer|does not begin with its endpoint|not JSON|without a result|empty answer/;

/** Milliseconds that a server gets to show what it is. */
const probeMs = 1000;

/**
 * Looks for an MCP server around a url at which there is none: at the usual paths, over both transports. Sends no credentials.
 *
 * @returns what to write in the configuration; `undefined` when there is none
 */
export async function otherTransport(backend: HttpBackend, reason: string): Promise<Advice | undefined> {
  if (!doubtful.test(reason)) return undefined;
  const url = new URL(backend.url);
  url.username = url.password = '';
  const places = [...new Set([url.pathname, '/mcp', '/sse', '/'])].map((path) => new URL(path, url));
  const found = (await Promise.all(places.map(transportAt))).find(
    (place) => place && (place.transport !== backend.transport || place.url.pathname !== url.pathname),
  );
  return (
    found && {
      cause: `the server is at another path or speaks another transport: it answers as ${found.transport} at ${found.url.pathname}`,
      solution: `set "url": "${found.url.href}", "transport": "${found.transport}"`,
    }
  );
}

async function transportAt(url: URL): Promise<{ url: URL; transport: HttpBackend['transport'] } | undefined> {
  const signal = AbortSignal.timeout(probeMs);
  const [isOlder, isNewer] = await Promise.all([isSse(url, signal), isStreamable(url, signal)]);
  if (!isOlder && !isNewer) return undefined;
  return { url, transport: isOlder ? 'sse' : 'streamable_http' };
}

/** The older transport begins with the address for messages. */
async function isSse(url: URL, signal: AbortSignal): Promise<boolean> {
  const answer = await ask(url, { headers: { accept: 'text/event-stream' }, signal }).catch(() => undefined);
  return answer?.isStream === true && /^event: *endpoint/m.test(answer.text);
}

async function isStreamable(url: URL, signal: AbortSignal): Promise<boolean> {
  const question = { method: 'POST', headers: messageHeaders, body: pingBody, signal } as const;
  const answer = await ask(url, question).catch(() => undefined);
  return answer !== undefined && ![404, 405].includes(answer.status) && answer.json.jsonrpc === '2.0';
}
