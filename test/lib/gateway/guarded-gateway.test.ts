import type { TerraformStack } from 'cdktf';
import {
  type BackendOptions,
  ContainerInstanceHosting,
  type IMcpHosting,
  InboundAuth,
  type JwtAuthOptions,
  McpGateway,
  type McpGatewayProps,
  McpServer,
  Monitoring,
  OkeHosting,
} from 'cdktf-oci-mcp';
import { renderedConfig, renderedFiles } from '../../helpers/rendered-config';
import { faultsOf, synth } from '../../helpers/synth';
import { cluster, compartmentId, dynamicGroup, image, network } from '../fixtures';

const jwt = { issuer: 'https://id.example/', audiences: ['mcp'], jwksUri: 'https://id.example/jwks' };
const logCompartment = 'ocid1.compartment.oc1..logs';

interface Case {
  readonly hosting?: (stack: TerraformStack) => IMcpHosting;
  readonly auth?: Partial<JwtAuthOptions>;
  readonly backend?: BackendOptions;
  readonly props?: (stack: TerraformStack) => Partial<McpGatewayProps>;
}

const oke = (stack: TerraformStack) => new OkeHosting({ cluster: cluster(stack) });

const instance = (stack: TerraformStack) =>
  new ContainerInstanceHosting({ compartmentId, network: network(stack), dynamicGroup: dynamicGroup(stack) });

const build =
  ({ hosting = oke, auth, backend, props = () => ({}) }: Case) =>
  (stack: TerraformStack) => {
    const inboundAuth = InboundAuth.jwt({ ...jwt, ...auth });
    const gateway = new McpGateway(stack, 'Gateway', { image, hosting: hosting(stack), inboundAuth, ...props(stack) });
    gateway.addBackend(McpServer.fromEndpoint(stack, 'Docs', { url: 'https://docs.example/mcp' }), backend);
  };

const configOf = (given: Case) => renderedConfig(synth(build(given)));

const monitored = (stack: TerraformStack) => ({
  monitoring: new Monitoring(stack, 'Monitoring', {
    compartmentId,
    logGroupId: 'ocid1.loggroup.oc1..own',
    logGroupCompartmentId: logCompartment,
    notifications: { topicId: 'ocid1.onstopic.oc1..own' },
    alarms: 'none',
  }),
});

describe('who may use what', () => {
  test('may be said by scopes, claims, and by what tools say they change', () => {
    const { auth } = configOf({
      auth: {
        toolScopes: {
          'docs_*': { read: ['docs:read'], write: { allOf: ['docs:write'], claims: { groups: ['editors'] } } },
          '*': { anyOf: ['mcp', 'operations'] },
        },
        promptScopes: { '*': [] },
        resourceScopes: { 'file:///reports/*': { claims: { groups: ['finance'] } } },
        scopeHierarchy: { operations: ['docs:read', 'docs:write'] },
      },
    });
    expect(auth).toMatchObject({
      tool_scopes: {
        'docs_*': { read: ['docs:read'], write: { all_of: ['docs:write'], claims: { groups: ['editors'] } } },
        '*': { any_of: ['mcp', 'operations'] },
      },
      prompt_scopes: { '*': [] },
      resource_scopes: { 'file:///reports/*': { claims: { groups: ['finance'] } } },
      scope_hierarchy: { operations: ['docs:read', 'docs:write'] },
    });
  });

  test('may be narrowed for one server and for one view', () => {
    const config = configOf({
      backend: { requiredScopes: ['docs'] },
      props: () => ({ views: { operations: { requiredScopes: ['operations'] } } }),
    });
    expect(config.backends[0]?.required_scopes).toEqual(['docs']);
    expect(config.views['operations']?.required_scopes).toEqual(['operations']);
  });

  test('fails when a rule says nothing', () => {
    const faults = faultsOf(build({ auth: { toolScopes: { 'docs_*': {} } } }));
    expect(faults).toContainEqual(expect.stringContaining('[stack/Gateway] auth.tool_scopes["docs_*"]'));
  });

  test('fails when scopes stand for each other', () => {
    const faults = faultsOf(build({ auth: { scopeHierarchy: { a: ['b'], b: ['a'] } } }));
    expect(faults).toContainEqual(expect.stringContaining('[stack/Gateway] auth.scope_hierarchy'));
  });
});

describe('further issuers', () => {
  const other = { issuer: 'https://other.example/', audiences: ['mcp'], jwksUri: 'https://other.example/jwks' };

  test('have keys, audiences and claims of their own', () => {
    const given = { ...other, algorithms: ['ES256'], requiredClaims: { tenant: ['acme'] } };
    expect(configOf({ auth: { otherIssuers: [given] } }).auth.issuers).toEqual([
      expect.objectContaining({
        issuer: other.issuer,
        audience: ['mcp'],
        jwks_uri: other.jwksUri,
        algorithms: ['ES256'],
        claims: { tenant: ['acme'] },
      }),
    ]);
  });

  test('need a key', () => {
    const faults = faultsOf(build({ auth: { otherIssuers: [{ ...other, jwksUri: undefined }] } }));
    expect(faults).toContainEqual(expect.stringContaining('[stack/Gateway] auth.issuers[0]'));
  });
});

