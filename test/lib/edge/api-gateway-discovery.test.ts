import { ClientCredentialsProvider } from '@modelcontextprotocol/sdk/client/auth-extensions.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { TerraformOutput, type TerraformStack } from 'cdktf';
import {
  ApiGatewayEdge,
  type ApiGatewayEdgeProps,
  ContainerInstanceHosting,
  InboundAuth,
  type JwtAuthOptions,
  McpGateway,
  McpServer,
} from 'cdktf-oci-mcp';
import { startApiGateway, type TestApiGateway } from '../../helpers/api-gateway';
import { startGateway, type TestGateway } from '../../helpers/gateway-instance';
import { startIssuer, type TestIssuer } from '../../helpers/gateway-jwt';
import { type Listening, listen, type SampleHttpServer, startHttpServer } from '../../helpers/gateway-servers';
import { evaluate, renderedConfig } from '../../helpers/rendered-config';
import { type Synthesized, synth } from '../../helpers/synth';
import { compartmentId, image, network } from '../fixtures';

const securityGroupId = 'ocid1.networksecuritygroup.oc1..edge';
const shared = { gatewayId: 'ocid1.apigateway.oc1..shared', compartmentId, securityGroupId };

/** What stands on this machine, under the names that it has on the platform. */
interface Platform {
  readonly url: string;
  readonly edge: TestApiGateway;
}

let issuer: TestIssuer;
let server: SampleHttpServer;
let authorizationServer: Listening;
const asked: URLSearchParams[] = [];

beforeAll(async () => {
  issuer = await startIssuer();
  server = await startHttpServer('s');
  authorizationServer = await listen(async (request, response) => {
    response.setHeader('content-type', 'application/json');
    const origin = authorizationServer.url;
    if (request.url === '/.well-known/oauth-authorization-server') {
      const endpoints = { authorization_endpoint: `${origin}/authorize`, token_endpoint: `${origin}/token` };
      const supported = {
        response_types_supported: ['code'],
        token_endpoint_auth_methods_supported: ['client_secret_basic'],
      };
      response.end(JSON.stringify({ issuer: origin, ...endpoints, ...supported }));
    } else if (request.url === '/token') {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const form = new URLSearchParams(Buffer.concat(chunks).toString());
      asked.push(form);
      const access_token = await issuer.sign({ iss: origin, scope: form.get('scope') ?? '' });
      response.end(JSON.stringify({ access_token, token_type: 'Bearer' }));
    } else {
      response.writeHead(404).end();
    }
  });
});

afterAll(async () => {
  await authorizationServer?.close();
  await server?.close();
  await issuer?.close();
});

beforeEach(() => void asked.splice(0));

const tokens = (options: Partial<JwtAuthOptions> = {}) =>
  InboundAuth.jwt({
    issuer: authorizationServer.url,
    audiences: ['mcp'],
    jwksUri: `${issuer.url}/jwks`,
    requiredScopes: ['mcp:use'],
    ...options,
  });

function edgeOn(stack: TerraformStack, props: Partial<ApiGatewayEdgeProps>, options?: Partial<JwtAuthOptions>): void {
  const target = new McpGateway(stack, 'Gateway', {
    image,
    hosting: new ContainerInstanceHosting({ network: network(stack), compartmentId }),
    inboundAuth: tokens(options),
    backends: [McpServer.fromEndpoint(stack, 'Sample', { url: server.url })],
  });
  const place = props.apiGateway ? {} : { network: network(stack) };
  const edge = new ApiGatewayEdge(stack, 'Edge', { compartmentId, target, ...place, ...props });
  new TerraformOutput(stack, 'url', { value: edge.url });
}

async function start(stack: Synthesized): Promise<Platform & { readonly gateway: TestGateway }> {
  const gateway = await startGateway({ ...renderedConfig(stack), host: '127.0.0.1' });
  await gateway.waitFor('sample', 'connected');
  const edge = await startApiGateway(stack, () => gateway.origin);
  return { url: String(evaluate(stack.json['output'].url.value)), edge, gateway };
}

/** A client of the official SDK that knows the URL and its own credentials, and nothing else. */
async function connect({ url, edge }: Platform): Promise<Client> {
  const { origin } = new URL(url);
  const client = new Client({ name: 'agent', version: '1.0.0' });
  const authProvider = new ClientCredentialsProvider({
    clientId: 'agent',
    clientSecret: 'not-checked-here',
    scope: 'mcp:use',
    expectedIssuer: authorizationServer.url,
  });
  const onPlatform: typeof fetch = (input, init) => fetch(String(input).replace(origin, edge.url), init);
  const transport = new StreamableHTTPClientTransport(new URL(url), { authProvider, fetch: onPlatform });
  await client.connect(transport as never);
  return client;
}

