import { z } from 'zod';
import { optional, pattern, secureUrl, strict, text } from './field.js';
import { isLoopback } from './loopback.js';
import { choiceOfPlaces, isSetToo, placesOf } from './secret-places.js';

const interval = 'a whole number of seconds from 1 to 3600';
const ratio = 'a number from 0 to 1';

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
  region: optional(pattern(/^[a-z][a-z0-9-]*$/, 'a region such as "eu-frankfurt-1"')).describe(
    'OCI region; without it, the one the identity says',
  ),
  resource_group: optional(
    pattern(/^[a-z][\w.$-]{0,255}$/i, 'a letter, then letters, digits, ".", "_", "-" or "$"'),
  ).describe('Resource group of the metrics'),
  interval: z
    .int({ error: interval })
    .min(1, { error: interval })
    .max(3600, { error: interval })
    .default(60)
    .describe('Seconds between two points of a metric'),
});

/**
 * Where the gateway sends spans: OTLP over HTTP, as JSON.
 * https://docs.oracle.com/en-us/iaas/application-performance-monitoring/doc/configure-opentelemetry.html
 */
export const TracesSchema = strict({
  otlp_url: secureUrl()
    .regex(/^[^?#]*\/v1\/traces$/, { error: 'a URL that ends in /v1/traces, as that of an APM domain does' })
    .describe('The whole address that takes spans, which ends in /v1/traces'),
  data_key: optional(text()).describe('Private data key of the APM domain; prefer data_key_env or data_key_file'),
  data_key_env: optional(text()).describe("Variable of the gateway's environment that holds the key"),
  data_key_file: optional(text()).describe('File that holds the key; read again after a 401'),
  data_key_secret_id: optional(text('the OCID of a Vault secret')).describe(
    'OCID of the Vault secret that holds the key; read again after a 401',
  ),
  sample_ratio: z
    .number({ error: ratio })
    .min(0, { error: ratio })
    .max(1, { error: ratio })
    .default(1)
    .describe('Share of the calls that become a trace, unless the client has decided'),
}).superRefine(
  (traces, context) => {
    const [first, second] = placesOf('data_key').filter((field) => traces[field]);
    const fault = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    if (first && second) fault(second, isSetToo(first));
    if (first || typeof traces.otlp_url !== 'string' || !URL.canParse(traces.otlp_url)) return;
    // A collector beside the gateway asks for no key.
    const { hostname } = new URL(traces.otlp_url);
    if (!isLoopback(hostname.replace(/^\[|\]$/g, ''))) fault('data_key', `needs ${choiceOfPlaces('data_key')}`);
  },
  { when: ({ value }) => typeof value === 'object' && value !== null },
);

/** Where metrics are published, checked and with every default filled in. */
export type MetricsConfig = z.output<typeof MetricsSchema>;

/** Where spans are sent, checked and with every default filled in. */
export type TracesConfig = z.output<typeof TracesSchema>;
