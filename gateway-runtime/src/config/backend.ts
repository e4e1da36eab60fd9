import * as z from 'zod';
import { Scopes } from './access-rules.js';
import { credentialFaults, credentialFields } from './backend-credentials.js';
import { exposedTools } from './exposed-tools.js';
import { optional, pattern, seconds, strict, text } from './field.js';
import { headerName, ownHeaders } from './header-names.js';
import { openApiFaults, openApiFields } from './openapi.js';
import { eraOf, supportedVersions } from './versions.js';

/** Accepted spellings of a transport and the one used from then on. */
const transports = {
  stdio: 'stdio',
  streamable_http: 'streamable_http',
  'streamable-http': 'streamable_http',
  http: 'streamable_http',
  sse: 'sse',
  openapi: 'openapi',
  in_process: 'in_process',
  'in-process': 'in_process',
} as const;

/** Where an OCI identity comes from that signs requests. */
export const signingMethods = [
  'oci_config',
  'resource_principal',
  'instance_principal',
  'oke_workload_identity',
  'session_token',
] as const;

/** Where an OCI identity comes from that signs requests. */
export type SigningMethod = (typeof signingMethods)[number];

/** How the gateway proves itself to a backend, or which OCI identity a child process gets. */
export const authMethods = [
  'none',
  'bearer_token',
  'api_key',
  'basic',
  'oauth_client_credentials',
  'token_exchange',
  'autonomous_database',
  ...signingMethods,
] as const;

const Headers = z.record(
  z
    .string()
    .regex(headerName, { error: 'a header name' })
    .refine((name) => !ownHeaders.has(name.toLowerCase()), { error: 'this header is set by the gateway; remove it' }),
  z.string({ error: 'a string' }).regex(/^[^\r\n\0]*$/, { error: 'a header value without line breaks' }),
  { error: 'an object of header: value' },
);

const failures = 'a whole number from 1 to 100';

const mebibytes = 'a whole number of MiB, at least 1';

const fields = strict({
  name: pattern(/^[A-Za-z0-9_.-]{1,64}$/, '1 to 64 letters, digits, "-", "_" or "."').describe(
    'Unique name; the prefix of its tools and prompts',
  ),
  description: z.string({ error: 'a string' }).default('').describe('What the backend offers'),
  required_scopes: Scopes.default([]).describe(
    'Scopes that callers need for whatever it offers, besides those of auth',
  ),
  enabled: z.boolean({ error: 'true or false' }).default(true).describe('false leaves the backend out'),
  transport: optional(
    z.enum(Object.keys(transports) as (keyof typeof transports)[]).transform((spelling) => transports[spelling]),
  ).describe('How the gateway reaches it; by default streamable_http with a url, stdio with a command'),
  url: optional(pattern(/^https?:\/\/[^\s/]+/i, 'an http or https URL')).describe(
    'Endpoint (streamable_http, sse), or what the paths of the document are appended to (openapi)',
  ),
  command: optional(text()).describe('Program to start (stdio)'),
  args: z
    .array(z.string({ error: 'a string' }), { error: 'a list of strings' })
    .default([])
    .describe('Its arguments (stdio)'),
  env: z
    .record(z.string().regex(/^[^=\0]+$/, { error: 'a variable name' }), z.string({ error: 'a string' }), {
      error: 'an object of variable: value',
    })
    .default({})
    .describe('Environment variables of the child process, besides a short list it inherits (stdio, in_process)'),
  cwd: optional(text()).describe('Working directory of the child process (stdio, in_process)'),
  module: optional(pattern(/^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/, 'a Python module such as "my_server.main"')).describe(
    'Python module to run as a stdio child (in_process)',
  ),
  server_attr: pattern(/^[A-Za-z_]\w*$/, 'the name of a Python variable')
    .default('mcp')
    .describe('Variable of the module that holds the server (in_process)'),
  venv: optional(text()).describe('Python virtual environment whose interpreter runs the module (in_process)'),
  memory_limit_mb: optional(z.int({ error: mebibytes }).min(1, { error: mebibytes })).describe(
    'MiB of memory that the child process and those it starts may hold together, by default any (stdio, in_process)',
  ),
  auth_method: z
    .enum(authMethods)
    .default('none')
    .describe('How the gateway proves itself to an HTTP backend; for a child process, its OCI identity'),
  ...credentialFields,
  json_only: z
    .boolean({ error: 'true or false' })
    .default(false)
    .describe('Every message is one POST answered with one JSON document: no session, no stream (streamable_http)'),
  protocol_version: optional(z.enum(supportedVersions, { error: `one of ${supportedVersions.join(', ')}` })).describe(
    'The one version of MCP to speak; by default the newest that both sides speak',
  ),
  headers: Headers.default({}).describe('More headers of every request (streamable_http, sse, openapi)'),
  ...openApiFields,
  oci_profile: optional(text()).describe('Profile in the OCI configuration file'),
  oci_region: optional(text()).describe('OCI region'),
  oci_config_file: optional(text()).describe('Path of the OCI configuration file'),
  ...exposedTools,
  sessions: z
    .enum(['auto', 'shared', 'per_client'], { error: 'one of auto, shared, per_client' })
    .default('auto')
    .describe(
      'Whether clients share one session with a legacy backend: auto gives those their own that it can ask something',
    ),
  health_check_interval: z
    .number({ error: 'a number of seconds, 0 for none' })
    .min(0, { error: 'a number of seconds, 0 for none' })
    .default(30)
    .describe('Seconds between pings of a connected backend; 0 for none'),
  failure_threshold: z
    .int({ error: failures })
    .min(1, { error: failures })
    .max(100, { error: failures })
    .default(3)
    .describe('Calls and pings that fail one after the other until it counts as down'),
  connect_timeout: seconds().default(10).describe('Seconds until a connection attempt is given up'),
  request_timeout: seconds().default(60).describe('Seconds without an answer or progress until a call is given up'),
});

