import type { Construct, IConstruct } from 'constructs';
import type { GatewayConfigInput } from 'oci-mcp-gateway/config';
import { regionOf } from '../core/region';
import { reportFault } from '../core/validation';
import type { Grant } from '../iam/grant';
import { IdentityPolicy } from '../iam/identity-policy';
import { PolicyCondition } from '../iam/policy-condition';
import { PolicyVerb } from '../iam/policy-statement';
import type { IGrantable } from '../iam/principal';
import type { IHostedWorkload } from '../mcp/mcp-hosting';
import type { IMonitoring } from '../mcp/monitoring';
import type { SecretLocation } from '../mcp/outbound-auth';
import type { SecretReference } from '../mcp/secret-reference';
import { type GatewayMetrics, metricNamespace } from './gateway-metrics';

/** The sections of the gateway's configuration about what it tells OCI of itself. */
type MonitoringConfig = Pick<GatewayConfigInput, 'metrics' | 'traces'>;

/**
 * What the gateway publishes, and where.
 * @param locateSecret Permits the gateway to read a secret, and says where it is.
 */
export function monitoringConfig(
  scope: Construct,
  { signingMethod }: IHostedWorkload,
  { compartmentId, traces }: IMonitoring,
  locateSecret: (secret: SecretReference) => SecretLocation,
): MonitoringConfig {
  // Pods learn their region from nowhere else.
  const region = signingMethod === 'oke_workload_identity' ? regionOf(scope) : undefined;
  const metrics = { namespace: metricNamespace, compartment_id: compartmentId, region };
  if (traces?.dataKey === undefined) return { metrics };
  const location = locateSecret(traces.dataKey);
  const key = 'file' in location ? { data_key_file: location.file } : { data_key_secret_id: location.secretId };
  return { metrics, traces: { otlp_url: traces.otlpUrl, ...key, sample_ratio: traces.sampleRatio } };
}

/** Lets a gateway publish, before it starts, and tells people what it says of itself. */
export function watchGateway(
  gateway: Construct & IGrantable,
  { primaryResource, replicas = [] }: IHostedWorkload,
  metrics: GatewayMetrics,
  monitoring: IMonitoring,
): void {
  claimName(gateway, monitoring, metrics.gatewayName);
  gatewayAlarms(gateway, metrics, monitoring);
  const grant = permitPublishing(gateway, monitoring);
  if (primaryResource !== undefined) grant.applyBefore(primaryResource, ...replicas);
}

/**
 * Permits `grantee` to publish metrics of gateways, and no others.
 * @see https://docs.oracle.com/en-us/iaas/Content/Identity/policyreference/monitoringpolicyreference.htm
 */
function permitPublishing(grantee: IGrantable, { compartmentId }: IMonitoring): Grant {
  return IdentityPolicy.allow({
    grantee,
    verb: PolicyVerb.USE,
    resourceType: 'metrics',
    compartmentId,
    conditions: [PolicyCondition.equals('target.metrics.namespace', metricNamespace)],
  });
}

const namesIn = new WeakMap<IMonitoring, Map<string, IConstruct>>();

/** Reports a second gateway of the same name: OCI would take the metrics of both for those of one. */
function claimName(scope: IConstruct, monitoring: IMonitoring, gatewayName: string): void {
  const owners = namesIn.get(monitoring) ?? new Map<string, IConstruct>();
  namesIn.set(monitoring, owners);
  const owner = owners.get(gatewayName);
  if (owner === undefined) {
    owners.set(gatewayName, scope);
    return;
  }
  reportFault(scope, {
    prop: 'gatewayName',
    got: gatewayName,
    allowed: `a name that no other gateway of this monitoring has, as ${owner.node.path} does`,
    fix: 'pass another gatewayName',
  });
}

/** Alarms about one gateway and what is behind it, with a message of its own for each backend. */
function gatewayAlarms(scope: Construct, metrics: GatewayMetrics, monitoring: IMonitoring): void {
  const { thresholds } = monitoring;
  if (thresholds === undefined) return;
  const { path } = scope.node;
  const splitBy = 'backend';
  metrics.backendsUp().createAlarm(scope, 'SilentAlarm', {
    monitoring,
    when: 'absent',
    title: `${path}: the gateway is silent`,
    message: `${path} publishes no metrics any more. Ask its /health, read what it wrote last, and see that it still may publish metrics and reaches OCI on port 443.`,
    severity: 'CRITICAL',
  });
  metrics.backendUp({ splitBy }).createAlarm(scope, 'BackendDownAlarm', {
    monitoring,
    when: { below: 1 },
    title: `${path}: a backend is down`,
    message: `${path} does not reach {{dimensions.backend}}, whose tools are missing from its lists. See that the backend runs; the gateway connects again by itself.`,
    severity: 'ERROR',
  });
  metrics.unavailable({ splitBy }).createAlarm(scope, 'UnavailableAlarm', {
    monitoring,
    when: { above: thresholds.errors },
    title: `${path}: a backend fails`,
    message: `Calls of {{dimensions.backend}} by way of ${path} fail: it is not there, answers too late or with errors of its own. The gateway's log names each of them, and its trace says how far it got.`,
    severity: 'ERROR',
  });
  metrics.latency('p99', { splitBy }).createAlarm(scope, 'LatencyAlarm', {
    monitoring,
    when: { above: thresholds.latencyMilliseconds },
    title: `${path}: calls are slow`,
    message: `One call in a hundred of {{dimensions.backend}} by way of ${path} takes too long. Look at the load of the backend, and at its traces.`,
    severity: 'WARNING',
  });
}
