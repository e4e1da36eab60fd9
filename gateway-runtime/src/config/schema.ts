import * as z from 'zod';
import { ConfigError, type ConfigFault } from '../errors.js';
import { AuditSchema } from './audit.js';
import { AuthSchema } from './auth.js';
import { BackendSchema, signingMethods } from './backend.js';
import { ConsoleSchema, consoleFaults } from './console.js';
import { formatPath, toFaults } from './faults.js';
import { optional, port, seconds, strict, text } from './field.js';
import { GatewayToolsSchema } from './gateway-tools.js';
import { LimitsSchema, limitFaults } from './limits.js';
import { SealingSchema } from './sealing.js';
import { StateSchema } from './state.js';
import { MetricsSchema, OtlpMetricsSchema, PrometheusSchema, TracesSchema } from './telemetry.js';
import { TlsSchema } from './tls.js';
import { ViewsSchema, viewFaults } from './views.js';

/** Log levels, from most to least talkative. */
export const logLevels = ['DEBUG', 'INFO', 'WARNING', 'ERROR'] as const;

const path = 'a path that starts with "/", has no query and is not /health, /ready, /metrics or below /.well-known';
const pageSize = 'a whole number from 1 to 10000';
const workers = 'a whole number from 1 to 64';
const drain = 'a number of seconds from 0 to 3600';
const level = `one of ${logLevels.join(', ')}`;

