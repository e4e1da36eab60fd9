import { request } from 'undici';
import { latestLegacyVersion } from '../../config/versions.js';
import { ask, headerOf } from '../http.js';
import { ok, type Verdict, warning } from '../verdict.js';
import { messageHeaders } from './endpoint.js';

/** Milliseconds after which a stream that has not begun is held back by somebody. */
const promptMs = 2000;

/**
 * Whether streams arrive as they are sent: opens the one a client listens to, whose head the gateway sends at once, and which a
 * proxy that collects answers passes on late or never.
 */
export async function arrivesAtOnce(
  url: URL,
  authorization: Record<string, string>,
  signal: AbortSignal,
): Promise<Verdict> {
  const params = {
    protocolVersion: latestLegacyVersion,
    capabilities: {},
    clientInfo: { name: 'doctor', version: '1' },
  };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params });
  const opened = await ask(url, { method: 'POST', headers: { ...messageHeaders, ...authorization }, body, signal });
  const session = headerOf(opened, 'mcp-session-id');
  if (!session) return ok('keeps no sessions, so there is no stream to listen to');
  const headers = { ...authorization, 'mcp-session-id': session, 'mcp-protocol-version': latestLegacyVersion };
  try {
    return await listen(url, { ...headers, accept: 'text/event-stream' }, signal);
  } finally {
    await ask(url, { method: 'DELETE', headers, signal: AbortSignal.timeout(promptMs) }).catch(() => {});
  }
}

async function listen(url: URL, headers: Record<string, string>, signal: AbortSignal): Promise<Verdict> {
  const begin = performance.now();
  const patience = AbortSignal.any([signal, AbortSignal.timeout(promptMs)]);
  const answer = await request(url, { headers, signal: patience }).catch(() => undefined);
  answer?.body.on('error', () => {}).destroy();
  if (answer?.statusCode === 200) return ok(`a stream begins after ${Math.round(performance.now() - begin)} ms`);
  if (answer?.statusCode === 405) return ok('offers no stream to listen to');
  return warning(
    answer ? `HTTP ${answer.statusCode} in place of a stream` : `no stream begins within ${promptMs / 1000} s`,
    {
      cause: 'a proxy in front collects answers before it passes them on (an OCI API Gateway may), or takes no GET',
      solution:
        'switch buffering off for this path (proxy_buffering off), route GET to the gateway, or use a load balancer; clients that need no news are served all the same',
    },
  );
}
