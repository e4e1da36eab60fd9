import { CronJobV1 } from '@cdktf/provider-kubernetes/lib/cron-job-v1';
import { DaemonSetV1 } from '@cdktf/provider-kubernetes/lib/daemon-set-v1';
import { DeploymentV1 } from '@cdktf/provider-kubernetes/lib/deployment-v1';
import { JobV1 } from '@cdktf/provider-kubernetes/lib/job-v1';
import { NetworkPolicyV1, type NetworkPolicyV1Spec } from '@cdktf/provider-kubernetes/lib/network-policy-v1';
import { PodV1 } from '@cdktf/provider-kubernetes/lib/pod-v1';
import { StatefulSetV1 } from '@cdktf/provider-kubernetes/lib/stateful-set-v1';
import type { TerraformStack } from 'cdktf';
import { type IInboundAuth, InboundAuth, McpGateway, OkeHosting } from 'cdktf-oci-mcp';
import { expectNoFindings, findingsOf, findingsOfApp } from '../../helpers/rules';
import { cluster, image, okeServer, reference } from '../fixtures';

const labels = { app: 'orders', tier: 'back' };
const metadata = { name: 'orders', namespace: 'mcp', labels };
const spec = { container: [{ name: 'orders', image }] };
const template = { metadata: { labels }, spec };
const selector = { matchLabels: labels };
const found = '[stack/Orders] MCP006 Missing NetworkPolicy: pods whose callers no NetworkPolicy of this app limits';

const deployment = (stack: TerraformStack) =>
  new DeploymentV1(stack, 'Orders', { metadata, spec: { selector, template } });

const policy =
  (policySpec: Partial<NetworkPolicyV1Spec>, namespace = 'mcp') =>
  (stack: TerraformStack) => {
    new NetworkPolicyV1(stack, 'Closed', {
      metadata: { name: 'closed', namespace },
      spec: { podSelector: { matchLabels: { app: 'orders' } }, policyTypes: ['Ingress'], ...policySpec },
    });
  };
const withPolicy = (policySpec: Partial<NetworkPolicyV1Spec>, namespace?: string) => (stack: TerraformStack) => {
  deployment(stack);
  policy(policySpec, namespace)(stack);
};

test.each<[string, (stack: TerraformStack) => void]>([
  ['a Deployment', deployment],
  [
    'a StatefulSet',
    (stack) => new StatefulSetV1(stack, 'Orders', { metadata, spec: { serviceName: 'orders', selector, template } }),
  ],
  ['a DaemonSet', (stack) => new DaemonSetV1(stack, 'Orders', { metadata, spec: { selector, template } })],
  ['a Job', (stack) => new JobV1(stack, 'Orders', { metadata, spec: { template } })],
  [
    'a CronJob',
    (stack) =>
      new CronJobV1(stack, 'Orders', {
        metadata,
        spec: { schedule: '0 0 * * *', jobTemplate: { metadata: {}, spec: { template } } },
      }),
  ],
  ['a Pod', (stack) => new PodV1(stack, 'Orders', { metadata, spec })],
])('%s without NetworkPolicy is found, and with one passes', (_name, build) => {
  expect(findingsOf(build)).toEqual([found]);
  expectNoFindings((stack) => {
    build(stack);
    policy({})(stack);
  });
});

const expression = (key: string, operator: string, values?: string[]) => ({
  podSelector: { matchExpressions: [{ key, operator, values }] },
});

test.each<[string, Partial<NetworkPolicyV1Spec>, string]>([
  ['other labels', { podSelector: { matchLabels: { app: 'orders', tier: 'front' } } }, 'mcp'],
  ['another namespace', {}, 'other'],
  ['what pods reach, and not who reaches them', { policyTypes: ['Egress'] }, 'mcp'],
  ['other values', expression('app', 'In', ['logs']), 'mcp'],
  ['all values but this one', expression('app', 'NotIn', ['orders']), 'mcp'],
  ['a label that is not there', expression('role', 'Exists'), 'mcp'],
  ['pods without the label', expression('app', 'DoesNotExist'), 'mcp'],
])('a NetworkPolicy for %s is none', (_name, policySpec, namespace) => {
  expect(findingsOf(withPolicy(policySpec, namespace))).toEqual([found]);
});

