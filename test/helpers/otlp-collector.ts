import type { IncomingHttpHeaders } from 'node:http';
import { type Listening, listen } from './gateway-servers.js';

interface OtlpAttribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string };
}

interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly traceState?: string;
  readonly name: string;
  readonly kind: number;
  readonly attributes: readonly OtlpAttribute[];
  readonly status: { readonly code: number; readonly message?: string };
}

interface OtlpPoint {
  readonly attributes: readonly OtlpAttribute[];
  readonly asDouble?: number;
  readonly count?: number;
  readonly sum?: number;
  readonly bucketCounts?: readonly number[];
  readonly explicitBounds?: readonly number[];
}

interface OtlpMetric {
  readonly name: string;
  readonly unit: string;
  readonly histogram?: { readonly dataPoints: readonly OtlpPoint[]; readonly aggregationTemporality: number };
  readonly gauge?: { readonly dataPoints: readonly OtlpPoint[] };
}

interface OtlpResource {
  readonly resource: { readonly attributes: readonly OtlpAttribute[] };
}

interface OtlpRequest {
  readonly resourceSpans?: readonly (OtlpResource & {
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  })[];
  readonly resourceMetrics?: readonly (OtlpResource & {
    readonly scopeMetrics: readonly { readonly metrics: readonly OtlpMetric[] }[];
  })[];
}

/** A span as it was received. */
export interface ReceivedSpan extends Omit<OtlpSpan, 'attributes'> {
  readonly attributes: Record<string, string | undefined>;
  readonly resource: Record<string, string | undefined>;
}

/** A point of a metric as it was received. */
export interface ReceivedPoint extends Omit<OtlpPoint, 'attributes'> {
  readonly metric: string;
  readonly unit: string;
  /** 2 for one that goes on from the start; absent where that means nothing. */
  readonly temporality?: number;
  readonly attributes: Record<string, string | undefined>;
  readonly resource: Record<string, string | undefined>;
}

/** A collector that takes OTLP over HTTP, as JSON, as an APM domain does. */
export interface TestCollector extends Listening {
  /** Where metrics are sent; `url` takes spans. */
  readonly metricsUrl: string;
  readonly spans: ReceivedSpan[];
  readonly points: ReceivedPoint[];
  /** Headers of every request, in order. */
  readonly headers: IncomingHttpHeaders[];
  /** Everything that was received, as it came. */
  readonly bodies: string[];
  /** The Authorization header that is accepted; any when undefined. */
  accepts: string | undefined;
  /** What it answers whoever it accepts: a status, or nothing at all. */
  answer: number | 'nothing';
}

const plain = (attributes: readonly OtlpAttribute[]) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue]));

export async function startCollector(): Promise<TestCollector> {
  const spans: ReceivedSpan[] = [];
  const points: ReceivedPoint[] = [];
  const headers: IncomingHttpHeaders[] = [];
  const bodies: string[] = [];
  const listening = await listen(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    headers.push(request.headers);
    bodies.push(body);
    const accepted = collector.accepts === undefined || request.headers.authorization === collector.accepts;
    const status = accepted ? collector.answer : 401;
    if (status === 'nothing') return;
    if (status === 200) {
      const { resourceSpans = [], resourceMetrics = [] } = JSON.parse(body) as OtlpRequest;
      for (const { resource, scopeSpans } of resourceSpans) {
        for (const span of scopeSpans.flatMap((scope) => scope.spans)) {
          spans.push({ ...span, attributes: plain(span.attributes), resource: plain(resource.attributes) });
        }
      }
      for (const { resource, scopeMetrics } of resourceMetrics) {
        for (const { name, unit, histogram, gauge } of scopeMetrics.flatMap((scope) => scope.metrics)) {
          for (const point of (histogram ?? gauge)?.dataPoints ?? []) {
            const of = { metric: name, unit, temporality: histogram?.aggregationTemporality };
            points.push({ ...of, ...point, attributes: plain(point.attributes), resource: plain(resource.attributes) });
          }
        }
      }
    }
    response.writeHead(status, { 'content-type': 'application/json' }).end(status === 200 ? '{}' : '"s3cret"');
  });
  const collector: TestCollector = {
    ...{ ...listening, url: `${listening.url}/20200101/opentelemetry/private/v1/traces` },
    metricsUrl: `${listening.url}/20200101/opentelemetry/v1/metrics`,
    ...{ spans, points, headers, bodies, accepts: undefined, answer: 200 },
  };
  return collector;
}
