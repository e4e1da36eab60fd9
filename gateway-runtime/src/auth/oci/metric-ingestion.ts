import { UpstreamError } from '../../errors.js';
import { type ExchangeAnswer, exchange } from '../exchange.js';
import type { Environment } from './principal.js';
import type { RequestSigner } from './request-signer.js';

/**
 * The address of OCI Monitoring that takes metrics, which is not the one that answers queries.
 * https://docs.oracle.com/en-us/iaas/api/#/en/monitoring/20180401/MetricData/PostMetricData
 */
export const ingestionAddress = 'https://telemetry-ingestion.{region}.{domain}';

/** Sends metrics to OCI Monitoring, with the gateway's own identity. */
export class MetricIngestion {
  readonly #signer: RequestSigner;
  readonly #environment: Environment;
  readonly #region: string | undefined;
  #url: URL | undefined;

  constructor(signer: RequestSigner, environment: Environment, region?: string) {
    this.#signer = signer;
    this.#environment = environment;
    this.#region = region;
  }

  /** Sends the body of a PostMetricData request. @throws {UpstreamError} when no answer came */
  async post(body: string): Promise<ExchangeAnswer> {
    this.#url ??= new URL('/20180401/metrics', await this.#endpoint());
    const request = { method: 'POST', url: this.#url, headers: { 'content-type': 'application/json' }, body } as const;
    const attempt = async () => {
      const proof = await this.#signer.sign(request);
      return { proof, answer: await exchange({ ...request, headers: { ...request.headers, ...proof } }) };
    };
    const { proof, answer } = await attempt();
    if (answer.status !== 401 || !(await this.#signer.refresh(proof))) return answer;
    return (await attempt()).answer;
  }

  async #endpoint(): Promise<string> {
    const environment = this.#environment;
    if (environment.MCP_GATEWAY_MONITORING_ENDPOINT) return environment.MCP_GATEWAY_MONITORING_ENDPOINT;
    const region =
      this.#region ||
      environment.OCI_RESOURCE_PRINCIPAL_REGION ||
      environment.OCI_REGION ||
      (await this.#signer.region());
    if (!region) throw new UpstreamError('no region is known; set metrics.region or OCI_REGION');
    const { endpointOf } = await import('./region.js');
    return endpointOf(ingestionAddress, region);
  }
}