describe('tokens that the authorization server is asked about', () => {
  const options = {
    url: 'https://id.example/oauth2/v1/introspect',
    clientId: 'gateway',
    audience: 'mcp',
    cacheSeconds: 10,
  };

  test('are asked about with a secret that is mounted', () => {
    const inboundAuth = InboundAuth.introspection({ ...options, clientSecret: { name: 'gateway', key: 'secret' } });
    const stack = synth(build({ props: () => ({ inboundAuth }) }));
    expect(JSON.parse(renderedFiles(stack)['gateway.json'] ?? '').auth).toEqual({
      enabled: true,
      introspection: {
        url: options.url,
        client_id: 'gateway',
        client_secret_file: '/etc/mcp/secrets/0/secret',
        audience: 'mcp',
        cache_seconds: 10,
      },
    });
  });

  test('are asked about with a secret in Vault, which the gateway alone may read', () => {
    const clientSecret = { secretId: 'ocid1.vaultsecret.oc1..client', compartmentId };
    const inboundAuth = InboundAuth.introspection({ ...options, clientSecret });
    const stack = synth(build({ props: () => ({ inboundAuth }) }));
    expect(renderedConfig(stack).auth.introspection?.client_secret_file).toBe('/etc/mcp/inbound/introspection-secret');
    expect(stack.resource('oci_identity_policy').statements).toEqual([
      expect.stringMatching(
        /^Allow any-user to read secret-bundles .*target\.secret\.id='ocid1\.vaultsecret\.oc1\.\.client'\}$/,
      ),
    ]);
  });
});

describe('limits', () => {
  test('hold for callers, tools and servers', () => {
    const config = configOf({
      backend: { name: 'docs', limit: { concurrency: 8 } },
      props: () => ({
        limits: { client: { callsPerMinute: 600, burst: 50 }, tools: { 'docs_report_*': { concurrency: 2 } } },
      }),
    });
    expect(config.limits).toMatchObject({
      client: { calls_per_minute: 600, burst: 50 },
      tools: { 'docs_report_*': { concurrency: 2 } },
      backends: { docs: { concurrency: 8 } },
    });
  });

  test('are none unless asked for', () => {
    expect(configOf({}).limits).toBeUndefined();
  });

  test('let something through', () => {
    const faults = faultsOf(
      build({
        backend: { limit: { concurrency: 0 } },
        props: () => ({ limits: { client: { callsPerMinute: 0 }, tools: { x: { burst: 1.5 } } } }),
      }),
    );
    expect(faults).toEqual(
      expect.arrayContaining([
        '[stack/Gateway] limits.client.callsPerMinute: got 0; allowed: a whole number of at least 1',
        '[stack/Gateway] limits.tools.x.burst: got 1.5; allowed: a whole number of at least 1',
        '[stack/Gateway] limit.concurrency: got 0; allowed: a whole number of at least 1',
      ]),
    );
  });
});

test('a server may count as down earlier or later', () => {
  expect(configOf({ backend: { failureThreshold: 5 } }).backends[0]?.failure_threshold).toBe(5);
});

describe('the audit log', () => {
  test('may hold arguments without what is secret', () => {
    const { audit } = configOf({ props: () => ({ audit: { arguments: 'redacted', redact: ['iban'] } }) });
    expect(audit).toMatchObject({ arguments: 'redacted', redact: ['iban'] });
    expect(audit?.oci_logging).toBeUndefined();
  });

  test.each([
    ['OKE', oke, 'eu-frankfurt-1'],
    ['Container Instances', instance, undefined],
  ])('has a log of its own where a gateway on %s is watched', (_, hosting, region) => {
    const stack = synth(build({ hosting, props: monitored }));
    expect(stack.resource('oci_logging_log')).toMatchObject({
      log_group_id: 'ocid1.loggroup.oc1..own',
      log_type: 'CUSTOM',
      is_enabled: true,
      retention_duration: 30,
    });
    const { audit } = renderedConfig(stack, { 'oci_logging_log.Gateway_AuditLog_6F7B3F44.id': 'ocid1.log.oc1..audit' });
    expect(audit?.oci_logging?.region).toBe(region);
    expect(stack.resources('oci_identity_policy').flatMap(({ statements }) => statements)).toContainEqual(
      expect.stringMatching(
        /to \{LOG_CONTENT_PUSH\} in compartment id ocid1\.compartment\.oc1\.\.logs where .*target\.loggroup\.id='ocid1\.loggroup\.oc1\.\.own'/,
      ),
    );
  });
});
