import * as z from 'zod';
import { optional, pattern, port, region, strict, text } from './field.js';
import { checkDataKey, otlpFields } from './otlp.js';

const interval = 'a whole number of seconds from 1 to 3600';
const ratio = 'a number from 0 to 1';

function secondsBetween(description: string) {
  return z
    .int({ error: interval })
    .min(1, { error: interval })
    .max(3600, { error: interval })
    .default(60)
    .describe(description);
}

/**
 * Where the gateway publishes metrics of its calls: OCI Monitoring, in a namespace of its own.
 * https://docs.oracle.com/en-us/iaas/api/#/en/monitoring/20180401/datatypes/MetricDataDetails
 */
export const MetricsSchema = strict({
  namespace: pattern(
    /^(?!oci_|oracle_)[a-z]\w{0,255}$/i,
    'a letter, then letters, digits or "_", that does not begin with "oci_" or "oracle_"',
  )
    .default('mcp_gateway')
    .describe('Namespace of the metrics'),
  compartment_id: text('the OCID of a compartment').describe('OCID of the compartment of the metrics'),
  region: optional(region()).describe('OCI region; without it, the one the identity says'),
  resource_group: optional(
    pattern(/^[a-z][\w.$-]{0,255}$/i, 'a letter, then letters, digits, ".", "_", "-" or "$"'),
  ).describe('Resource group of the metrics'),
  interval: secondsBetween('Seconds between two points of a metric'),
});

/** Runs although a field is a fault itself, so that all faults are told at once. */
const always = { when: ({ value }: { value: unknown }) => typeof value === 'object' && value !== null };

/**
 * Where the gateway sends spans: OTLP over HTTP, as JSON.
 * https://docs.oracle.com/en-us/iaas/application-performance-monitoring/doc/configure-opentelemetry.html
 */
export const TracesSchema = strict({
  ...otlpFields('traces'),
  sample_ratio: z
    .number({ error: ratio })
    .min(0, { error: ratio })
    .max(1, { error: ratio })
    .default(1)
    .describe('Share of the calls that become a trace, unless the client has decided'),
}).superRefine(checkDataKey, always);

/**
 * Where the gateway sends metrics by OTLP over HTTP, as JSON. An APM domain takes them at `/20200101/opentelemetry/v1/metrics`,
 * with its private data key only.
 * https://docs.oracle.com/en-us/iaas/application-performance-monitoring/doc/configure-opentelemetry.html
 */
export const OtlpMetricsSchema = strict({
  ...otlpFields('metrics'),
  interval: secondsBetween('Seconds between two points of a metric'),
}).superRefine(checkDataKey, always);

/** What scrapers of Prometheus get beside `/metrics` on the gateway's own port. */
export const PrometheusSchema = strict({
  port: optional(port()).describe('Port of its own for /metrics, without auth; 0 picks a free one'),
  host: optional(text()).describe("Address of that port; without it, the gateway's host"),
  tools: z
    .boolean({ error: 'true or false' })
    .default(false)
    .describe('Count calls of each tool, too: one series for each tool and outcome'),
}).superRefine(({ port, host }, context) => {
  if (host === undefined || port !== undefined) return;
  const message = 'is the address of a port of its own; set port too, or remove host';
  context.addIssue({ code: 'custom', path: ['host'], message });
}, always);

/** Where metrics are published, checked and with every default filled in. */
export type MetricsConfig = z.output<typeof MetricsSchema>;

/** Where spans are sent, checked and with every default filled in. */
export type TracesConfig = z.output<typeof TracesSchema>;

/** Where metrics are sent by OTLP, checked and with every default filled in. */
export type OtlpMetricsConfig = z.output<typeof OtlpMetricsSchema>;
