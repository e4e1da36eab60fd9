import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { toWebRequest } from '@modelcontextprotocol/node';
import { isLegacyRequest } from '@modelcontextprotocol/server';
import { createLegacyEndpoint } from './legacy';
import { createModernEndpoint } from './modern';

const ownNames = new Set(['localhost', '127.0.0.1', '[::1]']);

/** One endpoint for both eras: requests with the metadata of the stateless era go there, all others to sessions. */
export function createFixture(): Server {
  const legacy = createLegacyEndpoint();
  const modern = createModernEndpoint();
  return createServer(async (request, response) => {
    try {
      if (!isFromHere(request)) return void response.writeHead(403).end();
      if (request.method !== 'POST') return await legacy(request, response);
      const probe = await toWebRequest(request as never);
      const isLegacy = await isLegacyRequest(probe);
      const body: unknown = JSON.parse(await probe.text());
      await (isLegacy ? legacy(request, response, body) : modern(request as never, response as never, body));
    } catch {
      fail(response);
    }
  });
}

/** Whether a page of another site, whose name was made to resolve to this machine, cannot have sent it. */
function isFromHere({ headers: { host = '', origin } }: IncomingMessage): boolean {
  const names = [host, ...(origin === undefined ? [] : [URL.canParse(origin) ? new URL(origin).host : ''])];
  return names.every((name) => ownNames.has(name.replace(/:\d+$/, '')));
}

function fail(response: ServerResponse): void {
  if (!response.headersSent) response.writeHead(500);
  response.end();
}
