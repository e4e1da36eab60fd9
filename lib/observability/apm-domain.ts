import { ApmApmDomain } from '@cdktf/provider-oci/lib/apm-apm-domain';
import { DataOciApmApmDomain } from '@cdktf/provider-oci/lib/data-oci-apm-apm-domain';
import { Annotations, Fn } from 'cdktf';
import type { Construct } from 'constructs';
import { qualifiedNameOf } from '../core/names';
import { checkNumber, reportFault } from '../core/validation';
import type { TraceDestination } from '../mcp/monitoring';
import type { SecretReference } from '../mcp/secret-reference';

/**
 * Where a domain takes spans that come with its private data key.
 * @see https://docs.oracle.com/en-us/iaas/application-performance-monitoring/doc/configure-opentelemetry.html
 */
const tracesPath = '/20200101/opentelemetry/private/v1/traces';

export interface ApmOptions {
  /** OCID of a domain that exists already. @default - one is made */
  readonly domainId?: string;
  /** OCID of the compartment of that domain. @default - the one of the monitoring */
  readonly compartmentId?: string;
  /** Whether the domain made here is an Always Free one. Changing it replaces the domain. @default false */
  readonly freeTier?: boolean;
  /**
   * The domain's private data key. OCI makes it together with the domain, and Terraform would keep it in its state: copy it
   * into Vault once the domain is there, and name that secret.
   * @default - gateways send no spans yet; functions do
   */
  readonly dataKey?: SecretReference;
  /** Share of the gateway's calls that become a trace, 0 to 1. @default - the gateway's own default */
  readonly sampleRatio?: number;
}

/** The domain that takes spans, made or found. */
export function apmDomain(scope: Construct, monitoringCompartmentId: string, options: ApmOptions): TraceDestination {
  const { domainId, compartmentId = monitoringCompartmentId, dataKey, freeTier, sampleRatio } = options;
  checkNumber(scope, 'apm.sampleRatio', sampleRatio, { min: 0, max: 1 });
  if (domainId !== undefined && freeTier !== undefined) {
    reportFault(scope, {
      prop: 'apm.freeTier',
      got: freeTier,
      allowed: 'a setting of a domain made here: domainId names one',
    });
  }
  if (dataKey === undefined) {
    Annotations.of(scope).addWarning(
      'apm.dataKey: gateways send no spans; copy the private data key of the domain into a secret in Vault, and pass that',
    );
  }
  const domain =
    domainId === undefined
      ? new ApmApmDomain(scope, 'ApmDomain', {
          compartmentId,
          displayName: qualifiedNameOf(scope, 255),
          isFreeTier: freeTier ?? false,
        })
      : new DataOciApmApmDomain(scope, 'ApmDomain', { apmDomainId: domainId });
  return {
    domainId: domainId ?? domain.id,
    compartmentId,
    // Oracle prints the endpoint with and without its scheme.
    otlpUrl: `https://${Fn.trimprefix(domain.dataUploadEndpoint, 'https://')}${tracesPath}`,
    dataKey,
    sampleRatio,
  };
}
