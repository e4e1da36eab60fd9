import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServiceV1 } from '@cdktf/provider-kubernetes/lib/service-v1';
import { IdentityDynamicGroup } from '@cdktf/provider-oci/lib/identity-dynamic-group';
import { IdentityPolicy as PolicyResource } from '@cdktf/provider-oci/lib/identity-policy';
import { App, TerraformStack, Testing } from 'cdktf';
import {
  ApiGatewayEdge,
  ContainerInstanceHosting,
  IdentityDomain,
  IdentityDomainApp,
  InboundAuth,
  LoadBalancerEdge,
  McpGateway,
  McpServer,
  McpServerSource,
  OciCache,
  OkeHosting,
  type PlatformDocument,
  PlatformReport,
  StdioHosting,
} from 'cdktf-oci-mcp';
import { repository } from '../../helpers/imports';
import { synth } from '../../helpers/synth';
import { cluster, compartmentId, image, network, reference } from '../fixtures';
import { makePlatform } from './platform';

/** The document of a stack. */
function documentOf(build: (stack: TerraformStack) => void): PlatformDocument {
  const documents: PlatformDocument[] = [];
  synth((stack) => {
    build(stack);
    documents.push(PlatformReport.of(stack));
  });
  return documents[0] as PlatformDocument;
}