const pathsOf = ({ edge }: Platform) => edge.requests.map(({ method, path, status }) => `${method} ${path} ${status}`);

test.each<[string, Partial<ApiGatewayEdgeProps>, string, string]>([
  ['an API Gateway of its own', {}, '/mcp', '/.well-known/oauth-protected-resource/mcp'],
  [
    'a shared API Gateway',
    { apiGateway: shared, pathPrefix: '/team/agents' },
    '/team/agents/mcp',
    '/.well-known/oauth-protected-resource/team/agents/mcp',
  ],
  [
    'JWT_AUTHENTICATION, whose 401 names nothing',
    { authentication: 'JWT_AUTHENTICATION' },
    '/mcp',
    '/.well-known/oauth-protected-resource/mcp',
  ],
  [
    'JWT_AUTHENTICATION on a shared API Gateway',
    { apiGateway: shared, authentication: 'JWT_AUTHENTICATION' },
    '/edge/mcp',
    '/.well-known/oauth-protected-resource/edge/mcp',
  ],
  [
    'the gateway alone checking tokens, on a shared API Gateway',
    { apiGateway: shared, authentication: 'NONE' },
    '/edge/mcp',
    '/.well-known/oauth-protected-resource/edge/mcp',
  ],
])('a client finds its way in through %s', async (_, props, path, metadata) => {
  const platform = await start(synth((stack) => edgeOn(stack, props)));
  expect(platform.url).toBe(`https://reference.example${path}`);
  const client = await connect(platform);
  expect((await client.listTools()).tools.length).toBeGreaterThan(0);
  expect(pathsOf(platform).slice(0, 3)).toEqual([`POST ${path} 401`, `GET ${metadata} 200`, `POST ${path} 200`]);
  expect(asked.map((form) => form.get('resource'))).toEqual([platform.url]);
  const document = (await (await fetch(platform.edge.url + metadata)).json()) as object;
  expect(document).toMatchObject({ resource: platform.url, authorization_servers: [authorizationServer.url] });
  await client.close();
});

test('a client finds its way in to a server that knows nothing of tokens, and never sees one', async () => {
  const stack = synth((scope) => {
    const target = McpServer.fromEndpoint(scope, 'Sample', { url: 'https://sample.example/mcp' });
    const apiGateway = { gatewayId: shared.gatewayId, compartmentId };
    const edge = new ApiGatewayEdge(scope, 'Edge', { compartmentId, target, apiGateway, inboundAuth: tokens() });
    new TerraformOutput(scope, 'url', { value: edge.url });
  });
  const edge = await startApiGateway(stack, () => new URL(server.url).origin);
  const platform = { url: String(evaluate(stack.json['output'].url.value)), edge };
  const client = await connect(platform);
  expect((await client.listTools()).tools.length).toBeGreaterThan(0);
  expect(pathsOf(platform).slice(0, 3)).toEqual([
    'POST /edge/mcp 401',
    'GET /.well-known/oauth-protected-resource/edge/mcp 200',
    'POST /edge/mcp 200',
  ]);
  expect(server.seen.headers.length).toBeGreaterThan(0);
  expect(server.seen.headers.filter((headers) => 'authorization' in headers)).toEqual([]);
  await client.close();
});

test('the 401 of the edge and the one of the gateway say the same', async () => {
  const { edge, gateway, url } = await start(synth((stack) => edgeOn(stack, { apiGateway: shared })));
  const challenge = async (at: string) => (await fetch(at, { method: 'POST' })).headers.get('www-authenticate');
  const ofEdge = await challenge(edge.url + new URL(url).pathname);
  expect(ofEdge).toBe(
    'Bearer scope="mcp:use", resource_metadata="https://reference.example/.well-known/oauth-protected-resource/edge/mcp"',
  );
  expect(await challenge(gateway.url)).toBe(ofEdge);
});

test('nothing else is routed, and a token without the scope ends at the edge', async () => {
  const { edge } = await start(synth((stack) => edgeOn(stack, {})));
  const status = async (path: string, init?: RequestInit) => (await fetch(edge.url + path, init)).status;
  expect(await status('/health')).toBe(200);
  expect(await status('/health', { method: 'POST' })).toBe(405);
  for (const path of ['/', '/ready', '/mcp/x', '/.well-known', '/.well-known/oauth-authorization-server']) {
    expect([path, await status(path)]).toEqual([path, 404]);
  }
  const weak = await issuer.sign({ iss: authorizationServer.url, scope: 'mcp:other' });
  const foreign = await issuer.sign({ iss: authorizationServer.url, scope: 'mcp:use', aud: 'other' });
  expect(await status('/mcp', { method: 'POST', headers: { authorization: `Bearer ${weak}` } })).toBe(403);
  expect(await status('/mcp', { method: 'POST', headers: { authorization: `Bearer ${foreign}` } })).toBe(401);
});
