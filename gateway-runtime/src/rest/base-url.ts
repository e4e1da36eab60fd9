import type { IncomingMessage } from 'node:http';
import type { GatewayConfig } from '../config/index.js';
import { restPath } from '../config/rest-path.js';

/** A name or an address, and a port; what else a client may write into `Host` has no place in a document. */
const hostForm = /^(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;

/**
 * The URL of the REST API as its caller reaches it: beside the public URL of the MCP endpoint, where that is configured.
 * @param prefix What a proxy puts in front of every path.
 * @example
 * // resource_url "https://gateway.example/team/mcp", prefix "/team"
 * baseUrlOf(request, config, '/team', 'logs'); // 'https://gateway.example/team/api/v1/views/logs'
 */
export function baseUrlOf(
  { headers: { host } }: IncomingMessage,
  { auth: { resource_url }, tls }: Pick<GatewayConfig, 'auth' | 'tls'>,
  prefix: string | undefined,
  view?: string,
): string {
  const path = restPath + (view === undefined ? '' : `/views/${view}`);
  if (resource_url) {
    const { origin, pathname } = new URL(resource_url);
    // A proxy that gives the endpoint another name leaves what stands before it.
    return origin + (prefix ?? pathname.replace(/\/[^/]*\/?$/, '')) + path;
  }
  const isPlain = host !== undefined && hostForm.test(host);
  return isPlain ? `${tls ? 'https' : 'http'}://${host}${path}` : path;
}