type Fields = z.output<typeof fields>;
type Transport = NonNullable<Fields['transport']>;

/** What every backend has, whatever its transport. */
export type BackendCommon = Omit<Fields, 'transport' | 'url' | 'command' | 'module'>;

/** A backend reached over HTTP. */
export type HttpBackend = BackendCommon & { transport: 'streamable_http' | 'sse' | 'openapi'; url: string };

/** An MCP server reached over HTTP. */
export type HttpMcpBackend = HttpBackend & { transport: 'streamable_http' | 'sse' };

/** A service that speaks no MCP, described by an OpenAPI document. */
export type OpenApiBackend = HttpBackend & { transport: 'openapi' };

/** A backend started as a child process of the gateway. */
export type StdioBackend = BackendCommon & { transport: 'stdio'; command: string };

/** A Python module, run as a child process. */
export type InProcessBackend = BackendCommon & { transport: 'in_process'; module: string };

/** A backend that is an MCP server. */
export type McpBackend = HttpMcpBackend | StdioBackend | InProcessBackend;

/** One server behind the gateway, checked and with every default filled in. */
export type Backend = McpBackend | OpenApiBackend;

/** One MCP server behind the gateway. */
export const BackendSchema = fields
  .superRefine(
    (backend, context) => {
      for (const [field, message] of crossFieldFaults(backend)) {
        context.addIssue({ code: 'custom', path: [field], message });
      }
    },
    { when: ({ value }) => typeof value === 'object' && value !== null },
  )
  // The checks above make this cast true: each transport has the field it cannot do without.
  .transform((backend) => ({ ...backend, transport: transportOf(backend) }) as Backend);

/** Content of a drop-in file: one backend or a list of them. */
export const BackendFileSchema = z.union([BackendSchema, z.array(BackendSchema)]);

/** Of a backend that was not checked yet, in which anything may stand anywhere. */
function transportOf(backend: Partial<Fields>): Transport | undefined {
  if (typeof (backend.transport ?? '') !== 'string') return undefined;
  return backend.transport ?? (backend.url ? 'streamable_http' : backend.command ? 'stdio' : undefined);
}

const needs = { streamable_http: 'url', sse: 'url', openapi: 'url', stdio: 'command', in_process: 'module' } as const;

function* crossFieldFaults(backend: Partial<Fields>): Generator<[keyof Fields, string]> {
  const transport = transportOf(backend);
  if (!backend.transport && backend.url && backend.command) {
    yield ['transport', 'both url and command are set; say "streamable_http", "sse" or "stdio"'];
  } else if (!transport) {
    yield ['transport', 'set url for a server reached over HTTP, or command for one started by the gateway'];
  } else if (transport in needs && !backend[needs[transport]]) {
    yield [needs[transport], `is required with transport "${transport}"`];
  }
  if (backend.json_only && transport && transport !== 'streamable_http') {
    yield ['json_only', `is only used with transport "streamable_http"; remove the field`];
  }
  if (backend.memory_limit_mb !== undefined && transport && needs[transport] === 'url') {
    yield ['memory_limit_mb', 'bounds child processes, and there is none behind a url; remove the field'];
  }
  if (transport === 'sse' && eraOf(backend.protocol_version) === 'modern') {
    yield ['protocol_version', 'has no transport "sse"; use "streamable_http" or a version with a handshake'];
  }
  yield* openApiFaults(backend, transport === 'openapi');
  const overHttp = transport === undefined || needs[transport] === 'url';
  yield* credentialFaults(backend, overHttp);
}
