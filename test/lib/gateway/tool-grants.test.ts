import { TerraformStack, Testing } from 'cdktf';
import {
  ApiGatewayEdge,
  ContainerInstanceHosting,
  IdentityDomain,
  IdentityDomainApp,
  type IMcpHosting,
  InboundAuth,
  McpGateway,
  McpServer,
  OkeHosting,
  type TokenCheckOptions,
  type ToolGrantOptions,
} from 'cdktf-oci-mcp';
import fc from 'fast-check';
import { createPolicy } from '../../../gateway-runtime/src/auth/policy';
import { matchesTool, parseGatewayConfig } from '../../../gateway-runtime/src/config/index';
import { startGateway, type TestGateway, textOf } from '../../helpers/gateway-instance';
import { startIssuer, type TestIssuer } from '../../helpers/gateway-jwt';
import { type SampleHttpServer, startHttpServer } from '../../helpers/gateway-servers';
import { renderedConfig, renderedFiles } from '../../helpers/rendered-config';
import { addressOf, faultsOf, type Synthesized, synth } from '../../helpers/synth';
import { cluster, compartmentId, image, network, reference } from '../fixtures';

const audience = 'https://mcp.acme.example/';

function client(domain: IdentityDomain, id: string): IdentityDomainApp {
  return new IdentityDomainApp(domain.node.scope as TerraformStack, id, {
    domain,
    client: { grants: ['client_credentials'] },
  });
}

/** A gateway whose tokens come from a domain that only Terraform knows, and two clients. */
function platform(
  stack: TerraformStack,
  options?: TokenCheckOptions,
  url = 'https://reference.invalid',
  hosting: IMcpHosting = new OkeHosting({ cluster: cluster(stack) }),
) {
  const domain = IdentityDomain.fromUrl(stack, 'Domain', reference(stack, 'domain'));
  const app = new IdentityDomainApp(stack, 'App', { domain, resource: { audience } });
  const gateway = new McpGateway(stack, 'Gateway', {
    image,
    hosting,
    inboundAuth: InboundAuth.identityDomain(app, options),
    backends: [McpServer.fromEndpoint(stack, 'S', { url })],
  });
  return { domain, app, gateway, a: client(domain, 'A'), b: client(domain, 'B') };
}

type Grants = readonly (readonly ['a' | 'b', ToolGrantOptions])[];

function granted(grants: Grants, options?: TokenCheckOptions): Synthesized {
  return synth((stack) => {
    const made = platform(stack, options);
    for (const [who, grant] of grants) made.gateway.grantInvoke(made[who], grant);
  });
}

const faultsOfGrants = (grants: Grants, options?: TokenCheckOptions) =>
  faultsOf((stack) => {
    const made = platform(stack, options);
    for (const [who, grant] of grants) made.gateway.grantInvoke(made[who], grant);
  });

const rulesOf = (stack: Synthesized) =>
  renderedConfig(stack, { 'var.domain': 'https://idcs.example' }).auth.tool_scopes;

const scopesOf = (stack: Synthesized): string[] =>
  stack.resource('oci_identity_domains_app', 'App').scopes.map(({ value }: { value: string }) => value);

/** What a client may ask for, without the audience. */
function allowedOf(stack: Synthesized, id: string): string[] {
  const prefix = `\${${addressOf(stack, stack.resource('oci_identity_domains_app', 'App'))}.audience}`;
  const allowed = stack.resource('oci_identity_domains_app', id).allowed_scopes ?? [];
  return allowed.map(({ fqs }: { fqs: string }) => {
    expect(fqs.startsWith(prefix)).toBe(true);
    return fqs.slice(prefix.length);
  });
}