test.each<[string, Partial<NetworkPolicyV1Spec>]>([
  ['every pod of the namespace', { podSelector: {} }],
  ['this value', expression('app', 'In', ['logs', 'orders'])],
  ['all values but another one', expression('app', 'NotIn', ['logs'])],
  ['the label', expression('tier', 'Exists')],
  ['pods without another label', expression('role', 'DoesNotExist')],
])('a NetworkPolicy for %s is one', (_name, policySpec) => expectNoFindings(withPolicy(policySpec)));

test.each<[string, Partial<NetworkPolicyV1Spec>, string]>([
  ['callers', { ingress: [{}] }, 'ingress'],
  ['addresses', { ingress: [{ from: [{ ipBlock: { cidr: '0.0.0.0/0' } }] }] }, 'ingress'],
  ['pods', { ingress: [{ ports: [{ port: '8000' }] }] }, 'ingress'],
  [
    'pods of all namespaces',
    { ingress: [{ ports: [{ port: '8000' }], from: [{ namespaceSelector: {} }] }] },
    'ingress',
  ],
  ['ways out', { policyTypes: ['Ingress', 'Egress'], egress: [{ to: [{ ipBlock: { cidr: '::/0' } }] }] }, 'egress'],
])('a NetworkPolicy for all %s is found', (_name, policySpec, direction) => {
  expect(findingsOf(withPolicy(policySpec))).toEqual([
    expect.stringMatching(`^\\[stack/Closed\\] MCP006 Missing NetworkPolicy: a NetworkPolicy whose ${direction} rule `),
  ]);
});

test('pods of all namespaces with a label pass, and whoever calls a gateway that asks for tokens', () => {
  const podSelector = { matchLabels: { app: 'ingress' } };
  expectNoFindings(withPolicy({ ingress: [{ from: [{ namespaceSelector: {}, podSelector }] }] }));
  const build = (inboundAuth: IInboundAuth) => (stack: TerraformStack) => {
    const hosting = new OkeHosting({ cluster: cluster(stack), namespace: 'mcp' });
    new McpGateway(stack, 'Gateway', { image, hosting, inboundAuth });
    const gateways = { matchLabels: { 'app.kubernetes.io/name': 'gateway' } };
    policy({ podSelector: gateways, ingress: [{ ports: [{ port: '9000' }] }] })(stack);
  };
  const issuer = 'https://login.example/';
  expectNoFindings(build(InboundAuth.jwt({ issuer, audiences: ['mcp'], jwksUri: `${issuer}jwks` })));
  expect(findingsOf(build(InboundAuth.none())).filter((line) => line.includes('MCP006'))).toHaveLength(1);
});

test('a port for every address passes, and so does a peer with every port', () => {
  expectNoFindings(
    withPolicy({
      ingress: [
        { ports: [{ port: '8000' }], from: [{ ipBlock: { cidr: '0.0.0.0/0' } }] },
        { from: [{ podSelector: { matchLabels: { app: 'logs' } } }] },
      ],
    }),
  );
});

test('a server of this library passes, and is found on virtual nodes, which have no NetworkPolicy', () => {
  expectNoFindings((stack) => okeServer(stack));
  const virtual = (stack: TerraformStack) => okeServer(stack, { cluster: cluster(stack, { virtualNodes: true }) });
  expect(findingsOf(virtual)).toEqual([found.replace('Orders', 'Logs/Deployment')]);
});

test('a NetworkPolicy of another stack counts where its namespace is known to be the same', () => {
  expect(findingsOfApp((one, two) => [deployment(one), policy({})(two)])).toEqual([]);
  const namespaceOf = (stack: TerraformStack) => reference(stack, 'namespace');
  const unknown = (one: TerraformStack, two: TerraformStack) => {
    const named = { ...metadata, namespace: namespaceOf(one) };
    new DeploymentV1(one, 'Orders', { metadata: named, spec: { selector, template } });
    policy({}, namespaceOf(two))(two);
  };
  expect(findingsOfApp(unknown)).toEqual([found.replace('stack', 'one')]);
});
