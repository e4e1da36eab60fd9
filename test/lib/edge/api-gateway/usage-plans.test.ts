import type { TerraformStack } from 'cdktf';
import { ApiGatewayEdge, type ApiGatewayEdgeProps, InboundAuth, McpServer, type UsagePlan } from 'cdktf-oci-mcp';
import { addressOf, type Block, faultsOf, synth } from '../../../helpers/synth';
import { compartmentId, network } from '../../fixtures';

const inboundAuth = InboundAuth.jwt({
  issuer: 'https://identity.oraclecloud.com/',
  audiences: ['mcp'],
  jwksUri: 'https://idcs.example/admin/v1/SigningCert/jwk',
});
const gold: UsagePlan = {
  name: 'gold',
  callsPerSecond: 5,
  quota: { calls: 10_000, per: 'DAY' },
  subscribers: { analytics: ['analytics-agent', 'analytics-batch'], support: ['support-agent'] },
};

const edge =
  (plans: readonly UsagePlan[], props: Partial<ApiGatewayEdgeProps> = {}) =>
  (stack: TerraformStack) => {
    const target = McpServer.fromEndpoint(stack, 'Docs', { url: 'https://docs.example/mcp' });
    const common = { compartmentId, network: network(stack), target, inboundAuth, healthPath: '/health' };
    new ApiGatewayEdge(stack, 'Edge', { ...common, usagePlans: plans, ...props });
  };

test('a plan holds for who is in it, known by a claim of the checked token', () => {
  const stack = synth(edge([gold]));
  const deployment = stack.resource('oci_apigateway_deployment', 'Edge_Deployment');
  expect(deployment['specification'].request_policies.usage_plans).toEqual({
    token_locations: ['request.auth[client_id]'],
  });
  const plan = stack.resource('oci_apigateway_usage_plan');
  expect(plan).toEqual({
    compartment_id: compartmentId,
    display_name: 'stack-edge-gold',
    entitlements: [
      {
        name: 'gold',
        rate_limit: { unit: 'SECOND', value: 5 },
        quota: { unit: 'DAY', value: 10_000, reset_policy: 'CALENDAR', operation_on_breach: 'REJECT' },
        targets: [{ deployment_id: `\${${addressOf(stack, deployment)}.id}` }],
      },
    ],
  });
  const usage_plans = [`\${${addressOf(stack, plan)}.id}`];
  expect(stack.resources('oci_apigateway_subscriber')).toEqual([
    {
      compartment_id: compartmentId,
      display_name: 'stack-edge-gold-analytics',
      usage_plans,
      clients: [
        { name: 'analytics-1', token: 'analytics-agent' },
        { name: 'analytics-2', token: 'analytics-batch' },
      ],
    },
    {
      compartment_id: compartmentId,
      display_name: 'stack-edge-gold-support',
      usage_plans,
      clients: [{ name: 'support-1', token: 'support-agent' }],
    },
  ]);
});

test('clients without a token still find out where to get one', () => {
  const deployments = synth(edge([gold]))
    .resources('oci_apigateway_deployment')
    .map(({ path_prefix, specification }) => [
      path_prefix,
      specification.routes.map(({ path }: Block) => path),
      specification.request_policies?.usage_plans !== undefined,
      specification.request_policies?.authentication.is_anonymous_access_allowed,
    ]);
  expect(deployments).toEqual([
    ['/edge', ['/mcp'], true, false],
    ['/.well-known/oauth-protected-resource/edge', ['/mcp'], false, undefined],
  ]);
});

test('a client may be known by another claim, and a quota may only be counted', () => {
  const quota = { calls: 1, per: 'MONTH', onBreach: 'ALLOW' } as const;
  const stack = synth(edge([{ name: 'free', quota, subscribers: {} }], { clientClaim: 'sub' }));
  expect(stack.resource('oci_apigateway_usage_plan')['entitlements']).toEqual([
    expect.objectContaining({
      quota: { unit: 'MONTH', value: 1, reset_policy: 'CALENDAR', operation_on_breach: 'ALLOW' },
    }),
  ]);
  expect(
    stack.resource('oci_apigateway_deployment', 'Edge_Deployment')['specification'].request_policies.usage_plans,
  ).toEqual({ token_locations: ['request.auth[sub]'] });
});

describe('fails with', () => {
  const clients = (count: number) => Array.from({ length: count }, (_, i) => `agent-${i}`);
  const named = 'allowed: letters, digits, hyphens and underscores, a letter first';

  test.each<[string, UsagePlan[], string[]]>([
    [
      'two plans of one name',
      [gold, { ...gold, subscribers: {} }],
      ['usagePlans: got "gold"; allowed: a name of its own for each plan'],
    ],
    ['a name with a space', [{ ...gold, name: 'gold plan' }], [`usagePlans.gold plan: got "gold plan"; ${named}`]],
    [
      'a plan without limits',
      [{ name: 'open', subscribers: {} }],
      ['usagePlans.open: got "no limit"; allowed: callsPerSecond, quota or both'],
    ],
    [
      'limits of nothing',
      [{ ...gold, callsPerSecond: 0, quota: { calls: 0, per: 'YEAR' as never } }],
      [
        'usagePlans.gold.callsPerSecond: got 0; allowed: a whole number of at least 1',
        'usagePlans.gold.quota.calls: got 0; allowed: a whole number of at least 1',
        'usagePlans.gold.quota.per: got "YEAR"; allowed: one of MINUTE, HOUR, DAY, WEEK, MONTH',
      ],
    ],
    [
      'six clients of a subscriber, and none',
      [{ ...gold, subscribers: { many: clients(6), none: [] } }],
      [
        'usagePlans.gold.subscribers.many: got 6; allowed: 1 to 5 clients of one subscriber',
        'usagePlans.gold.subscribers.none: got 0; allowed: 1 to 5 clients of one subscriber',
      ],
    ],
    [
      'one client in two places',
      [{ ...gold, subscribers: { a: ['agent'], b: ['agent'] } }],
      ['usagePlans: got "agent"; allowed: each client in one subscriber of one plan'],
    ],
  ])('%s', (_, plans, faults) => {
    expect(faultsOf(edge(plans))).toEqual(faults.map((fault) => `[stack/Edge] ${fault}`));
  });

  test('a prefix that leaves no room, tokens nobody checks here, and a claim that is none', () => {
    expect(faultsOf(edge([gold], { pathPrefix: '/' }))).toEqual([
      '[stack/Edge] pathPrefix: got "/"; allowed: a longer path with usagePlans: they hold for a whole deployment, and the OAuth metadata needs another',
    ]);
    expect(faultsOf(edge([gold], { authentication: 'NONE' }))).toEqual([
      '[stack/Edge] usagePlans: got "tokens that are not checked here"; allowed: plans where the API Gateway checks tokens, by which it knows clients',
    ]);
    expect(faultsOf(edge([gold], { clientClaim: 'a]b' }))).toEqual([
      '[stack/Edge] clientClaim: got "a]b"; allowed: the name of a claim',
    ]);
  });

  test('nothing where a subscriber has five clients', () => {
    const stack = synth(edge([{ ...gold, subscribers: { many: clients(5) } }]));
    expect(stack.resource('oci_apigateway_subscriber')['clients']).toHaveLength(5);
  });
});
