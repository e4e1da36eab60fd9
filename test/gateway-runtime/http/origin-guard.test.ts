import { request } from 'node:http';
import { startGateway } from '../../helpers/gateway-instance.js';

const ping = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });

/** fetch sets Host and Origin itself, so this goes below it. */
function statusOf(origin: string, headers: Record<string, string>, method = 'POST') {
  return new Promise<{ status?: number; headers: Record<string, unknown> }>((resolve, reject) => {
    const sent = request(`${origin}/mcp`, { method, headers: { 'content-type': 'application/json', ...headers } });
    sent.on('response', (answer) => {
      answer.resume();
      resolve({ status: answer.statusCode, headers: answer.headers });
    });
    sent.on('error', reject);
    sent.end(method === 'POST' ? ping : undefined);
  });
}

test.each<[string, Record<string, string>, Record<string, unknown>, number]>([
  ['no page is involved', {}, {}, 200],
  ['a page of the gateway itself calls', { host: 'localhost:1', origin: 'http://localhost:1' }, {}, 200],
  ['another page of this machine calls', { host: 'localhost:1', origin: 'http://localhost:2' }, {}, 403],
  ['a page of somewhere else calls', { origin: 'https://evil.example' }, {}, 403],
  ['a page without an origin calls', { origin: 'null' }, {}, 403],
  ['a name was rebound to this machine', { host: 'evil.example', origin: 'http://evil.example' }, {}, 403],
  [
    'a name was rebound to an open listener',
    { host: 'evil.example', origin: 'http://evil.example' },
    { host: '0.0.0.0' },
    403,
  ],
  ['the Host is a name nobody knows', { host: 'evil.example' }, {}, 403],
  ['the Host is a service name', { host: 'gateway.mcp.svc' }, { host: '0.0.0.0' }, 200],
  ['the page is listed', { origin: 'https://app.example' }, { cors_origins: ['https://app.example'] }, 200],
  ['the page is nearly listed', { origin: 'https://app.example.evil' }, { cors_origins: ['https://app.example'] }, 403],
  ['every page is allowed', { origin: 'https://any.example' }, { cors_origins: ['*'] }, 200],
  [
    'the page is at the public URL',
    { host: 'mcp.example', origin: 'https://mcp.example' },
    { resource_url: 'https://mcp.example/mcp' },
    200,
  ],
])('when %s', async (_, headers, { host, ...auth }, status) => {
  const gateway = await startGateway({
    stateless: true,
    auth: { enabled: false, ...auth },
    ...(host !== undefined && { host: String(host) }),
  });
  expect((await statusOf(gateway.origin, headers)).status).toBe(status);
  await gateway.close();
});

test('a browser may ask first and read the session id', async () => {
  const gateway = await startGateway({
    auth: { static_tokens: { t: { client_id: 't' } }, cors_origins: ['https://a.example'] },
  });
  const preflight = await statusOf(gateway.origin, { origin: 'https://a.example' }, 'OPTIONS');
  expect(preflight).toMatchObject({
    status: 204,
    headers: {
      'access-control-allow-origin': 'https://a.example',
      'access-control-allow-methods': 'GET, POST, DELETE',
      'access-control-allow-headers': expect.stringContaining('Mcp-Session-Id'),
      vary: 'Origin',
    },
  });
  const refused = await statusOf(gateway.origin, { origin: 'https://a.example' });
  expect(refused).toMatchObject({
    status: 401,
    headers: {
      'access-control-expose-headers': 'Mcp-Session-Id, WWW-Authenticate, Retry-After, X-Request-Id, Link',
    },
  });
  expect((await statusOf(gateway.origin, { origin: 'https://b.example' }, 'OPTIONS')).status).toBe(403);
  await gateway.close();
});

test('a browser may send what a tool wants in headers, and nothing else that it thinks of', async () => {
  const gateway = await startGateway({ auth: { enabled: false, cors_origins: ['*'] } });
  const asked = 'Mcp-Method, mcp-param-region, Mcp-Param-Ta$k,x-other,mcp-param-,mcp-param-a b';
  const headers = { origin: 'https://a.example', 'access-control-request-headers': asked };
  const { headers: given } = await statusOf(gateway.origin, headers, 'OPTIONS');
  expect(String(given['access-control-allow-headers']).split(', ')).toEqual([
    ...['Authorization', 'Content-Type', 'Accept', 'Mcp-Session-Id', 'MCP-Protocol-Version', 'Last-Event-ID'],
    ...['Mcp-Method', 'Mcp-Name', 'X-Request-Id', 'Traceparent', 'Tracestate', 'mcp-param-region', 'Mcp-Param-Ta$k'],
  ]);
  await gateway.close();
});
