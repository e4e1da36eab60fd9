import { startGateway } from '../../../helpers/gateway-instance';
import { makeIssuerKey } from '../../../helpers/gateway-jwt';
import { type Listening, listen } from '../../../helpers/gateway-servers';
import { faultsOfOpenApi } from '../../../helpers/openapi-documents';

const token = 'an-operator-with-a-long-token';

/** An authorization server that says this of itself, at one of the places where clients look. */
async function startServer(metadata: object | undefined, place = '/.well-known/openid-configuration') {
  const asked: string[] = [];
  const server: Listening = await listen((request, response) => {
    asked.push(request.url ?? '');
    if (request.url !== place || !metadata) return void response.writeHead(404).end();
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ issuer: server.url, ...metadata }));
  });
  return { ...server, asked };
}

// biome-ignore lint/suspicious/noExplicitAny: tests look at single members
type Document = Record<string, any>;

/** The document of a gateway that takes tokens of these servers, and a fixed one. */
async function documentOf(servers: readonly Listening[], auth: object = {}, path = 'openapi.json', times = 1) {
  const { publicKey } = await makeIssuerKey();
  const gateway = await startGateway({
    rest_api: true,
    views: { logs: { required_scopes: ['logs'] } },
    auth: {
      issuers: servers.map(({ url }) => ({ issuer: url, audience: 'mcp', public_key: publicKey })),
      static_tokens: { [token]: { client_id: 'operator', scopes: ['*'] } },
      required_scopes: ['mcp'],
      scope_prefix: 'gw:',
      ...auth,
    },
  });
  const documents: Document[] = [];
  for (let time = 0; time < times; time++) {
    const answer = await fetch(`${gateway.origin}/api/v1/${path}`, { headers: { authorization: `Bearer ${token}` } });
    documents.push((await answer.json()) as Document);
  }
  await gateway.close();
  expect(await faultsOfOpenApi(documents[0])).toEqual([[]]);
  return documents[0] as Document;
}

const endpoints = (url: string) => ({ authorization_endpoint: `${url}/authorize`, token_endpoint: `${url}/token` });

test('says the flows and scopes of an authorization server that describes itself', async () => {
  const grants = ['authorization_code', 'refresh_token', 'client_credentials'];
  const server = await startServer({ ...endpoints('https://login.example'), grant_types_supported: grants });
  const { components, security } = await documentOf([server], {}, 'openapi.json', 3);
  const [tokenUrl, scopes] = ['https://login.example/token', { 'gw:mcp': '' }];
  expect(components.securitySchemes).toEqual({
    oauth: {
      type: 'oauth2',
      description: `Tokens of ${server.url}`,
      flows: {
        authorizationCode: {
          authorizationUrl: 'https://login.example/authorize',
          tokenUrl,
          refreshUrl: tokenUrl,
          scopes,
        },
        clientCredentials: { tokenUrl, scopes },
      },
    },
    bearer: { type: 'http', scheme: 'bearer', description: `A token of ${server.url}` },
  });
  expect(security).toEqual([{ oauth: ['gw:mcp'] }, { bearer: [] }]);
  // Each place is asked once, however often the document is.
  expect(server.asked.sort()).toEqual(['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration']);
});

test('knows a server by the name of its tokens, as identity domains all have one', async () => {
  const issuer = 'https://identity.oraclecloud.com/';
  const server = await startServer({ ...endpoints('https://login.example'), issuer });
  const { publicKey: public_key } = await makeIssuerKey();
  const issuers = [{ issuer: 'https://identity.oraclecloud.com', audience: 'mcp', public_key }];
  const { components } = await documentOf([], { issuers, authorization_servers: [server.url] });
  expect(components.securitySchemes.oauth.flows.authorizationCode.tokenUrl).toBe('https://login.example/token');
});

test('says the scopes that a view needs, too, in 3.0 as in 3.1', async () => {
  const server = await startServer(endpoints('https://login.example'), '/.well-known/oauth-authorization-server');
  for (const path of ['views/logs/openapi.json', 'views/logs/openapi-3.0.json']) {
    const { components, security } = await documentOf([server], {}, path);
    expect(security[0]).toEqual({ oauth: ['gw:mcp', 'gw:logs'] });
    expect(Object.keys(components.securitySchemes.oauth.flows)).toEqual(['authorizationCode']);
  }
});

test.each([
  ['describes nothing', undefined],
  ['speaks for another', { issuer: 'https://other.example', ...endpoints('https://other.example') }],
  [
    'has endpoints that are none',
    { authorization_endpoint: 'javascript:alert(1)', token_endpoint: 'file:///etc/passwd' },
  ],
])('asks for a bearer token where a server %s', async (_, metadata) => {
  const server = await startServer(metadata);
  const { components, security } = await documentOf([server]);
  expect([Object.keys(components.securitySchemes), security]).toEqual([['bearer'], [{ bearer: [] }]]);
});

test('asks for nothing where nobody is asked', async () => {
  const document = await documentOf([], { enabled: false, scope_prefix: undefined });
  expect(document).not.toHaveProperty('security');
  expect(document.components).not.toHaveProperty('securitySchemes');
});
