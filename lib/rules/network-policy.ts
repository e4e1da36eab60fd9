import { type BlockArguments, blocksAt, type SynthesizedApp, type SynthesizedBlock } from '../core/synthesized-app';
import { areGuarded } from './addresses';
import { namespaceOf, type Pods, podsOf } from './pods';
import type { Finding, Rule } from './rule';

/** Without a NetworkPolicy every pod of a cluster reaches every other one. */
export const networkPolicy: Rule = {
  id: 'MCP006',
  title: 'Missing NetworkPolicy',
  why: 'Every pod of the cluster may call the server without passing the gateway.',
  fix: 'select the pods with a NetworkPolicy of type Ingress that names who may call, as OkeHosting does',
  check: ({ app }) => [...unselectedPods(app), ...openPolicies(app)],
};

function unselectedPods(app: SynthesizedApp): Finding[] {
  const policies = policiesOf(app).filter((policy) => governsIngress(policy));
  return podsOf(app)
    .filter((pods) => !policies.some((policy) => selects(policy, pods)))
    .map(({ block }) => ({
      construct: block.construct,
      found: 'pods whose callers no NetworkPolicy of this app limits',
    }));
}

/** @see https://kubernetes.io/docs/concepts/services-networking/network-policies/#allow-all-ingress-traffic */
function openPolicies(app: SynthesizedApp): Finding[] {
  return policiesOf(app).flatMap((policy) => {
    const rulesOf = (direction: 'ingress' | 'egress') => blocksAt(policy.arguments, 'spec', direction);
    const wide = (['ingress', 'egress'] as const)
      .filter((direction) => rulesOf(direction).some((rule) => allowsEverything(rule, direction)))
      .map((direction) => `a NetworkPolicy whose ${direction} rule allows everything`);
    const isOpen = wide.length === 0 && rulesOf('ingress').some(takesEveryPod) && !isOfGateways(app, policy);
    return [...wide, ...(isOpen ? ['a NetworkPolicy whose ingress rule takes calls of every pod'] : [])].map(
      (found) => ({
        construct: policy.construct,
        found,
        fix: 'name ports and peers in every rule',
      }),
    );
  });
}

function policiesOf(app: SynthesizedApp): SynthesizedBlock[] {
  return app.resources('kubernetes_network_policy', 'kubernetes_network_policy_v1');
}

function governsIngress({ arguments: policy }: SynthesizedBlock): boolean {
  return blocksAt(policy, 'spec').some(({ policy_types: types = ['Ingress'] }) => [types].flat().includes('Ingress'));
}

function selects(policy: SynthesizedBlock, { block, labels, namespace }: Pods): boolean {
  if (namespaceOf(policy) !== namespace || (policy.stack !== block.stack && namespace.includes('${'))) return false;
  return blocksAt(policy.arguments, 'spec', 'pod_selector').some((selector) => {
    const wanted = Object.entries(blocksAt(selector, 'match_labels')[0] ?? {});
    return (
      wanted.every(([name, value]) => labels[name] === value) &&
      blocksAt(selector, 'match_expressions').every((expression) => holds(expression, labels))
    );
  });
}

/** @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#resources-that-support-set-based-requirements */
function holds({ key, operator, values }: BlockArguments, labels: Pods['labels']): boolean {
  const value = labels[String(key)];
  const isListed = Array.isArray(values) && values.includes(value);
  if (operator === 'In') return isListed;
  if (operator === 'NotIn') return !isListed;
  return operator === 'Exists' ? value !== undefined : operator === 'DoesNotExist' && value === undefined;
}

/** Whoever calls a gateway of this library has to bring a token. */
function isOfGateways(app: SynthesizedApp, policy: SynthesizedBlock): boolean {
  return areGuarded(podsOf(app).flatMap((pods) => (selects(policy, pods) ? [pods.block.construct] : [])));
}

/** No peers mean all of them, and so do the pods of all namespaces, whatever the ports. */
function takesEveryPod(rule: BlockArguments): boolean {
  const peers = blocksAt(rule, 'from');
  const isEmpty = (selector: BlockArguments) =>
    ['match_labels', 'match_expressions'].every((part) =>
      blocksAt(selector, part).every((each) => Object.keys(each).length === 0),
    );
  return (
    peers.length === 0 ||
    peers.some((peer) => {
      const namespaces = blocksAt(peer, 'namespace_selector');
      return namespaces.length > 0 && namespaces.every(isEmpty) && blocksAt(peer, 'pod_selector').every(isEmpty);
    })
  );
}

/** No ports and no peers mean all of them, and so do all ports of every address. */
function allowsEverything(rule: BlockArguments, direction: 'ingress' | 'egress'): boolean {
  if (blocksAt(rule, 'ports').length > 0) return false;
  const peers = blocksAt(rule, direction === 'ingress' ? 'from' : 'to');
  return (
    peers.length === 0 ||
    peers.some((peer) => blocksAt(peer, 'ip_block').some(({ cidr }) => cidr === '0.0.0.0/0' || cidr === '::/0'))
  );
}