describe('a grant', () => {
  test('becomes a scope of the application, one that the client may ask for, and a rule of the gateway', () => {
    const stack = granted([['a', { tools: ['logs_*'] }]]);
    expect(scopesOf(stack)).toEqual(['tools:logs_']);
    expect(stack.resource('oci_identity_domains_app', 'App').scopes[0].description).toBe('Use of logs_*');
    expect(allowedOf(stack, 'A')).toEqual(['tools:logs_']);
    expect(allowedOf(stack, 'B')).toEqual([]);
    expect(rulesOf(stack)).toEqual({ 'logs_*': { any_of: ['tools:logs_'] } });
  });

  test('shares its scope with the same grant to another client', () => {
    const stack = granted([
      ['a', { tools: ['logs_*', 'docs_search'] }],
      ['b', { tools: ['docs_search'] }],
    ]);
    expect(scopesOf(stack)).toEqual(['tool:docs_search', 'tools:logs_']);
    expect([allowedOf(stack, 'A'), allowedOf(stack, 'B')]).toEqual([
      ['tool:docs_search', 'tools:logs_'],
      ['tool:docs_search'],
    ]);
    expect(rulesOf(stack)).toEqual({
      docs_search: { any_of: ['tool:docs_search'] },
      'logs_*': { any_of: ['tools:logs_'] },
    });
  });

  test('may put several tools under one scope, and leave single grants of them as they are', () => {
    const stack = granted([
      ['a', { tools: ['logs_tail', 'logs_search', '*_list'], scope: 'logs:read' }],
      ['b', { tools: ['logs_search'] }],
    ]);
    expect(scopesOf(stack)).toEqual(['logs:read', 'tool:logs_search']);
    expect(rulesOf(stack)).toEqual({
      '*_list': { any_of: ['logs:read'] },
      logs_search: { any_of: ['logs:read', 'tool:logs_search'] },
      logs_tail: { any_of: ['logs:read'] },
    });
  });

  test.each([
    ['*', 'tools'],
    ['all*', 'tools:all'],
    ['all', 'tool:all'],
    ['logs*', 'tools:logs'],
    ['logs_*', 'tools:logs_'],
    ['a.b-c/d', 'tool:a.b-c/d'],
  ])('of %s is called %s', (tool, scope) => {
    expect(scopesOf(granted([['a', { tools: [tool] }]]))).toEqual([scope]);
  });

  test('comes with the scopes that everybody needs, and joins the rules that were there', () => {
    const stack = granted([['a', { tools: ['logs_*'] }]], {
      requiredScopes: ['use'],
      toolScopes: { 'logs_*': { anyOf: ['operate'] }, '*_delete': ['write'] },
    });
    expect(allowedOf(stack, 'A')).toEqual(['tools:logs_', 'use']);
    expect(scopesOf(stack)).toEqual(['operate', 'tools:logs_', 'use', 'write']);
    expect(rulesOf(stack)).toEqual({
      'logs_*': { any_of: ['operate', 'tools:logs_'] },
      '*_delete': ['write'],
    });
  });

  test('tells what the client has to ask for', () => {
    synth((stack) => {
      const { app, gateway, a } = platform(stack, { requiredScopes: ['use'] });
      expect(gateway.grantInvoke(a, { tools: ['x', 'y', 'x'] })).toEqual(
        ['use', 'tool:x', 'tool:y'].map((name) => app.scope(name)),
      );
    });
  });

  test('is seen by an edge that asks later, and by no other gateway with the same inbound auth', () => {
    synth((stack) => {
      const { app, gateway, a } = platform(stack);
      const other = new McpGateway(stack, 'Other', {
        image,
        hosting: new OkeHosting({ cluster: cluster(stack) }),
        inboundAuth: InboundAuth.identityDomain(app),
      });
      const rules = ({ inboundAuth }: McpGateway) => inboundAuth.renderConfig(() => '').tool_scopes;
      expect(rules(gateway)).toBeUndefined();
      gateway.grantInvoke(a, { tools: ['x'] });
      expect(rules(gateway)).toEqual({ x: { any_of: ['tool:x'] } });
      expect(rules(other)).toBeUndefined();
    });
  });

  test('is warned of where another gateway takes the same tokens', () => {
    const { warnings } = synth((stack) => {
      const { app, gateway, a } = platform(stack);
      gateway.grantInvoke(a, { tools: ['x'] });
      const hosting = new OkeHosting({ cluster: cluster(stack) });
      new McpGateway(stack, 'Other', { image, hosting, inboundAuth: InboundAuth.identityDomain(app) });
    });
    expect(warnings.filter((warning) => warning.includes('inboundAuth'))).toEqual([
      '[stack/Other] inboundAuth: stack/Gateway takes tokens for stack/App, too, so clients may bring here what they were granted there; give each gateway an application of its own',
    ]);
  });

  test('becomes what an API Gateway lets in, also one that was there before', () => {
    const stack = synth((scope) => {
      const hosting = new ContainerInstanceHosting({ network: network(scope), compartmentId });
      const { gateway, a, b } = platform(scope, undefined, undefined, hosting);
      new ApiGatewayEdge(scope, 'Edge', { compartmentId, network: network(scope), target: gateway });
      gateway.grantInvoke(a, { tools: ['logs_*'] });
      gateway.grantInvoke(b, { tools: ['docs_search'] });
    });
    const { routes } = stack.resource('oci_apigateway_deployment').specification;
    const route = routes.find(({ path }: { path: string }) => path === '/mcp');
    expect(route.request_policies.authorization).toEqual({
      type: 'ANY_OF',
      allowed_scope: ['tool:docs_search', 'tools:logs_'],
    });
  });

  test('may be for a client made elsewhere, which is told to be allowed the scope', () => {
    synth((stack) => {
      const { domain, gateway } = platform(stack);
      const outside = IdentityDomainApp.fromAttributes(stack, 'Outside', { domain, clientId: 'c' });
      gateway.grantInvoke(outside, { tools: ['logs_*'] });
      expect(outside.node.metadata.map(({ data }) => data)).toEqual([
        'allow this client the scope <audience>tools:logs_ in its domain',
      ]);
    });
  });

  const names = 'names of letters, digits and _ - . /, in which * stands for any characters';
  test.each<[string, Grants, string]>([
    ['there is no tool', [['a', { tools: [] }]], 'tools: got []; allowed: at least one tool'],
    ['a tool has no name', [['a', { tools: [''] }]], `tools: got ""; allowed: ${names}`],
    ['a tool is no name', [['a', { tools: ['x y'] }]], `tools: got "x y"; allowed: ${names}`],
    [
      'a pattern begins with *',
      [['a', { tools: ['*_list'] }]],
      `tools: got "*_list"; allowed: ${names}; fix: where * is not the last character, name the scope too`,
    ],
    [
      'a scope stands for all',
      [['a', { tools: ['x'], scope: '*' }]],
      'scope: got "*"; allowed: letters, digits and _ . : / -',
    ],
    [
      'a scope would come to stand for more',
      [
        ['a', { tools: ['x', 'y'], scope: 's' }],
        ['b', { tools: ['x', 'z'], scope: 's' }],
      ],
      'scope: got "s"; allowed: a scope that does not stand for x, y already; fix: grant it with the same tools',
    ],
  ])('fails when %s', (_, grants, fault) => {
    expect(faultsOfGrants(grants)).toContainEqual(expect.stringContaining(`[stack/Gateway] ${fault}`));
  });

  test.each(['use', 'operate', 'write'])('fails when its scope is one that the inbound auth speaks of: %s', (scope) => {
    const options = { requiredScopes: ['use'], toolScopes: { 'y*': { anyOf: ['operate'] }, z: ['write'] } };
    expect(faultsOfGrants([['a', { tools: ['x'], scope }]], options)).toEqual([
      expect.stringContaining(
        `scope: got "${scope}"; allowed: a scope that does not stand for what the inbound auth says`,
      ),
    ]);
  });

  test('may be given again with the same tools in another order', () => {
    const again = granted([
      ['a', { tools: ['x', 'y'], scope: 's' }],
      ['b', { tools: ['y', 'x', 'y'], scope: 's' }],
    ]);
    expect([allowedOf(again, 'A'), allowedOf(again, 'B')]).toEqual([['s'], ['s']]);
  });

  test('fails when the same tool is also given a list of scopes', () => {
    expect(faultsOfGrants([['a', { tools: ['x'] }]], { toolScopes: { x: ['write'] } })).toEqual([
      '[stack/Gateway] toolScopes: got "x"; allowed: tools that are not granted under the same name; ' +
        'fix: leave x to grantInvoke, or say { anyOf: […] } in toolScopes',
    ]);
  });

  test('fails when a tool is a reference', () => {
    const faults = faultsOf((stack) => {
      const { gateway, a } = platform(stack);
      gateway.grantInvoke(a, { tools: [reference(stack, 'tool')] });
    });
    expect(faults).toContainEqual(expect.stringContaining('tools: got "a Terraform reference"; allowed: names of'));
  });

  test('fails when the client is of another domain', () => {
    const faults = faultsOf((stack) => {
      const { gateway } = platform(stack);
      const other = IdentityDomain.fromUrl(stack, 'Other', 'https://idcs-other.identity.oraclecloud.com');
      gateway.grantInvoke(client(other, 'C'), { tools: ['x'] });
    });
    expect(faults).toEqual([
      '[stack/Gateway] grantInvoke: got "stack/C"; allowed: clients of the domain that stack/App is in: no other can give them its scopes',
    ]);
  });

  test('fails when the gateway takes other tokens', () => {
    const faults = faultsOf((stack) => {
      const { a } = platform(stack);
      const inboundAuth = InboundAuth.jwt({
        issuer: 'https://id.example',
        audiences: ['mcp'],
        jwksUri: 'https://id.example',
      });
      const hosting = new OkeHosting({ cluster: cluster(stack) });
      new McpGateway(stack, 'Plain', { image, hosting, inboundAuth }).grantInvoke(a, { tools: ['x'] });
    });
    expect(faults).toContainEqual(
      '[stack/Plain] grantInvoke: got "an inbound auth that gives out no scopes"; allowed: an application of an identity domain; ' +
        'fix: pass inboundAuth: InboundAuth.identityDomain(app), or name the tools in toolScopes of InboundAuth.jwt',
    );
  });
});