/** The gateway's configuration file. Everything has a default. */
export const GatewayConfigSchema = strict({
  name: text().default('oci-mcp-gateway').describe('Name the gateway tells its clients'),
  version: text().default('1.0.0').describe('Version the gateway tells its clients'),
  host: text().default('0.0.0.0').describe('Address to listen on'),
  port: port().default(9000).describe('Port to listen on; 0 picks a free one'),
  path: z
    .string({ error: path })
    .regex(/^(?!\/(health|ready|metrics)\/?$)(?!\/\.well-known(\/|$))\/[^\s?#]*$/, { error: path })
    .default('/mcp')
    .describe('Path of the MCP endpoint'),
  tls: optional(TlsSchema).describe('Serve HTTPS; without it, HTTP'),
  log_level: z
    .string({ error: level })
    .toUpperCase()
    .pipe(z.enum(logLevels, { error: level }))
    .default('INFO')
    .describe(`${logLevels.join(', ')}, in any case`),
  workers: z
    .int({ error: workers })
    .min(1, { error: workers })
    .max(64, { error: workers })
    .default(1)
    .describe('Processes that serve the port together, for as many processors'),
  stateless: z
    .boolean({ error: 'true or false' })
    .default(false)
    .describe('Keep no sessions: any replica answers any call, but nothing is sent to clients unasked'),
  enable_sse: z
    .boolean({ error: 'true or false' })
    .default(false)
    .describe('Serve clients of the HTTP+SSE transport of 2024-11-05, too, at /sse and /messages'),
  rest_api: z
    .boolean({ error: 'true or false' })
    .default(false)
    .describe('Serve tools as plain HTTP, too, below /api/v1, for clients that do not speak MCP'),
  state: optional(StateSchema).describe('Where replicas share sessions; without it each keeps its own in memory'),
  sealing: optional(SealingSchema).describe(
    'Key that replicas have in common for ids of sessions and for what clients keep between two requests; without it, each has its own',
  ),
  oci_auth_method: z
    .enum(signingMethods)
    .default('resource_principal')
    .describe('Identity with which the gateway reads secrets from Vault and publishes metrics'),
  secret_ttl: seconds()
    .default(300)
    .describe('Seconds until a secret in a file or in Vault is read again; one that is refused is read at once'),
  auth: AuthSchema.prefault({}),
  backends: z
    .array(BackendSchema, { error: 'a list of backends' })
    .default([])
    .describe('The MCP servers behind the gateway, in order of precedence'),
  views: ViewsSchema.default({}).describe('Selections of what the gateway offers, each served at <path>/<name>'),
  limits: optional(LimitsSchema).describe(
    'How many calls there may be, by caller, tool and backend; without it, any number',
  ),
  tool_search: z
    .boolean({ error: 'true or false' })
    .default(false)
    .describe('List two tools in place of all: one that finds tools, and one that calls them'),
  page_size: z
    .int({ error: pageSize })
    .min(1, { error: pageSize })
    .max(10_000, { error: pageSize })
    .default(1000)
    .describe('Items in one page of a list'),
  gateway_tools: GatewayToolsSchema.prefault({}),
  console: ConsoleSchema.prefault({}),
  drain_delay: z
    .number({ error: drain })
    .min(0, { error: drain })
    .max(3600, { error: drain })
    .default(0)
    .describe('Seconds for which calls are still taken after SIGTERM, while /ready already says 503'),
  drain_timeout: z
    .number({ error: drain })
    .min(0, { error: drain })
    .max(3600, { error: drain })
    .default(10)
    .describe('Seconds that calls in flight then get to finish'),
  enable_audit_log: z
    .boolean({ error: 'true or false' })
    .default(true)
    .describe('Keep a record of who asked for what, and how it ended'),
  audit: optional(AuditSchema).describe('What audit records hold, and where they go beside the log'),
  enable_metrics: z
    .boolean({ error: 'true or false' })
    .default(true)
    .describe('Count calls and measure how long they take'),
  prometheus: optional(PrometheusSchema).describe('What scrapers of Prometheus get beside /metrics of the gateway'),
  metrics: optional(MetricsSchema).describe('Where metrics are published in OCI Monitoring; without it, nowhere'),
  otlp_metrics: optional(OtlpMetricsSchema).describe('Where metrics are sent by OTLP; without it, nowhere'),
  traces: optional(TracesSchema).describe('Where spans are sent, such as an APM domain; without it, nowhere'),
})
  .superRefine(
    ({ backends, stateless, state, enable_sse, rest_api, path, limits }, context) => {
      if (stateless === true && state && !limits) {
        const message = 'a stateless gateway without limits has nothing that could be shared; remove one of the two';
        context.addIssue({ code: 'custom', path: ['state'], message });
      }
      if (stateless === true && enable_sse === true) {
        const message = 'old clients need sessions, and a stateless gateway keeps none; remove one of the two';
        context.addIssue({ code: 'custom', path: ['enable_sse'], message });
      }
      if (enable_sse === true && typeof path === 'string' && /^\/(sse|messages)(\/|$)/.test(path)) {
        const message = 'old clients are served at /sse and /messages; choose another path';
        context.addIssue({ code: 'custom', path: ['path'], message });
      }
      if (rest_api === true && typeof path === 'string' && /^\/api\/v1(\/|$)/.test(path)) {
        const message = 'the REST API is served at /api/v1; choose another path';
        context.addIssue({ code: 'custom', path: ['path'], message });
      }
      const first = new Map<string, number>();
      for (const [index, backend] of (Array.isArray(backends) ? backends : []).entries()) {
        const name: unknown = Object(backend).name;
        if (typeof name !== 'string') continue;
        const taken = first.get(name);
        if (taken === undefined) first.set(name, index);
        else {
          const message = `"${name}" is already the name of backends[${taken}]; names must be unique`;
          context.addIssue({ code: 'custom', path: ['backends', index, 'name'], message });
        }
      }
    },
    { when: ({ value }) => typeof value === 'object' && value !== null },
  )
  .superRefine((config, context) => {
    for (const fault of [...viewFaults(config), ...limitFaults(config), ...consoleFaults(config)]) {
      context.addIssue({ code: 'custom', ...fault });
    }
    const { auth, gateway_tools, tls, audit, enable_audit_log } = config;
    if (config.workers > 1 && config.limits && !config.state) {
      const message = 'each worker would count by itself; set state, so that they count together, or set workers to 1';
      context.addIssue({ code: 'custom', path: ['limits'], message });
    }
    if (config.workers > 1 && config.enable_sse) {
      const message = 'each message of an old client may reach another worker than its stream; set workers to 1';
      context.addIssue({ code: 'custom', path: ['enable_sse'], message });
    }
    if (audit && !enable_audit_log) {
      const message = 'nothing is audited; remove it, or set enable_audit_log to true';
      context.addIssue({ code: 'custom', path: ['audit'], message });
    }
    if (Object.keys(auth.client_certificates).length > 0 && !tls?.client_ca_file) {
      const message = 'no certificate of a client is verified; set tls.client_ca_file as well';
      context.addIssue({ code: 'custom', path: ['auth', 'client_certificates'], message });
    }
    if (auth.enabled && gateway_tools.enabled && !gateway_tools.required_scopes) {
      const message = 'say which scopes these tools need, such as ["operations"]; [] opens them to every caller';
      context.addIssue({ code: 'custom', path: ['gateway_tools', 'required_scopes'], message });
    }
  });

/** The configuration, checked and with every default filled in. */
export type GatewayConfig = z.output<typeof GatewayConfigSchema>;

/** The configuration as it is written. */
export type GatewayConfigInput = z.input<typeof GatewayConfigSchema>;

/** A backend as it is written. */
export type BackendInput = z.input<typeof BackendSchema>;

/** Top-level keys for editors and readers, such as `$schema` and `//`, mean nothing to the gateway. */
const isNote = (key: string) => key.startsWith('$') || key.startsWith('//');

/**
 * Checks a configuration and fills in the defaults.
 *
 * @param input Parsed JSON. Top-level keys that start with `$` or `//` are ignored.
 * @throws {ConfigError} with every fault found.
 *
 * @example
 * parseGatewayConfig({ backends: [{ name: 'docs', url: 'https://docs.example/mcp' }] }).port; // 9000
 */
export function parseGatewayConfig(input: unknown): GatewayConfig {
  const plain = typeof input === 'object' && input !== null && !Array.isArray(input);
  const content = plain ? Object.fromEntries(Object.entries(input).filter(([key]) => !isNote(key))) : input;
  const result = GatewayConfigSchema.safeParse(content);
  const faults = [...(result.error ? toFaults(result.error, content) : []), ...unusableNames(content)];
  if (result.error || faults.length > 0) throw new ConfigError(faults);
  return result.data;
}

/** Levels of JSON; nothing in a configuration needs a tenth of them. */
const deepest = 100;

/** The schema passes over a member of this name without a word, and with it over the rule or the claim that it says. */
function* unusableNames(value: unknown, path: readonly PropertyKey[] = []): Generator<ConfigFault> {
  if (typeof value !== 'object' || value === null) return;
  if (path.length > deepest) {
    yield { path: formatPath(path.slice(0, 3)), message: `is nested more than ${deepest} levels deep` };
    return;
  }
  for (const [key, member] of Object.entries(value)) {
    const place = [...path, Array.isArray(value) ? Number(key) : key];
    if (key === '__proto__') yield { path: formatPath(place), message: 'is a name that cannot be used; remove it' };
    else yield* unusableNames(member, place);
  }
}

/** JSON Schema (draft 2020-12) of the configuration file, for editors. */
export function gatewayJsonSchema(): Record<string, unknown> {
  return {
    ...z.toJSONSchema(GatewayConfigSchema, { io: 'input', unrepresentable: 'any' }),
    title: 'oci-mcp-gateway configuration',
    patternProperties: { '^(\\$|//)': {} },
  };
}
