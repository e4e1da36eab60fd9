import { request } from 'node:http';
import { ClientCredentialsProvider } from '@modelcontextprotocol/sdk/client/auth-extensions.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { startGateway, type TestGateway } from '../../../helpers/gateway-instance.js';
import { startIssuer, type TestIssuer } from '../../../helpers/gateway-jwt.js';
import { type Listening, listen } from '../../../helpers/gateway-servers.js';

/** An authorization server that gives clients a token for their credentials. */
async function startAuthorizationServer(issuer: TestIssuer) {
  const asked: URLSearchParams[] = [];
  const listening = await listen(async (incoming, response) => {
    const { url } = listening;
    let body = '';
    for await (const chunk of incoming) body += chunk;
    if (incoming.url === '/.well-known/oauth-authorization-server') {
      const endpoints = { authorization_endpoint: `${url}/authorize`, token_endpoint: `${url}/token` };
      return void response.end(JSON.stringify({ issuer: url, ...endpoints, response_types_supported: ['code'] }));
    }
    const form = new URLSearchParams(body);
    asked.push(form);
    const claims = { iss: url, aud: form.get('resource') ?? '', scope: form.get('scope') ?? '' };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ access_token: await issuer.sign(claims), token_type: 'Bearer', expires_in: 300 }));
  });
  return { ...listening, asked };
}

/** The public URL of a gateway, before there is the gateway. */
async function startProxy(): Promise<Listening & { origin: string | undefined }> {
  const listening = await listen((incoming, response) => {
    const { method, headers, url } = incoming;
    const forwarded = request(`${proxy.origin}${url}`, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    forwarded.on('error', () => response.destroy());
    incoming.pipe(forwarded);
  });
  const proxy: Listening & { origin: string | undefined } = { ...listening, origin: undefined };
  return proxy;
}

let issuer: TestIssuer;
let server: Awaited<ReturnType<typeof startAuthorizationServer>>;
let proxy: Awaited<ReturnType<typeof startProxy>>;
let gateway: TestGateway;

beforeAll(async () => {
  issuer = await startIssuer();
  server = await startAuthorizationServer(issuer);
  proxy = await startProxy();
  const resource_url = `${proxy.url}/mcp`;
  gateway = await startGateway({
    auth: {
      issuers: [{ issuer: server.url, jwks_uri: issuer.url, audience: resource_url }],
      required_scopes: ['mcp'],
      resource_url,
    },
    views: { logs: {} },
  });
  proxy.origin = gateway.origin;
});

afterAll(async () => {
  await gateway?.close();
  for (const listening of [proxy, server, issuer]) await listening?.close();
});

test.each(['', '/logs'])(
  'the official client finds the authorization server, and comes back with a token (%s)',
  async (view) => {
    server.asked.length = 0;
    const credentials = { clientId: 'agent', clientSecret: 's3cret', scope: 'mcp', expectedIssuer: server.url };
    const authProvider = new ClientCredentialsProvider(credentials);
    const client = new Client({ name: 'test', version: '1.0.0' });
    await client.connect(
      new StreamableHTTPClientTransport(new URL(`${proxy.url}/mcp${view}`), { authProvider }) as never,
    );
    expect((await client.listTools()).tools).toEqual([]);
    expect(server.asked.map((form) => [form.get('resource'), form.get('scope')])).toEqual([
      [`${proxy.url}/mcp${view}`, 'mcp'],
    ]);
    await client.close();
  },
);