test('whatever is granted, each client may use what it was granted and nothing else', () => {
  const universe = ['a', 'ab', 'abc', 'b', 'a_b', 'all', 'tools'];
  const tool = fc.constantFrom(...universe, '*', 'a*', 'ab*', 'a_*', 'b*', 'all*', 'x*');
  const grant = fc.tuple(fc.constantFrom('a', 'b'), fc.uniqueArray(tool, { minLength: 1, maxLength: 3 }), fc.boolean());
  fc.assert(
    fc.property(fc.array(grant, { minLength: 1, maxLength: 5 }), (grants) => {
      const { gateway, ...clients } = platform(new TerraformStack(Testing.app(), 'stack'));
      const scopes = { a: new Set<string>(), b: new Set<string>() };
      for (const [who, tools, together] of grants as ['a' | 'b', string[], boolean][]) {
        // One scope for some tools stands for these tools everywhere.
        const scope = together ? `some.${[...tools].sort().join('.').replaceAll('*', '-')}` : undefined;
        for (const asked of gateway.grantInvoke(clients[who], { tools, scope })) {
          scopes[who].add(asked.replace(/^\$\{[^}]*\}/, ''));
        }
      }
      const config = parseGatewayConfig({
        auth: { tool_scopes: gateway.inboundAuth.renderConfig(() => '').tool_scopes },
      });
      const policy = createPolicy(config);
      for (const who of ['a', 'b'] as const) {
        const usable = universe.filter(
          (name) =>
            policy.decide({ key: who, clientId: who, scopes: scopes[who] }, { kind: 'tool', names: [name] }).allowed,
        );
        const patterns = grants.filter(([client]) => client === who).flatMap(([, tools]) => tools);
        expect(usable).toEqual(universe.filter((name) => patterns.some((pattern) => matchesTool(pattern, name))));
      }
    }),
    { numRuns: 20 },
  );
});