/** What synthesizing the platform writes, by file. */
function write(): { readonly [file: string]: string } {
  const outdir = mkdtempSync(join(tmpdir(), 'report-'));
  try {
    const app = new App({ outdir });
    PlatformReport.write(app);
    makePlatform(app);
    app.synth();
    const files = readdirSync(outdir).filter((file) => file.startsWith('mcp-platform'));
    return Object.fromEntries(files.map((file) => [file, readFileSync(join(outdir, file), 'utf8')]));
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

describe('a platform', () => {
  const files = write();
  const document: PlatformDocument = JSON.parse(files['mcp-platform.json'] ?? '{}');

  test('is written as JSON and as Markdown, the same each time and without the paths of a machine', () => {
    expect(Object.keys(files)).toEqual(['mcp-platform.json', 'mcp-platform.md']);
    expect(write()).toEqual(files);
    expect(Object.values(files).join()).not.toMatch(/\/tmp\/|\/home\/|\/work\//);
  });

  test('is shown on the page', () => {
    expect(readFileSync(join(repository, 'docs', 'report-sample.md'), 'utf8')).toBe(files['mcp-platform.md']);
  });

  test('has a version', () => expect(document.version).toBe(1));

  test('tells what runs where', () => {
    expect(document.servers).toMatchObject([
      { path: 'platform/Docs', name: 'docs', url: 'https://docs.example/mcp' },
      {
        path: 'platform/Logs',
        name: 'logs',
        description: 'Searches logs | of everything',
        url: 'http://${platform/Logs/Vnic.private_ip_address}:8000/mcp',
        host: { type: 'oci_container_instances_container_instance' },
      },
    ]);
    expect(document.servers[0]).not.toHaveProperty('host');
    expect(document.gateways).toEqual([
      {
        path: 'platform/Gateway',
        url: 'http://${platform/Gateway/Vnic.private_ip_address}:9000/mcp',
        host: {
          type: 'oci_container_instances_container_instance',
          address: expect.stringMatching(/^oci_container_instances_container_instance\.Gateway_/),
        },
        authentication: {
          method: 'tokens of an issuer',
          issuers: ['https://identity.oraclecloud.com', 'https://identity.oraclecloud.com/'],
          audiences: ['https://mcp.acme.example/'],
          tools: [{ tool: 'logs_*', scopes: ['tools:logs_'], anyOf: true }],
        },
      },
    ]);
  });

  test('tells who may call what', () => {
    expect(document.clients).toEqual([
      {
        path: 'platform/Assistant',
        grants: ['client_credentials'],
        scopes: ['${platform/Api/Resource.audience}tools:logs_'],
        tools: { 'platform/Gateway': ['logs_*'] },
      },
    ]);
    expect(document.calls).toEqual([
      { from: 'platform/Gateway', to: 'platform/Docs', tools: ['search'], encrypted: true },
      { from: 'platform/Gateway', to: 'platform/Logs', tools: ['*'], encrypted: false },
    ]);
  });

  test('tells of its edge in one entry, with the routes that everybody may call', () => {
    const backend = 'http://${platform/Gateway/Vnic.private_ip_address}:9000';
    expect(document.edges).toMatchObject([
      {
        path: 'platform/Edge',
        kind: 'API gateway',
        url: 'https://${platform/Edge/Gateway.hostname}/mcp',
        public: false,
        authentication: 'TOKEN_AUTHENTICATION',
        leadsTo: ['platform/Gateway'],
      },
    ]);
    const routes = document.edges[0]?.routes ?? [];
    expect(routes.filter(({ anonymous }) => !anonymous)).toEqual([
      {
        route: 'DELETE, GET, POST /mcp',
        backend: `${backend}/mcp`,
        anonymous: false,
        scopes: ['tools:logs_'],
        encrypted: false,
      },
    ]);
    expect(routes.filter(({ anonymous }) => anonymous).map(({ route }) => route)).toEqual([
      'GET /.well-known/oauth-protected-resource',
      'GET /.well-known/oauth-protected-resource/mcp',
      'GET /health',
    ]);
  });

  test('tells which network paths are open, and whether they are encrypted', () => {
    expect(document.paths).toEqual([
      { from: '10.20.0.0/16', to: 'platform/Edge', port: 'TCP 443', encrypted: true },
      { from: 'platform/Edge', to: '0.0.0.0/0', port: 'TCP 443', encrypted: true },
      { from: 'platform/Edge', to: 'platform/Gateway', port: 'TCP 9000', encrypted: false },
      { from: 'platform/Gateway', to: '0.0.0.0/0', port: 'TCP 443', encrypted: true },
      { from: 'platform/Gateway', to: 'platform/Logs', port: 'TCP 8000', encrypted: false },
      { from: 'platform/Logs', to: '0.0.0.0/0', port: 'TCP 443', encrypted: true },
    ]);
  });

  test('tells why each statement exists, which secrets are read and what is suppressed', () => {
    expect(document.statements).toEqual([
      {
        statement: expect.stringContaining(
          "request.principal.id='${platform/Gateway/ContainerInstance.id}', target.secret.id='ocid1.vaultsecret.oc1..docs'",
        ),
        policy: 'platform/Gateway/OwnPolicy',
        grantees: ['platform/Gateway'],
        askedBy: ['platform/Gateway'],
      },
    ]);
    expect(document.secrets).toEqual([
      { secret: 'ocid1.vaultsecret.oc1..docs', kind: 'Vault', usedBy: ['platform/Gateway'] },
    ]);
    expect(document.suppressions).toEqual([
      { rule: 'MCP004', path: 'platform/Gateway', reason: 'The registry\nnever moves <this> tag' },
    ]);
  });
});

test('what a team makes by hand is told too', () => {
  const statement = `Allow dynamic-group mcp to read objects in compartment id ${compartmentId}`;
  const document = documentOf((stack) => {
    const description = 'By hand';
    new PolicyResource(stack, 'Policy', { compartmentId, name: 'mcp', description, statements: [statement] });
    const matchingRule = "resource.id = 'ocid1.fnfunc.oc1..example'";
    new IdentityDynamicGroup(stack, 'Group', { compartmentId, name: 'mcp', description, matchingRule });
  });
  expect(document.statements).toEqual([{ statement, policy: 'stack/Policy', grantees: [], askedBy: ['stack/Policy'] }]);
  expect(document.dynamicGroups).toEqual([
    { path: 'stack/Group', matchingRule: "resource.id = 'ocid1.fnfunc.oc1..example'" },
  ]);
});

test('a child process, pods, a balancer and Kubernetes Secrets are told', () => {
  const document = documentOf((stack) => {
    const hosting = new OkeHosting({ cluster: cluster(stack) });
    const backends = [
      new McpServer(stack, 'Child', {
        source: McpServerSource.command('node', ['server.js']),
        hosting: new StdioHosting(),
      }),
      new McpServer(stack, 'Pods', {
        source: McpServerSource.image(image),
        hosting,
        secretEnvironment: { API_KEY: { name: 'pods', key: 'api-key' } },
      }),
    ];
    const inboundAuth = InboundAuth.staticTokens({ tokens: { name: 'tokens', key: 'tokens.json' } });
    const gateway = new McpGateway(stack, 'Gateway', { image, hosting, inboundAuth, backends });
    new LoadBalancerEdge(stack, 'Balancer', { compartmentId, network: network(stack), target: gateway });
  });
  expect(document.servers[0]).toEqual({ path: 'stack/Child', name: 'child', transport: 'stdio' });
  expect(document.calls).toEqual([
    { from: 'stack/Gateway', to: 'stack/Child', tools: ['*'] },
    { from: 'stack/Gateway', to: 'stack/Pods', tools: ['*'], encrypted: false },
  ]);
  expect(document.gateways[0]?.authentication).toEqual({ method: 'static tokens' });
  expect(document.edges).toMatchObject([
    {
      path: 'stack/Balancer',
      kind: 'Kubernetes load balancer',
      public: false,
      authentication: 'none',
      leadsTo: ['stack/Gateway'],
      routes: [{ route: 'TCP:9000', anonymous: true, encrypted: false }],
    },
  ]);
  expect(document.secrets).toEqual([
    { secret: 'mcp/pods', kind: 'Kubernetes', usedBy: ['stack/Pods'] },
    { secret: 'mcp/tokens', kind: 'Kubernetes', usedBy: ['stack/Gateway'] },
  ]);
  expect(document.paths).toContainEqual({
    from: 'stack/Gateway',
    to: 'stack/Pods',
    port: 'TCP 8000',
    encrypted: false,
  });
});

test('a Service is private by the word for its kind of load balancer, and by no other', () => {
  const nlb = { 'oci.oraclecloud.com/load-balancer-type': 'nlb' };
  const isPublic = (annotations: { [name: string]: string }) =>
    documentOf((stack) => {
      new ServiceV1(stack, 'Service', {
        metadata: { name: 'orders', annotations },
        spec: { type: 'LoadBalancer', selector: { app: 'orders' }, port: [{ port: 443 }] },
      });
    }).edges[0]?.public;
  const ofBalancers = { 'service.beta.kubernetes.io/oci-load-balancer-internal': 'true' };
  const ofPackets = { 'oci-network-load-balancer.oraclecloud.com/internal': 'true' };
  expect([ofBalancers, { ...nlb, ...ofPackets }].map(isPublic)).toEqual([false, false]);
  expect([ofPackets, { ...nlb, ...ofBalancers }].map(isPublic)).toEqual([true, true]);
});

test('a server that is made below a gateway is told by its own path', () => {
  const document = documentOf((stack) => {
    const hosting = new ContainerInstanceHosting({ network: network(stack), compartmentId });
    const inboundAuth = InboundAuth.none();
    const gateway = new McpGateway(stack, 'Gateway', { image, hosting, inboundAuth });
    gateway.addBackend(new McpServer(gateway, 'Tools', { source: McpServerSource.image(image), hosting }));
  });
  expect(document.paths).toContainEqual({
    from: 'stack/Gateway',
    to: 'stack/Gateway/Tools',
    port: 'TCP 8000',
    encrypted: false,
  });
});

test('environments that look the same are told apart', () => {
  const app = Testing.app();
  for (const id of ['prod', 'staging']) {
    const stack = new TerraformStack(app, id);
    const place = { compartmentId, network: network(stack) };
    const domain = IdentityDomain.fromUrl(stack, 'Domain', reference(stack, 'domain'));
    const api = new IdentityDomainApp(stack, 'Api', { domain, resource: { audience: 'https://mcp.acme.example/' } });
    const client = new IdentityDomainApp(stack, 'Client', { domain, client: { grants: ['client_credentials'] } });
    const hosting = new OkeHosting({ cluster: cluster(stack) });
    const gateway = new McpGateway(stack, 'Gateway', {
      image,
      hosting,
      inboundAuth: InboundAuth.identityDomain(api),
      backends: [new McpServer(stack, 'Logs', { source: McpServerSource.image(image), hosting })],
    });
    gateway.grantInvoke(client, { tools: ['logs_*'] });
    const tls = { hostname: 'mcp.acme.example', tlsSecretName: 'tls' };
    const target = new LoadBalancerEdge(stack, 'Balancer', { ...place, ...tls, target: gateway });
    new ApiGatewayEdge(stack, 'Edge', { ...place, target });
  }
  const { edges, clients, paths } = PlatformReport.of(app);
  const ways = [
    ...edges.flatMap(({ path, leadsTo }) => leadsTo.map((to) => [path, to])),
    ...clients.flatMap(({ path, tools }) => Object.keys(tools).map((to) => [path, to])),
    ...paths.map(({ from, to }) => [from, to]),
  ];
  const across = ways.filter(
    ([from = '', to = '']) => /^(prod|staging)\//.test(to) && from.split('/')[0] !== to.split('/')[0],
  );
  expect(across.filter(([from = '']) => /^(prod|staging)\//.test(from))).toEqual([]);
  expect(ways).toContainEqual(['staging/Client', 'staging/Gateway']);
  expect(ways).toContainEqual(['staging/Edge', 'staging/Balancer']);
  expect(ways).toContainEqual(['staging/Gateway', 'staging/Logs']);
});

test('a client is shown with what all rules together and the own tools of the gateway leave it', () => {
  const { clients } = documentOf((stack) => {
    const domain = IdentityDomain.fromUrl(stack, 'Domain', reference(stack, 'domain'));
    const api = new IdentityDomainApp(stack, 'Api', { domain, resource: { audience: 'https://mcp.acme.example/' } });
    const client = (id: string) =>
      new IdentityDomainApp(stack, id, { domain, client: { grants: ['client_credentials'] } });
    const gateway = new McpGateway(stack, 'Gateway', {
      image,
      hosting: new ContainerInstanceHosting({ network: network(stack), compartmentId }),
      inboundAuth: InboundAuth.identityDomain(api),
      gatewayTools: { requiredScopes: ['operations'] },
    });
    gateway.grantInvoke(client('All'), { tools: ['*'] });
    gateway.grantInvoke(client('Operator'), { tools: ['gateway_*'], scope: 'operations' });
  });
  const own = ['gateway_audit_log', 'gateway_health', 'gateway_list_backends'];
  expect(clients.map(({ tools, except }) => ({ tools, except }))).toEqual([
    { tools: { 'stack/Gateway': ['*', 'gateway_*'] }, except: { 'stack/Gateway': own } },
    { tools: { 'stack/Gateway': ['gateway_*', ...own] }, except: undefined },
  ]);
});

test('an edge leads to the edge behind it by its name', () => {
  const document = documentOf((stack) => {
    const place = { compartmentId, network: network(stack) };
    const inboundAuth = InboundAuth.jwt({
      issuer: 'https://i.example',
      audiences: ['mcp'],
      jwksUri: 'https://i.example/jwks',
    });
    const hosting = new OkeHosting({ cluster: cluster(stack) });
    const target = new McpGateway(stack, 'Gateway', { image, hosting, inboundAuth });
    const tls = { hostname: 'mcp.acme.example', tlsSecretName: 'tls' };
    new ApiGatewayEdge(stack, 'Edge', {
      ...place,
      target: new LoadBalancerEdge(stack, 'Balancer', { ...place, ...tls, target }),
    });
  });
  const ways = document.edges.map(({ path, leadsTo, url }) => ({ path, leadsTo, url }));
  expect(ways).toEqual([
    { path: 'stack/Balancer', leadsTo: ['stack/Gateway'], url: 'https://mcp.acme.example/mcp' },
    { path: 'stack/Edge', leadsTo: ['stack/Balancer'], url: 'https://${stack/Edge/Gateway.hostname}/mcp' },
  ]);
});

test('replicas behind a network load balancer of their own lead to their server', () => {
  const document = documentOf((stack) => {
    const hosting = new ContainerInstanceHosting({ network: network(stack), compartmentId, instances: 2 });
    new McpServer(stack, 'Logs', { source: McpServerSource.image(image), hosting });
  });
  expect(document.edges).toMatchObject([
    {
      path: 'stack/Logs/Balancer',
      kind: 'network load balancer',
      leadsTo: ['stack/Logs'],
      routes: [{ route: 'TCP:8000' }],
    },
  ]);
});

test('an open gateway is told as one', () => {
  const document = documentOf((stack) => {
    const hosting = new ContainerInstanceHosting({ network: network(stack), compartmentId });
    new McpGateway(stack, 'Gateway', { image, hosting, inboundAuth: InboundAuth.none() });
  });
  expect(document.gateways[0]?.authentication).toEqual({ method: 'none' });
});

test('nothing is written where synthesizing fails', () => {
  const outdir = mkdtempSync(join(tmpdir(), 'report-'));
  const app = new App({ outdir });
  PlatformReport.write(app);
  const stack = new TerraformStack(app, 'broken');
  stack.node.addValidation({ validate: () => ['broken'] });
  expect(() => app.synth()).toThrow('broken');
  expect(readdirSync(outdir)).not.toContain('mcp-platform.json');
  rmSync(outdir, { recursive: true });
});

test('a cache is an end of paths by its own name', () => {
  const document = documentOf((stack) => {
    const sharedState = new OciCache(stack, 'Cache', { compartmentId, network: network(stack), password: 'none' });
    const hosting = new ContainerInstanceHosting({ network: network(stack), compartmentId });
    const inboundAuth = InboundAuth.jwt({
      issuer: 'https://i.example',
      audiences: ['mcp'],
      jwksUri: 'https://i.example/jwks',
    });
    new McpGateway(stack, 'Gateway', { image, hosting, inboundAuth, sharedState });
  });
  expect(document.paths).toContainEqual({ from: 'stack/Gateway', to: 'stack/Cache', port: 'TCP 6379' });
});
