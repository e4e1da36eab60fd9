import type { KeyObject } from 'node:crypto';
import { type Listening, listen } from './gateway-servers.js';
import { verifySignature } from './oci-signature.js';

/** A metric as it was posted. */
export interface PostedMetric {
  readonly namespace: string;
  readonly compartmentId: string;
  readonly resourceGroup?: string;
  readonly name: string;
  readonly dimensions: Record<string, string>;
  readonly datapoints: readonly { readonly timestamp: string; readonly value: number }[];
}

/** The service of OCI Monitoring that takes metrics of whoever signs correctly. */
export interface TestMonitoring extends Listening {
  /** The metrics of every request that was taken, in order. */
  readonly requests: PostedMetric[][];
  /** What was wrong with requests. */
  readonly faults: string[];
  /** How many requests came. */
  readonly asked: number;
  /** What it answers: a status, or nothing at all. */
  answer: number | 'nothing';
  /** How many metrics of each request it says it refused. */
  failedMetrics: number;
  /** All points of one metric of one backend, or of the gateway itself, in order. */
  valuesOf(name: string, backend?: string): number[];
}

const pattern = { namespace: /^(?!oci_|oracle_)[a-z]\w*$/i, name: /^(?!oci_)[a-z][\w.$-]*$/i };
const twoHours = 2 * 3600_000;

/** What OCI would refuse. https://docs.oracle.com/en-us/iaas/api/#/en/monitoring/20180401/MetricData/PostMetricData */
function* faultsOf(metrics: readonly PostedMetric[]): Generator<string> {
  const streams = new Set(metrics.map(({ name, dimensions }) => JSON.stringify([name, dimensions])));
  if (streams.size > 50) yield `${streams.size} streams`;
  for (const { namespace, compartmentId, name, dimensions, datapoints } of metrics) {
    if (!pattern.namespace.test(namespace) || !pattern.name.test(name) || !compartmentId) yield `${namespace} ${name}`;
    const pairs = Object.entries(dimensions);
    if (pairs.length < 1 || pairs.length > 20) yield `${name}: ${pairs.length} dimensions`;
    for (const [key, value] of pairs) {
      if (!/^[\x21-\x2d\x2f-\x7e]{1,256}$/.test(key) || value.length < 1 || value.length > 256) yield `${name}: ${key}`;
    }
    if (datapoints.length === 0) yield `${name}: no point`;
    for (const { timestamp, value } of datapoints) {
      const age = Date.now() - Date.parse(timestamp);
      if (!(age < twoHours && age > -600_000)) yield `${name}: ${timestamp}`;
      if (!Number.isFinite(value)) yield `${name}: ${value}`;
    }
  }
}

export async function startMonitoring(
  publicKeyOf: (keyId: string) => KeyObject | string | undefined,
): Promise<TestMonitoring> {
  const requests: PostedMetric[][] = [];
  const faults: string[] = [];
  const listening = await listen(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    state.asked++;
    const { method = '', url = '', headers } = request;
    const say = (status: number, document: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(document));
    try {
      verifySignature({ method, target: url, headers, body }, publicKeyOf);
    } catch (error) {
      faults.push((error as Error).message);
      return void say(401, { code: 'NotAuthenticated', message: 's3cret' });
    }
    if (state.answer === 'nothing') return;
    if (state.answer !== 200) return void say(state.answer, { code: 'SomethingWrong', message: 's3cret' });
    const { metricData } = JSON.parse(body) as { metricData: PostedMetric[] };
    if (`${method} ${url}` !== 'POST /20180401/metrics') faults.push(`${method} ${url}`);
    faults.push(...faultsOf(metricData));
    requests.push(metricData);
    say(200, { failedMetricsCount: state.failedMetrics, failedMetrics: [] });
  });
  const state = {
    ...{ asked: 0, answer: 200 as TestMonitoring['answer'], failedMetrics: 0 },
    ...{ ...listening, requests, faults },
    valuesOf: (name: string, backend?: string) =>
      requests
        .flat()
        .filter((metric) => metric.name === name && metric.dimensions.backend === backend)
        .flatMap(({ datapoints }) => datapoints.map(({ value }) => value)),
  };
  return state;
}
