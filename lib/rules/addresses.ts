import type { IConstruct } from 'constructs';
import {
  blocksAt,
  type SynthesizedApp,
  type SynthesizedBlock,
  type SynthesizedStack,
  textAt,
} from '../core/synthesized-app';
import { type IMcpGateway, isGateway } from '../gateway/mcp-gateway';
import type { IEdgeTarget } from '../mcp/edge-target';
import type { IInboundAuth } from '../mcp/inbound-auth';
import { McpTransport } from '../mcp/mcp-transport';
import { namespaceOf, type Pods, podsOf } from './pods';

/** Resources with an address of their own in a VCN. */
const holders = {
  oci_container_instances_container_instance: { subnet: ['vnics', 'subnet_id'], address: ['vnics', 'private_ip'] },
  oci_network_load_balancer_network_load_balancer: { subnet: ['subnet_id'], address: ['assigned_private_ipv4'] },
  oci_load_balancer_load_balancer: { subnet: ['subnet_ids'], address: undefined },
  oci_apigateway_gateway: { subnet: ['subnet_id'], address: undefined },
  kubernetes_service: { subnet: undefined, address: undefined },
  kubernetes_service_v1: { subnet: undefined, address: undefined },
} as const;

type Holder = keyof typeof holders;

/** The host of a URL, or the whole text where it is an address. */
export function hostIn(text: string): string {
  return /^https?:\/\/((?:\$\{[^}]*\}|[^/:?#])+)/i.exec(text)?.[1] ?? text;
}

/** The resource of the app that answers at an address or URL; undefined for what the app does not make. */
export function holderOf(app: SynthesizedApp, stack: SynthesizedStack, text: string): SynthesizedBlock | undefined {
  const host = hostIn(text);
  const found = app
    .referencesOf(stack, host)
    .map((block) => (block.type === 'oci_core_vnic' ? app.referenceOf(block.stack, block.arguments['vnic_id']) : block))
    .find((block) => block !== undefined && block.type in holders);
  if (found !== undefined) return found;
  const named = app.resources(...Object.keys(holders)).filter((block) => addressOf(block) === host);
  // Stacks for several environments often have the same addresses.
  return named.find((block) => block.stack === stack) ?? named[0];
}

/** The constructs that answer at a URL, made by the app or known to it by their name. */
export function constructsAt(app: SynthesizedApp, stack: SynthesizedStack, url: string): IConstruct[] {
  const holder = holderOf(app, stack, url);
  const made = holder === undefined ? app.referencesOf(stack, url) : [holder];
  if (made.length > 0) return made.map(({ construct }) => construct);
  const host = hostIn(url);
  return app.stacks
    .flatMap(({ stack: each }) => each.node.findAll())
    .filter((construct): construct is IEdgeTarget => 'endpoint' in construct && 'inboundAuth' in construct)
    .filter(({ endpoint }) => endpoint.transport !== McpTransport.STDIO && hostIn(endpoint.url) === host);
}

/** The subnets in which a resource has its addresses, as its stack writes them. */
export function subnetsOf(block: SynthesizedBlock): string[] {
  const path = holders[block.type as Holder]?.subnet;
  if (path === undefined) return subnetsOfService(block);
  const name = path.at(-1) ?? '';
  return blocksAt(block.arguments, ...path.slice(0, -1)).flatMap((each) =>
    [each[name] ?? []].flat().filter((subnet): subnet is string => typeof subnet === 'string'),
  );
}

/** @see https://docs.oracle.com/en-us/iaas/Content/ContEng/Tasks/contengcreatingloadbalancers-subtopic.htm */
function subnetsOfService({ arguments: service }: SynthesizedBlock): string[] {
  const names = [
    'oci-network-load-balancer.oraclecloud.com/subnet',
    'service.beta.kubernetes.io/oci-load-balancer-subnet1',
  ];
  const annotations = blocksAt(service, 'metadata', 'annotations')[0] ?? {};
  return names.map((name) => annotations[name]).filter((subnet): subnet is string => typeof subnet === 'string');
}

/** Whether two resources are known to have their addresses in different subnets. */
export function differInSubnet(app: SynthesizedApp, a: SynthesizedBlock, b: SynthesizedBlock): boolean {
  const subnets = [a, b].map((block) =>
    subnetsOf(block).map((subnet) => app.referenceOf(block.stack, subnet)?.address ?? subnet),
  );
  const [first = [], second = []] = subnets;
  if (first.length === 0 || second.length === 0 || first.some((subnet) => second.includes(subnet))) return false;
  // Variables of different stacks may have the same value.
  return a.stack === b.stack || ![...first, ...second].some((subnet) => subnet.includes('${var.'));
}

/** The pods that a Service selects. */
export function selectedPods(app: SynthesizedApp, service: SynthesizedBlock): Pods[] {
  const selector = Object.entries(blocksAt(service.arguments, 'spec', 'selector')[0] ?? {});
  if (selector.length === 0) return [];
  return podsOf(app)
    .filter(({ namespace }) => namespace === namespaceOf(service))
    .filter(({ labels }) => selector.every(([name, value]) => labels[name] === value));
}

/** Whether whatever these constructs are part of asks its callers for credentials: a gateway, or an edge in front of one. */
export function areGuarded(constructs: readonly (IConstruct | undefined)[]): boolean {
  return constructs.length > 0 && constructs.every((construct) => inboundAuthAround(construct)?.anonymous === false);
}

/** The gateway of this library of which a construct is part. */
export function gatewayAround(construct: IConstruct | undefined): IMcpGateway | undefined {
  const target = targetAround(construct);
  return target !== undefined && isGateway(target) ? target : undefined;
}

function inboundAuthAround(construct: IConstruct | undefined): IInboundAuth | undefined {
  return targetAround(construct)?.inboundAuth;
}

/** What a construct is part of: a server made below a gateway is a server, and asks nobody. */
function targetAround(construct: IConstruct | undefined): IEdgeTarget | undefined {
  return construct?.node.scopes.findLast(
    (scope): scope is IEdgeTarget => 'endpoint' in scope && 'connections' in scope,
  );
}

function addressOf(block: SynthesizedBlock): string | undefined {
  const path = holders[block.type as Holder]?.address;
  return path && textAt(block.arguments, ...path);
}
