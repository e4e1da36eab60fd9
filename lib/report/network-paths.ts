import {
  type BlockArguments,
  blocksAt,
  type SynthesizedApp,
  type SynthesizedBlock,
  textAt,
} from '../core/synthesized-app';
import { Components, isEncrypted, optional, ownerPath } from './components';
import type { PathEntry } from './platform-document';
import { nearest, readable, sorted } from './readable';

const rules = 'oci_core_network_security_group_security_rule';
const tlsPort = '443';
const protocols: { readonly [number: string]: string } = { '6': 'TCP', '17': 'UDP', '1': 'ICMP', all: 'all protocols' };

/** What the rules of network security groups and NetworkPolicies let pass, whoever made them. */
export function pathEntries(app: SynthesizedApp): PathEntry[] {
  const schemes = schemesOf(app);
  const paths = [...groupPaths(app), ...policyPaths(app)].map(({ from, to, port }) => ({
    from,
    to,
    port,
    ...optional('encrypted', port.endsWith(` ${tlsPort}`) ? true : schemes.get(`${to} ${port.replace(/^\w+ /, '')}`)),
  }));
  return sorted(paths);
}

interface Way {
  readonly from: string;
  readonly to: string;
  readonly port: string;
}

function groupPaths(app: SynthesizedApp): Way[] {
  return app.resources(rules).map((rule) => {
    const isIngress = rule.arguments['direction'] === 'INGRESS';
    const own = endOf(app, rule, textAt(rule.arguments, 'network_security_group_id'));
    const other = endOf(app, rule, textAt(rule.arguments, isIngress ? 'source' : 'destination'));
    const port = readable(app, rule.stack, portOf(rule.arguments));
    return isIngress ? { from: other, to: own, port } : { from: own, to: other, port };
  });
}

/** A security group or an address by what it belongs to, anything else by its text. */
function endOf(app: SynthesizedApp, rule: SynthesizedBlock, text = ''): string {
  const found = app.referenceOf(rule.stack, text);
  return found === undefined ? text : (memberOf(found) ?? readable(app, rule.stack, text));
}

/** A group and a VNIC stand for the workload that they were made for. */
function memberOf({ construct, type }: SynthesizedBlock): string | undefined {
  const isEnd = /^oci_core_(network_security_group|vnic)$|load_balancer$|^kubernetes_service/.test(type);
  return isEnd ? ownerPath(construct) : undefined;
}

function portOf(rule: BlockArguments): string {
  const protocol = String(rule['protocol']);
  const name = protocols[protocol] ?? `protocol ${protocol}`;
  const range = blocksAt(rule, 'tcp_options', 'destination_port_range')[0];
  const other = range ?? blocksAt(rule, 'udp_options', 'destination_port_range')[0];
  if (other === undefined) return name;
  return other['min'] === other['max'] ? `${name} ${other['min']}` : `${name} ${other['min']}-${other['max']}`;
}

function policyPaths(app: SynthesizedApp): Way[] {
  return app.resources('kubernetes_network_policy', 'kubernetes_network_policy_v1').flatMap((policy) => {
    const own = ownerPath(policy.construct);
    return (['ingress', 'egress'] as const).flatMap((direction) =>
      blocksAt(policy.arguments, 'spec', direction).flatMap((rule) => {
        const peers = blocksAt(rule, direction === 'ingress' ? 'from' : 'to').map((peer) => peerOf(app, policy, peer));
        const ports = blocksAt(rule, 'ports').map(({ port, protocol = 'TCP' }) => `${protocol} ${port}`);
        return (peers.length > 0 ? peers : ['everywhere']).flatMap((peer) =>
          (ports.length > 0 ? ports : ['all protocols']).map((port) =>
            direction === 'ingress' ? { from: peer, to: own, port } : { from: own, to: peer, port },
          ),
        );
      }),
    );
  });
}

/** Pods by the component whose NetworkPolicy selects them the same way, else by their labels. */
function peerOf(app: SynthesizedApp, policy: SynthesizedBlock, peer: BlockArguments): string {
  const cidr = textAt(peer, 'ip_block', 'cidr');
  if (cidr !== undefined) return endOf(app, policy, cidr);
  const labels = JSON.stringify(blocksAt(peer, 'pod_selector', 'match_labels')[0] ?? {});
  const workloads = app
    .resources('kubernetes_network_policy', 'kubernetes_network_policy_v1')
    .filter(
      ({ arguments: other }) => JSON.stringify(blocksAt(other, 'spec', 'pod_selector', 'match_labels')[0]) === labels,
    );
  const [workload] = nearest(workloads, (each) => each.stack === policy.stack);
  if (workload !== undefined && labels !== '{}') return ownerPath(workload.construct);
  return labels === '{}' ? 'pods of a namespace' : `pods ${labels}`;
}

/** Whether a component speaks TLS, by its path and port. */
function schemesOf(app: SynthesizedApp): ReadonlyMap<string, boolean> {
  const components = new Components(app);
  const urls = [...components.serverEntries(), ...components.gatewayEntries()];
  return new Map(
    urls.flatMap(({ path, url }): [string, boolean][] => {
      const encrypted = isEncrypted(url);
      const port = /:(\d+)(\/|$)/.exec(url ?? '')?.[1] ?? (encrypted ? tlsPort : '80');
      return encrypted === undefined ? [] : [[`${path} ${port}`, encrypted]];
    }),
  );
}
