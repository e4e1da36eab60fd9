import { request } from 'node:http';
import { join } from 'node:path';
import { startGateway, type TestGateway, textOf, until } from '../../../helpers/gateway-instance.js';
import { startIntrospection } from '../../../helpers/gateway-introspection.js';
import { startIssuer } from '../../../helpers/gateway-jwt.js';
import { startModernServer } from '../../../helpers/gateway-modern-servers.js';
import { type Listening, listen, startHttpServer, startSseServer } from '../../../helpers/gateway-servers.js';
import { bearer, initialize } from '../../../helpers/gateway-tokens.js';
import { startCollector } from '../../../helpers/otlp-collector.js';

const stdioServer = join(__dirname, '../../fixtures/stdio-server.mjs');
const open: { close(): Promise<unknown> }[] = [];
afterAll(async () => {
  for (const resource of open.reverse()) await resource.close();
});

function keep<T extends { close(): Promise<unknown> }>(resource: T): T {
  open.push(resource);
  return resource;
}

/** Everything that backends were sent, as it came. */
let received = '';

/** Writes down what a server is sent, and passes it on. */
async function recorded(server: Listening): Promise<string> {
  const { origin, pathname } = new URL(server.url);
  const recorder = keep(
    await listen((incoming, response) => {
      const { method, url, headers, rawHeaders } = incoming;
      received += `${method} ${url} ${rawHeaders.join(' ')}\n`;
      const forwarded = request(`${origin}${url}`, { method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
        response.on('close', () => answer.destroy());
      });
      forwarded.on('error', () => response.destroy());
      incoming.on('data', (chunk) => {
        received += chunk;
      });
      incoming.pipe(forwarded);
    }),
  );
  return `${recorder.url}${pathname}`;
}

const names = ['legacy', 'modern', 'sse', 'child', 'down'];
let gateway: TestGateway;
let collector: Awaited<ReturnType<typeof startCollector>>;
const tokens: Record<string, string> = {
  static: 'the-static-token-of-a-client',
  opaque: 'the-opaque-token-of-a-client',
};

beforeAll(async () => {
  const issuer = keep(await startIssuer());
  const introspection = keep(await startIntrospection());
  introspection.tokens.set(tokens.opaque as string, { active: true, aud: 'mcp', sub: 'ada' });
  tokens.jwt = await issuer.sign();
  collector = keep(await startCollector());
  const [legacy, modern, sse] = await Promise.all([
    startHttpServer('legacy'),
    startModernServer('modern'),
    startSseServer('sse'),
  ]);
  for (const server of [legacy, modern, sse]) keep(server);
  gateway = keep(
    await startGateway({
      log_level: 'DEBUG',
      auth: {
        issuers: [{ issuer: issuer.name, jwks_uri: issuer.url, audience: 'mcp' }],
        introspection: { url: introspection.url, client_id: 'gateway', client_secret: 's3cret', audience: 'mcp' },
        static_tokens: { [tokens.static as string]: { client_id: 'ci', scopes: ['*'] } },
      },
      gateway_tools: { enabled: true, required_scopes: [] },
      traces: { otlp_url: collector.url, data_key: 'key' },
      backends: [
        { name: 'legacy', url: await recorded(legacy) },
        { name: 'modern', url: await recorded(modern) },
        { name: 'sse', transport: 'sse', url: sse.url },
        { name: 'child', command: process.execPath, args: [stdioServer] },
        { name: 'down', url: 'http://127.0.0.1:1/mcp' },
      ],
    }),
  );
  for (const name of names.slice(0, -1)) await gateway.waitFor(name, 'connected');
});

test.each(['static', 'opaque', 'jwt'])('a %s token goes no further than the gateway', async (kind) => {
  const token = tokens[kind] as string;
  const before = received.length;
  const client = await gateway.connect({ requestInit: { headers: bearer(token) } });
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['legacy_echo', 'modern_echo', 'sse_echo', 'child_echo']),
  );
  for (const name of names.slice(0, -1)) await client.callTool({ name: `${name}_echo`, arguments: { text: 'x' } });
  const told = [
    JSON.stringify(await client.callTool({ name: 'down_echo', arguments: {} }).catch((error) => String(error))),
    JSON.stringify(await client.callTool({ name: 'legacy_fail' })),
    JSON.stringify(await client.callTool({ name: 'no_such_tool' }).catch((error) => String(error))),
    textOf(await client.callTool({ name: 'child_environment' })),
    JSON.stringify(await client.callTool({ name: 'gateway_audit_log' })),
    JSON.stringify(await client.readResource({ uri: 'note://legacy' })),
    await (await fetch(`${gateway.origin}/ready`, { headers: bearer(token) })).text(),
    await (await gateway.post(initialize, bearer(`${token}x`))).text(),
    await (await gateway.post('{', bearer(token))).text(),
  ];
  await until(() => collector.bodies.join().includes('legacy_fail'), 'spans');
  expect(received.length).toBeGreaterThan(before);
  const places = { received, told: told.join(), logs: JSON.stringify(gateway.logs), spans: collector.bodies.join() };
  const secret = token.slice(-20);
  for (const [place, text] of Object.entries(places)) expect([place, text.includes(secret)]).toEqual([place, false]);
  expect(received).toContain('tools/call');
  expect(received).not.toMatch(/authorization/i);
});
