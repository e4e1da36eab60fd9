import { Annotations, Token } from 'cdktf';
import type { Construct } from 'constructs';
import { checkInteger, checkOneOf, checkPattern, checkPort, reportFault } from '../../core/validation';
import type { LoadBalancerTarget } from '../../mcp/edge-target';
import type { LoadBalancerEdgeProps, LoadBalancerType } from './load-balancer-props';
import { loadBalancerOptions, type Settings } from './settings';

const policies: { readonly [type in LoadBalancerType]: readonly string[] } = {
  NETWORK_LOAD_BALANCER: ['TWO_TUPLE', 'THREE_TUPLE', 'FIVE_TUPLE'],
  LOAD_BALANCER: ['IP_HASH', 'LEAST_CONNECTIONS', 'ROUND_ROBIN'],
};

/** Reports what no balancer of OCI could be made of, and what would do nothing. */
export function checkLoadBalancerEdge(scope: Construct, props: LoadBalancerEdgeProps, settings: Settings): void {
  const { bandwidth, type } = settings;
  checkOneOf(scope, 'type', props.type, Object.keys(policies) as LoadBalancerType[]);
  checkOneOf(scope, 'endpoint', props.endpoint, ['PRIVATE', 'PUBLIC'] as const);
  if (type in policies) checkOneOf(scope, 'policy', settings.policy, policies[type]);
  checkPort(scope, 'port', props.port);
  checkPattern(scope, 'hostname', props.hostname, {
    pattern: /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/i,
    allowed: 'a fully qualified host name such as "mcp.example.com"',
  });
  checkPattern(scope, 'privateIp', props.privateIp, {
    pattern: /^(\d{1,3}\.){3}\d{1,3}$/,
    allowed: 'an IPv4 address such as "10.0.10.5"',
  });
  checkInteger(scope, 'idleTimeoutSeconds', props.idleTimeoutSeconds, { min: 1, max: 7200 });
  checkInteger(scope, 'bandwidth.minimumMbps', bandwidth.minimumMbps, { min: 10, max: 8000 });
  checkInteger(scope, 'bandwidth.maximumMbps', bandwidth.maximumMbps, {
    min: Token.isUnresolved(bandwidth.minimumMbps) ? 10 : Math.max(10, bandwidth.minimumMbps),
    max: 8000,
  });
  checkInteger(scope, 'waf.requestsPerMinute', props.waf?.requestsPerMinute, { min: 1 });
  if (props.waf?.policyId !== undefined && props.waf.requestsPerMinute !== undefined) {
    reportFault(scope, {
      prop: 'waf.requestsPerMinute',
      got: props.waf.requestsPerMinute,
      allowed: 'no limit beside policyId, whose own rules apply',
    });
  }
  checkType(scope, props, settings);
  checkTls(scope, props, settings);
  if (!settings.isPrivate) checkPublic(scope, props, settings);
}

function checkType(scope: Construct, props: LoadBalancerEdgeProps, { type }: Settings): void {
  const refuse = (prop: string, got: unknown, allowed: string) => reportFault(scope, { prop, got, allowed });
  if (type === 'LOAD_BALANCER') {
    if (props.privateIp === undefined) return;
    refuse('privateIp', props.privateIp, 'an address of choice only for type "NETWORK_LOAD_BALANCER"');
    return;
  }
  for (const option of loadBalancerOptions.filter((each) => props[each] !== undefined)) {
    refuse(option, 'a value', 'nothing for type "NETWORK_LOAD_BALANCER", which passes packets on as they are');
  }
  if (props.endpoint === 'PUBLIC') {
    refuse('endpoint', 'PUBLIC', '"PRIVATE" for type "NETWORK_LOAD_BALANCER", which has no TLS');
  }
}

function checkTls(scope: Construct, props: LoadBalancerEdgeProps, { hasTls }: Settings): void {
  if (hasTls && props.hostname === undefined) {
    reportFault(scope, {
      prop: 'hostname',
      got: undefined,
      allowed: 'with TLS, a host name which the certificate is for',
      fix: 'pass hostname',
    });
  }
}

function checkPublic(scope: Construct, props: LoadBalancerEdgeProps, { hasTls }: Settings): void {
  const { network, subnetId, target } = props;
  const report = (prop: string, got: unknown, allowed: string, fix: string) =>
    reportFault(scope, { prop, got, allowed, fix });
  if (network.publicSubnetId === undefined && subnetId === undefined) {
    report('network', 'a network without a public subnet', 'one with a public subnet', 'give it publicSubnetCidrBlock');
  }
  if (!hasTls) {
    report('endpoint', 'PUBLIC', 'a public address only with TLS', 'pass certificateId or tlsSecretName, and hostname');
  }
  if (target.inboundAuth === undefined) {
    const allowed = 'for a public address, a target that says how its clients prove themselves';
    report('target', target.node.path, allowed, 'put an McpGateway with inboundAuth in between');
  } else if (target.inboundAuth.anonymous) {
    Annotations.of(scope).addWarning(
      'endpoint: everybody on the internet may call every tool; give the target InboundAuth.jwt({ issuer, audiences, jwksUri })',
    );
  }
}

/** Reports options that do nothing for pods, or nothing for addresses. */
export function checkTarget(
  scope: Construct,
  props: LoadBalancerEdgeProps,
  { type, isPrivate }: Settings,
  target: LoadBalancerTarget,
): void {
  const hasPods = target.pods !== undefined;
  const refuse = (prop: string, allowed: string) => reportFault(scope, { prop, got: 'a value', allowed });
  if (hasPods && props.certificateId !== undefined) {
    refuse('certificateId', 'nothing in front of pods: Kubernetes takes the certificate from tlsSecretName');
  }
  if (hasPods && props.waf !== undefined) {
    refuse('waf', 'nothing in front of pods: Kubernetes makes the load balancer, and attaches no firewall');
  }
  if (!hasPods && props.tlsSecretName !== undefined) {
    refuse('tlsSecretName', 'nothing in front of addresses: pass certificateId');
  }
  if (!hasPods && props.nodeSecurityGroupId !== undefined) {
    refuse('nodeSecurityGroupId', 'nothing in front of addresses, which are no nodes');
  }
  if (hasPods && type === 'LOAD_BALANCER' && isPrivate && props.subnetId === undefined) {
    Annotations.of(scope).addWarning(
      'subnetId: a load balancer calls pods from any address of its subnet, so all that stands in the subnet of workloads reaches these pods; give it a subnet of its own',
    );
  }
  if (hasPods && props.monitoring !== undefined) {
    Annotations.of(scope).addWarning(
      'monitoring: Kubernetes makes this balancer, so its OCID is not known here, and it gets no logs and no alarm',
    );
  }
}
