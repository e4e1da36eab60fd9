import {
  BackendFileSchema,
  ConfigError,
  gatewayJsonSchema,
  parseGatewayConfig,
} from '../../../gateway-runtime/src/config/index.js';

/** The faults of a configuration, one line each. */
function faultsOf(input: unknown): string[] {
  try {
    parseGatewayConfig(input);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
  return [];
}

const faultsOfBackend = (backend: object) => faultsOf({ backends: [backend] });
const faultsOfAuth = (auth: object) => faultsOf({ auth });
const http = { name: 'a', url: 'https://a.example/mcp' };
const verifiable = { jwt_jwks_uri: 'https://i.example/jwks', jwt_audience: 'mcp' };
const basic = { auth_method: 'basic', username: 'ada', password_env: 'P' };
const oauth = {
  ...http,
  auth_method: 'oauth_client_credentials',
  token_url: 'https://login.example/token',
  client_id: 'c',
  client_secret_file: '/secret',
};
const database = {
  ...http,
  auth_method: 'autonomous_database',
  token_url: 'https://db.example/token',
  username: 'u',
  password_secret_id: 'ocid1.vaultsecret.oc1.fra.x',
};

describe('defaults', () => {
  test('an empty configuration is complete', () => {
    expect(parseGatewayConfig({})).toEqual({
      name: 'oci-mcp-gateway',
      version: '1.0.0',
      host: '0.0.0.0',
      port: 9000,
      path: '/mcp',
      log_level: 'INFO',
      workers: 1,
      stateless: false,
      enable_sse: false,
      rest_api: false,
      oci_auth_method: 'resource_principal',
      auth: {
        enabled: true,
        issuers: [],
        jwt_algorithms: ['RS256'],
        jwt_clock_skew: 30,
        static_tokens: {},
        static_clients: [],
        client_certificates: {},
        required_scopes: [],
        tool_scopes: {},
        prompt_scopes: {},
        resource_scopes: {},
        scope_hierarchy: {},
        cors_origins: [],
      },
      backends: [],
      views: {},
      tool_search: false,
      page_size: 1000,
      secret_ttl: 300,
      gateway_tools: { enabled: false },
      console: {},
      drain_delay: 0,
      drain_timeout: 10,
      enable_audit_log: true,
      enable_metrics: true,
    });
  });

  test('a backend needs a name and a way to reach it', () => {
    const { backends } = parseGatewayConfig({ backends: [http, { name: 'b', command: 'server' }] });
    const common = {
      description: '',
      document_refresh_interval: 300,
      enabled: true,
      args: [],
      env: {},
      server_attr: 'mcp',
      auth_method: 'none',
      api_key_header: 'x-api-key',
      json_only: false,
      headers: {},
      namespace_tools: true,
      denied_tools: [],
      tools: {},
      tags: [],
      sessions: 'auto',
      health_check_interval: 30,
      failure_threshold: 3,
      connect_timeout: 10,
      request_timeout: 60,
      required_scopes: [],
    };
    expect(backends).toEqual([
      { ...common, name: 'a', transport: 'streamable_http', url: 'https://a.example/mcp' },
      { ...common, name: 'b', transport: 'stdio', command: 'server' },
    ]);
  });

  test('notes at the top level are ignored', () => {
    expect(faultsOf({ $schema: './gateway.schema.json', '//': 'a note', '// why': 1 })).toEqual([]);
  });
});

describe('spellings', () => {
  test.each([
    ['http', 'streamable_http'],
    ['streamable-http', 'streamable_http'],
    ['streamable_http', 'streamable_http'],
    ['sse', 'sse'],
  ])('transport %s is %s', (transport, expected) => {
    const config = parseGatewayConfig({ backends: [{ ...http, transport } as never] });
    expect(config.backends[0]?.transport).toBe(expected);
  });

  test.each(['in_process', 'in-process'])('transport %s is in_process', (transport) => {
    const config = parseGatewayConfig({ backends: [{ name: 'a', module: 'my_server', transport }] });
    expect(config.backends[0]).toMatchObject({ transport: 'in_process', module: 'my_server' });
  });

  test('the log level is upper case afterwards', () => {
    expect(parseGatewayConfig({ log_level: 'warning' }).log_level).toBe('WARNING');
  });

  test('one issuer or audience becomes a list', () => {
    const { auth } = parseGatewayConfig({
      auth: { jwt_jwks_uri: 'https://i.example/jwks', jwt_audience: 'mcp', jwt_issuer: ['https://i.example', 'b'] },
    });
    expect(auth).toMatchObject({ jwt_audience: ['mcp'], jwt_issuer: ['https://i.example', 'b'] });
  });

  test('null means absent where the public Python gateway writes it', () => {
    const config = parseGatewayConfig({
      auth: { jwt_public_key_file: null, jwt_issuer: null, jwt_audience: null },
      backends: [{ ...http, command: null, bearer_token: null, module: null, cwd: null, oci_region: null }],
    });
    expect(config.auth.jwt_audience).toBeUndefined();
    expect(config.backends[0]?.cwd).toBeUndefined();
  });
});

describe('faults', () => {
  test('all of them are reported at once', () => {
    expect(
      faultsOf({
        port: 70000,
        porrt: 1,
        auth: { enabld: true },
        backends: [{ name: 'x y', url: 'ftp://x' }, http, { ...http, request_timeout: 0 }],
      }),
    ).toEqual([
      'port: expected a whole number from 0 to 65535 (0 picks a free port), got 70000',
      'auth.enabld: unknown field; did you mean "enabled"?',
      'backends[0].name: expected 1 to 64 letters, digits, "-", "_" or ".", got "x y"',
      'backends[0].url: expected an http or https URL, got "ftp://x"',
      'backends[2].request_timeout: expected a number of seconds above 0, got 0',
      'porrt: unknown field; did you mean "port"?',
      'backends[2].name: "a" is already the name of backends[1]; names must be unique',
    ]);
  });

  test.each<[unknown, string | RegExp]>([
    [null, 'expected an object, got null'],
    [[], 'expected an object, got an empty list'],
    [{ port: -1 }, 'port: expected a whole number from 0 to 65535 (0 picks a free port), got -1'],
    [{ port: 1.5 }, 'port: expected a whole number from 0 to 65535 (0 picks a free port), got 1.5'],
    [{ log_level: 'loud' }, 'log_level: expected one of "DEBUG", "INFO", "WARNING", "ERROR", got "loud"'],
    [{ stateless: 'yes' }, 'stateless: expected true or false, got "yes"'],
    [{ backends: {} }, 'backends: expected a list of backends, got an object'],
    [{ colour: 1 }, /^colour: unknown field; known ones: name, version, host/],
    ...['/health', '/ready', '/.well-known/x', 'mcp', '/mcp?x'].map(
      (path) =>
        [
          { path },
          `path: expected a path that starts with "/", has no query and is not /health, /ready, /metrics or below /.well-known, got "${path}"`,
        ] as [unknown, string],
    ),
  ])('fails when the configuration is %j', (input, expected) => {
    expect(faultsOf(input)).toEqual([typeof expected === 'string' ? expected : expect.stringMatching(expected)]);
  });

  const url = 'rediss://cache.example:6379';
  const form = 'a URL such as "rediss://cache.example:6379": a host, a port and nothing else';
  test.each([
    [{}, `state.url: expected ${form}, but it is missing`],
    [{ url: 'https://cache.example' }, `state.url: expected ${form}, got "https://cache.example"`],
    [{ url: 'rediss://mcp:s3cret@cache.example' }, `state.url: expected ${form}, got "rediss://cache.example"`],
    [{ url: `${url}/1` }, `state.url: expected ${form}, got "${url}/1"`],
    [{ url: 'rediss://cache.example:65536' }, `state.url: expected ${form}`],
    [{ url: 'redis://cache.example' }, 'state.url: is not encrypted; use rediss://, or say "allow_plain_text": true'],
    [{ url: 'REDIS://10.0.0.1' }, 'state.url: is not encrypted; use rediss://, or say "allow_plain_text": true'],
    [{ url, password: 7 }, 'state.password: expected a string that is not empty, got a number'],
    [{ url, password_env: 'A', password_file: 'b' }, 'state.password_file: password_env is set too; keep one of them'],
    [{ url, username: 'mcp' }, 'state.username: needs password_env, password_file, password_secret_id or password'],
    [{ url, tls: true }, /^state\.tls: unknown field; known ones: url, /],
  ])('fails when the shared state is %j', (state, expected) => {
    expect(faultsOf({ state })).toEqual([typeof expected === 'string' ? expected : expect.stringMatching(expected)]);
  });

  test.each([
    { url },
    { url: 'rediss://[fd00::1]:65535/' },
    { url: 'redis://localhost:6379' },
    { url: 'redis://127.0.0.1' },
    { url: 'redis://[::1]:6379' },
    { url: 'redis://cache.example', allow_plain_text: true },
    { url, username: 'mcp', password_secret_id: 'ocid1.vaultsecret.oc1..a' },
  ])('takes the shared state %j', (state) => {
    expect(faultsOf({ state })).toEqual([]);
  });

  test('fails when MCP would be where the REST API is', () => {
    for (const path of ['/api/v1', '/api/v1/tools']) {
      expect(faultsOf({ rest_api: true, path })).toEqual([
        'path: the REST API is served at /api/v1; choose another path',
      ]);
      expect(faultsOf({ path })).toEqual([]);
    }
    expect(faultsOf({ rest_api: true, path: '/api/v10' })).toEqual([]);
  });

  test('fails when old clients could not be served', () => {
    expect(faultsOf({ enable_sse: true, stateless: true })).toEqual([
      'enable_sse: old clients need sessions, and a stateless gateway keeps none; remove one of the two',
    ]);
    for (const path of ['/sse', '/messages', '/sse/x']) {
      expect(faultsOf({ enable_sse: true, path })).toEqual([
        'path: old clients are served at /sse and /messages; choose another path',
      ]);
    }
    expect(faultsOf({ enable_sse: true, path: '/ssex' })).toEqual([]);
    expect(faultsOf({ path: '/sse' })).toEqual([]);
  });

  test('fails when nothing could be shared', () => {
    expect(faultsOf({ stateless: true, state: { url } })).toEqual([
      'state: a stateless gateway without limits has nothing that could be shared; remove one of the two',
    ]);
  });

  test.each([
    [{ name: 'a' }, 'transport: set url for a server reached over HTTP, or command for one started by the gateway'],
    [{ ...http, command: 'x' }, 'transport: both url and command are set; say "streamable_http", "sse" or "stdio"'],
    [{ name: 'a', transport: 'sse' }, 'url: is required with transport "sse"'],
    [{ ...http, transport: 'stdio' }, 'command: is required with transport "stdio"'],
    [{ name: 'a', transport: 'in_process' }, 'module: is required with transport "in_process"'],
    [{ ...http, headers: { Host: 'x' } }, 'headers.Host: this header is set by the gateway; remove it'],
    [{ ...http, api_key_header: 'Content-Length' }, 'api_key_header: this header is set by the gateway; name another'],
    [{ ...http, headers: { 'a b': 'x' } }, 'headers["a b"]: expected a header name'],
    [{ ...http, headers: { a: 'x\r\ny' } }, 'headers.a: expected a header value without line breaks, got a string'],
    [
      { ...http, auth_method: 'bearer_token' },
      'bearer_token: "auth_method": "bearer_token" needs bearer_token_env, bearer_token_file, bearer_token_secret_id or bearer_token',
    ],
    [
      { ...http, api_key_env: 'KEY' },
      'api_key_env: is only used with "auth_method": "api_key"; set that or remove the field',
    ],
    [
      { ...http, auth_method: 'api_key', api_key_env: 'KEY', api_key_file: 'key' },
      'api_key_file: api_key_env is set too; keep one of them',
    ],
    [
      { name: 'a', command: 'x', auth_method: 'bearer_token', bearer_token_env: 'T' },
      'auth_method: "bearer_token" is sent over HTTP; give a child process its secrets in env instead',
    ],
    [
      { ...http, transport: 'sse', json_only: true },
      'json_only: is only used with transport "streamable_http"; remove the field',
    ],
    [{ ...oauth, token_url: null }, 'token_url: is required with "auth_method": "oauth_client_credentials"'],
    [{ ...oauth, client_id: null }, 'client_id: is required with "auth_method": "oauth_client_credentials"'],
    [
      { ...oauth, client_secret_file: null },
      'client_secret: "auth_method": "oauth_client_credentials" needs client_secret_env, client_secret_file, client_secret_secret_id or client_secret',
    ],
    [
      { ...oauth, client_secret_secret_id: 's' },
      'client_secret_secret_id: client_secret_file is set too; keep one of them',
    ],
    [
      { ...oauth, token_url: 'http://login.example/token' },
      'token_url: expected an https URL (http only on a loopback host), got "http://login.example/token"',
    ],
    [
      { ...oauth, username: 'u' },
      'username: is only used with "auth_method": "basic" or "autonomous_database"; set that or remove the field',
    ],
    [
      { ...http, token_url: 'https://login.example' },
      'token_url: is only used with "auth_method": "oauth_client_credentials" or "token_exchange" or "autonomous_database"; set that or remove the field',
    ],
    [{ ...database, username: null }, 'username: is required with "auth_method": "autonomous_database"'],
    [
      { ...database, scope: 'a' },
      'scope: is only used with "auth_method": "oauth_client_credentials" or "token_exchange"; set that or remove the field',
    ],
    [
      { ...database, client_secret_env: 'S' },
      'client_secret_env: is only used with "auth_method": "oauth_client_credentials" or "token_exchange"; set that or remove the field',
    ],
    [{ ...http, ...basic, username: null }, 'username: is required with "auth_method": "basic"'],
    [
      { ...http, ...basic, password_env: null },
      'password: "auth_method": "basic" needs password_env, password_file, password_secret_id or password',
    ],
    [
      { ...http, ...basic, username: 'a:b' },
      'username: a user name for HTTP Basic has no colon and no control characters',
    ],
    [
      { ...oauth, resource: 'https://docs.example/mcp#part' },
      'resource: expected an absolute URI without a fragment, got "https://docs.example/mcp"',
    ],
    [{ ...oauth, client_auth: 'none' }, 'client_auth: expected one of "basic", "post", got "none"'],
    [
      { ...oauth, subject_token_type: 'urn:ietf:params:oauth:token-type:jwt' },
      'subject_token_type: is only used with "auth_method": "token_exchange"; set that or remove the field',
    ],
    [
      { ...oauth, auth_method: 'token_exchange', sessions: 'shared' },
      'sessions: "shared" would let callers share a session, and "auth_method": "token_exchange" keeps them apart; remove the field',
    ],
    [
      { ...oauth, name: 'a', url: null, command: 'x', auth_method: 'token_exchange' },
      'auth_method: "token_exchange" is sent over HTTP; give a child process its secrets in env instead',
    ],
    [
      {
        name: 'a',
        command: 'x',
        auth_method: 'autonomous_database',
        token_url: 'https://d',
        username: 'u',
        password: 'p',
      },
      'auth_method: "autonomous_database" is sent over HTTP; give a child process its secrets in env instead',
    ],
  ])('fails when a backend is %j', (backend, expected) => {
    expect(faultsOfBackend(backend)).toEqual([`backends[0].${expected}`]);
  });

  test.each([
    oauth,
    { ...oauth, token_url: 'http://localhost:9/token' },
    { ...oauth, auth_method: 'token_exchange', resource: 'urn:docs', audience: 'docs', client_auth: 'post' },
    { ...http, ...basic },
    database,
  ])('takes %j', (backend) => {
    expect(faultsOfBackend(backend)).toEqual([]);
  });

  test('a disabled backend may lack its credential', () => {
    expect(faultsOfBackend({ ...http, enabled: false, auth_method: 'bearer_token', bearer_token: null })).toEqual([]);
  });

  test.each<[object, RegExp]>([
    [
      { jwt_algorithms: ['none'], jwt_audience: null },
      /^auth.jwt_algorithms\[0\]: "none" would accept unsigned tokens/,
    ],
    [{ jwt_algorithms: ['HS256'] }, /^auth.jwt_algorithms\[0\]: "HS256" signs with a shared secret/],
    [{ jwt_algorithms: ['RS1'] }, /^auth.jwt_algorithms\[0\]: unknown signature algorithm "RS1"; allowed: RS256, /],
    [{ jwt_algorithms: [] }, /^auth.jwt_algorithms: expected at least one signature algorithm/],
    [{ jwt_jwks_uri: 'https://i.example/jwks' }, /^auth.jwt_audience: JWT auth without an audience accepts tokens/],
    [{ jwt_jwks_uri: 'http://i.example', jwt_audience: 'mcp' }, /^auth.jwt_jwks_uri: expected an https URL/],
    [{ jwt_audience: 'mcp' }, /^auth.jwt_audience: no key verifies JWTs/],
    [{ jwt_claims: { tenant: 'acme' } }, /^auth.jwt_claims: no key verifies JWTs/],
    [{ jwt_clock_skew: -1 }, /^auth.jwt_clock_skew: expected a whole number of seconds from 0 to 120, got -1$/],
    [{ jwt_clock_skew: 121 }, /^auth.jwt_clock_skew: expected a whole number of seconds from 0 to 120, got 121$/],
    [{ jwt_clock_skew: 1.5 }, /^auth.jwt_clock_skew: expected a whole number of seconds from 0 to 120, got 1.5$/],
    [
      { ...verifiable, jwt_claims: { aud: ['mcp'] } },
      /^auth.jwt_claims.aud: is not checked here; jwt_audience says which audiences are accepted$/,
    ],
    [
      { ...verifiable, jwt_claims: { exp: ['1'] } },
      /^auth.jwt_claims.exp: is not checked here; times are always checked, as jwt_clock_skew allows$/,
    ],
    [{ ...verifiable, jwt_claims: { tenant: [] } }, /^auth.jwt_claims.tenant: expected a value or a list of values/],
    [
      { tool_scopes: { a: 'read' } },
      /^auth.tool_scopes.a: expected a list of scopes, or an object of all_of, any_of, claims, read and write, got/,
    ],
    [{ tool_scopes: { a: { any_of: [] } } }, /^auth.tool_scopes.a.any_of: expected at least one scope/],
    [{ tool_scopes: { a: { anyOf: ['x'] } } }, /^auth.tool_scopes.a.anyOf: unknown field; did you mean "any_of"\?$/],
    // A rule or a claim that goes unnoticed lets everybody in.
    [JSON.parse('{"tool_scopes": {"__proto__": ["admin"]}}'), /^auth.tool_scopes.__proto__: is a name that cannot be/],
    [
      { ...verifiable, ...JSON.parse('{"jwt_claims": {"__proto__": ["x"]}}') },
      /^auth.jwt_claims.__proto__: is a name that cannot be used; remove it$/,
    ],
    ...['a b', 'a"b', 'a\\b', 'a\nb', '\u65e5', ''].map<[object, RegExp]>((scope) => [
      { required_scopes: [scope] },
      /^auth.required_scopes\[0\]: expected a scope of ASCII characters without space, quote and backslash, got /,
    ]),
    [{ scope_prefix: 'a\nb' }, /^auth.scope_prefix: expected the beginning of a scope, got /],
    [{ authorization_servers: 'nonsense' }, /^auth.authorization_servers: expected an http or https URL or a list of /],
    [
      { resource_url: 'https://[x/mcp' },
      /^auth.resource_url: expected an http or https URL, got one that cannot be read$/,
    ],
    [
      { resource_url: 'https://x:65536/mcp' },
      /^auth.resource_url: expected an http or https URL, got one that cannot be read$/,
    ],
    [
      { jwt_jwks_uri: 'https://[x', jwt_audience: 'mcp' },
      /^auth.jwt_jwks_uri: expected an https URL .*, got one that cann/,
    ],
    [{ tool_scopes: { '': [] } }, /^auth.tool_scopes(\[""\]|\.)?: expected the name of a tool, in which \*/],
    [
      { jwt_public_key_file: 'a.pem', jwt_jwks_uri: 'https://i.example/jwks', jwt_audience: 'mcp' },
      /^auth.jwt_public_key_file: only one source of keys can be used, and jwt_jwks_uri is set too/,
    ],
  ])('fails when auth is %j', (auth, expected) => {
    expect(faultsOfAuth(auth)).toEqual([expect.stringMatching(expected)]);
  });

  test('names that objects have by themselves, and every character of a scope, are good', () => {
    const scope = String.fromCharCode(...Array.from({ length: 94 }, (_, index) => 33 + index)).replace(/["\\]/g, '');
    const auth = { required_scopes: [` ${scope} `], tool_scopes: { constructor: ['a'], toString: [] } };
    expect(parseGatewayConfig({ auth }).auth).toMatchObject({ ...auth, required_scopes: [scope] });
  });

  test.each([0, 120])('clocks may differ by %d seconds', (jwt_clock_skew) => {
    expect(parseGatewayConfig({ auth: { jwt_clock_skew } }).auth.jwt_clock_skew).toBe(jwt_clock_skew);
  });

  test('never quote a secret', () => {
    const secret = 'S3cr3tValue';
    const text = faultsOf({
      auth: { static_tokens: { [secret]: { client_id: 1, scopez: [] } }, jwt_public_key: secret },
      backends: [
        { name: 'a', url: `ftp://user:${secret}@host/?key=${secret}` },
        {
          name: 'b',
          url: 'http://b',
          bearer_token: { value: secret },
          api_key: [secret],
          client_secret: { value: secret },
          password: [secret],
          headers: { a: `${secret}\n` },
        },
        { name: 'c', command: 'x', args: secret, env: { TOKEN: [secret] } },
      ],
    });
    expect(text.length).toBeGreaterThan(6);
    expect(text.join('\n')).not.toContain(secret);
    expect(text).toContain('auth.static_tokens[0].client_id: expected the name of the client, got a number');
    expect(text).toContain('backends[0].url: expected an http or https URL, got "ftp://host/"');
  });
});

test('a drop-in file holds one backend or a list', () => {
  expect(BackendFileSchema.safeParse(http).success).toBe(true);
  expect(BackendFileSchema.safeParse([http, { name: 'b', command: 'x' }]).success).toBe(true);
  expect(BackendFileSchema.safeParse({ backends: [http] }).success).toBe(false);
});

test('the JSON Schema describes every field and allows notes', () => {
  type Schema = { properties: Record<string, Schema>; items: Schema; required: string[] };
  const schema = gatewayJsonSchema() as unknown as Schema;
  expect(schema).toMatchObject({ additionalProperties: false, patternProperties: { '^(\\$|//)': {} } });
  const { backends, auth, ...rest } = schema.properties;
  const undescribed = Object.entries({ ...rest, ...backends?.items.properties, ...auth?.properties })
    .filter(([, field]) => !JSON.stringify(field).includes('"description"'))
    .map(([name]) => name);
  expect(undescribed).toEqual([]);
  expect(backends?.items.required).toEqual(['name']);
});
