import { UpstreamError } from '../../errors.js';
import { type ExchangeAnswer, exchange } from '../exchange.js';
import type { Environment } from './principal.js';
import type { RequestSigner } from './request-signer.js';

/** A service of OCI that takes what the gateway sends. */
export interface IngestionService {
  /** With `{region}` and `{domain}` in it. */
  readonly address: string;
  readonly path: string;
  /** The variable that says another address. */
  readonly variable: string;
  /** The field of the configuration that says the region. */
  readonly field: string;
}

/**
 * OCI Monitoring: the address that takes metrics is not the one that answers queries.
 * https://docs.oracle.com/en-us/iaas/api/#/en/monitoring/20180401/MetricData/PostMetricData
 */
export const metricIngestion: IngestionService = {
  address: 'https://telemetry-ingestion.{region}.{domain}',
  path: '/20180401/metrics',
  variable: 'MCP_GATEWAY_MONITORING_ENDPOINT',
  field: 'metrics.region',
};

/**
 * A log of OCI Logging.
 * https://docs.oracle.com/en-us/iaas/api/#/en/logging-dataplane/20200831/LogEntry/PutLogs
 */
export function logIngestion(logId: string): IngestionService {
  return {
    address: 'https://ingestion.logging.{region}.oci.{domain}',
    path: `/20200831/logs/${encodeURIComponent(logId)}/actions/push`,
    variable: 'MCP_GATEWAY_LOGGING_ENDPOINT',
    field: 'audit.oci_logging.region',
  };
}

/** Who sends, and where to. */
export interface IngestionOptions {
  readonly service: IngestionService;
  readonly signer: RequestSigner;
  readonly environment: Environment;
  /** @default - what the environment or the identity says */
  readonly region?: string;
}

/** Sends to a service of OCI, with the gateway's own identity. */
export class Ingestion {
  readonly #options: IngestionOptions;
  #url: URL | undefined;

  constructor(options: IngestionOptions) {
    this.#options = options;
  }

  /** Sends the body of a request, signed. @throws {UpstreamError} when no answer came */
  async post(body: string): Promise<ExchangeAnswer> {
    const { service, signer } = this.#options;
    this.#url ??= new URL(service.path, await this.#endpoint());
    const request = { method: 'POST', url: this.#url, headers: { 'content-type': 'application/json' }, body } as const;
    const attempt = async () => {
      const proof = await signer.sign(request);
      return { proof, answer: await exchange({ ...request, headers: { ...request.headers, ...proof } }) };
    };
    const { proof, answer } = await attempt();
    if (answer.status !== 401 || !(await signer.refresh(proof))) return answer;
    return (await attempt()).answer;
  }

  async #endpoint(): Promise<string> {
    const { service, signer, environment, region: configured } = this.#options;
    const other = environment[service.variable];
    if (other) return other;
    const region =
      configured || environment.OCI_RESOURCE_PRINCIPAL_REGION || environment.OCI_REGION || (await signer.region());
    if (!region) throw new UpstreamError(`no region is known; set ${service.field} or OCI_REGION`);
    const { endpointOf } = await import('./region.js');
    return endpointOf(service.address, region);
  }
}