describe('a gateway that runs with what was rendered', () => {
  let issuer: TestIssuer;
  let server: SampleHttpServer;
  let gateway: TestGateway;

  beforeAll(async () => {
    issuer = await startIssuer();
    server = await startHttpServer('s');
    const stack = synth((scope) => {
      const { gateway, a, b } = platform(scope, undefined, server.url);
      gateway.grantInvoke(a, { tools: ['s_*'] });
      gateway.grantInvoke(b, { tools: ['s_echo'] });
      gateway.publishAt('https://mcp.acme.example/mcp');
    });
    const { 'gateway.json': settings = '', ...backends } = renderedFiles(stack, { 'var.domain': issuer.url });
    gateway = await startGateway({
      ...JSON.parse(settings),
      backends: Object.values(backends).map((backend) => JSON.parse(backend)),
    });
    await gateway.waitFor('s', 'connected');
  });

  afterAll(async () => {
    await gateway?.close();
    await server?.close();
    await issuer?.close();
  });

  /** As the domain issues it: the audience is no part of the scope. */
  const token = (scope: string, claims = {}) =>
    issuer.sign({
      iss: 'https://identity.oraclecloud.com/',
      aud: [audience],
      sub: 'c1',
      sub_type: 'client',
      client_id: 'c1',
      scope,
      ...claims,
    });

  const connect = async (scope: string, claims?: object) => {
    const authorization = `Bearer ${await token(scope, claims)}`;
    return gateway.connect({ requestInit: { headers: { authorization } } });
  };

  const toolsOf = async (scope: string) => (await (await connect(scope)).listTools()).tools.map(({ name }) => name);

  test('shows each client the tools it was granted', async () => {
    expect(await toolsOf('tools:s_')).toEqual(expect.arrayContaining(['s_echo', 's_fail', 's_slow', 's_work']));
    expect(await toolsOf('tool:s_echo')).toEqual(['s_echo']);
    expect(await toolsOf('tool:s_slow')).toEqual([]);
  });

  test('lets each of them call those, and no other', async () => {
    for (const scope of ['tools:s_', 'tool:s_echo']) {
      const answer = await (await connect(scope)).callTool({ name: 's_echo', arguments: { text: 'x' } });
      expect(textOf(answer)).toBe('s: x');
    }
    const before = server.seen.headers.length;
    await expect((await connect('tool:s_echo')).callTool({ name: 's_fail' })).rejects.toThrow('needs tools:s_');
    expect(server.seen.headers.length).toBe(before);
  });

  test('says what to ask the domain for, and where', async () => {
    const refused = await gateway.post(
      { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 's_echo' } },
      { authorization: `Bearer ${await token('other')}`, 'mcp-session-id': await sessionOf('other') },
    );
    expect(refused.status).toBe(403);
    expect(refused.headers.get('www-authenticate')).toBe(
      `Bearer error="insufficient_scope", error_description="tool 's_echo' needs tool:s_echo or tools:s_", ` +
        `scope="${audience}tool:s_echo", resource_metadata="https://mcp.acme.example/.well-known/oauth-protected-resource/mcp"`,
    );
    const metadata = await fetch(`${gateway.origin}/.well-known/oauth-protected-resource/mcp`);
    expect(await metadata.json()).toMatchObject({
      authorization_servers: [issuer.url],
      scopes_supported: [`${audience}tools:s_`, `${audience}tool:s_echo`],
    });
  });

  async function sessionOf(scope: string): Promise<string> {
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } };
    const opened = await gateway.post(
      { jsonrpc: '2.0', id: 0, method: 'initialize', params },
      { authorization: `Bearer ${await token(scope)}` },
    );
    return String(opened.headers.get('mcp-session-id'));
  }

  test.each<[string, object]>([
    ['of another application of the domain', { aud: ['https://files.acme.example/'] }],
    ['of another issuer', { iss: 'https://identity.example/' }],
  ])('fails when the token is %s', async (_, claims) => {
    const authorization = `Bearer ${await token('tools:s_', claims)}`;
    expect((await gateway.post({ jsonrpc: '2.0', id: 1, method: 'ping' }, { authorization })).status).toBe(401);
  });

  test('takes the issuer without the slash too', async () => {
    await connect('tools:s_', { iss: 'https://identity.oraclecloud.com' });
  });
});
