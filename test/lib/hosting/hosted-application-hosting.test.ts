import { OciProvider } from '@cdktf/provider-oci/lib/provider';
import { TerraformOutput, TerraformStack, TerraformVariable, Testing } from 'cdktf';
import {
  ContainerInstanceHosting,
  DynamicGroup,
  HostedApplicationAuth,
  HostedApplicationHosting,
  type HostedApplicationHostingProps,
  McpServer,
  type McpServerProps,
  McpServerSource,
  McpTransport,
  OkeHosting,
  OutboundAuth,
} from 'cdktf-oci-mcp';
import { addressOf, type Block, faultsOf, type Synthesized, synth } from '../../helpers/synth';
import { cluster, compartmentId, network, reference } from '../fixtures';
import { describeHosting } from './hosting-suite';

const source = McpServerSource.image('fra.ocir.io/acme/planner-mcp:1.4.2');
const domainUrl = 'https://idcs-0123.identity.oraclecloud.com';
const secret = { secretId: 'ocid1.vaultsecret.oc1..client', compartmentId: 'ocid1.compartment.oc1..vault' };
const identityDomain = HostedApplicationAuth.identityDomain({
  domainUrl,
  audience: 'https://planner.example/',
  scope: 'invoke',
  client: { clientId: 'gateway', clientSecret: secret },
});
const signed = HostedApplicationAuth.ociSignature();

const make = (props: Partial<HostedApplicationHostingProps> = {}) =>
  new HostedApplicationHosting({ compartmentId, auth: signed, ...props });
const server = (
  stack: TerraformStack,
  hosting: Partial<HostedApplicationHostingProps> = {},
  props: Partial<McpServerProps> = {},
) => new McpServer(stack, 'Planner', { source, port: 8080, hosting: make(hosting), ...props });
const synthServer = (
  hosting: Partial<HostedApplicationHostingProps> = {},
  props: Partial<McpServerProps> = {},
): Synthesized => synth((stack) => void server(stack, hosting, props));
const faults = (hosting: Partial<HostedApplicationHostingProps>, props: Partial<McpServerProps> = {}) =>
  faultsOf((stack) => void server(stack, hosting, props));

const signedApplication = ({ resource }: Synthesized): Block => resource('oci_generative_ai_hosted_application_iam');
const domainApplication = ({ resource }: Synthesized): Block => resource('oci_generative_ai_hosted_application');
const deployment = ({ resource }: Synthesized): Block => resource('oci_generative_ai_hosted_deployment');
const variables = (application: Block): Block =>
  Object.fromEntries(application['environment_variables'].map(({ name, type, value }: Block) => [name, [type, value]]));

/** The values as the provider sends them, where they are references. */
const environmentOf = (application: Block) =>
  application['environment_variables'].map(({ name, value }: Block) => ({
    [name]: value.replace(/^\$\{jsonencode\((.*)\)\}$/, '${$1}'),
  }));

const anyHostedApplication =
  "any {request.principal.type='generativeaihostedapplication', request.principal.type='generativeaihostedapplicationiam', request.principal.type='generativeaihosteddeployment'}";

const shared = {
  makeOfReferences: (stack: TerraformStack, auth: HostedApplicationAuth) =>
    make({
      auth,
      compartmentId: reference(stack, 'compartment_id'),
      network: network(stack),
      region: reference(stack, 'region'),
      egressPorts: [new TerraformVariable(stack, 'egress_port', { type: 'number' }).numberValue],
      scaling: {
        minReplicas: new TerraformVariable(stack, 'min', { type: 'number' }).numberValue,
        maxReplicas: new TerraformVariable(stack, 'max', { type: 'number' }).numberValue,
        target: new TerraformVariable(stack, 'target', { type: 'number' }).numberValue,
      },
      storages: [{ variable: 'REDIS_URL', storageId: reference(stack, 'storage_id') }],
      imageRepository: { compartmentId: reference(stack, 'images'), name: reference(stack, 'repository') },
    }),
  source,
  port: 8080,
  refused: {
    source: McpServerSource.command('node'),
    fault:
      'source: got "the command \\"node\\""; allowed: a container image on a hosted application; fix: use McpServerSource.image(…), or StdioHosting for a command',
  },
  primaryResource: 'oci_generative_ai_hosted_deployment',
  grant: {
    statement: `Allow any-user to read log-content in compartment id ${compartmentId} where all {${anyHostedApplication}, request.principal.compartment.id='${compartmentId}'}`,
  },
  opens: [],
};

const urlOf = (collection: string, type: string) =>
  expect.stringMatching(
    new RegExp(
      `^https://inference\\.generativeai\\.eu-frankfurt-1\\.oci\\.oraclecloud\\.com/20251112/${collection}/\\$\\{${type}\\.Server_Application_\\w+\\.id\\}/actions/invoke/mcp$`,
    ),
  );

describeHosting('HostedApplicationHosting with signed requests', {
  ...shared,
  make: () => make(),
  makeOfReferences: (stack) => shared.makeOfReferences(stack, signed),
  endpoint: {
    transport: 'streamable_http',
    url: urlOf('hostedApplicationsIam', 'oci_generative_ai_hosted_application_iam'),
    outboundAuth: { auth_method: 'resource_principal' },
  },
  environmentOf: (stack) => environmentOf(signedApplication(stack)),
});

describeHosting('HostedApplicationHosting with an identity domain', {
  ...shared,
  make: () => make({ auth: identityDomain }),
  makeOfReferences: (stack) =>
    shared.makeOfReferences(
      stack,
      HostedApplicationAuth.identityDomain({
        domainUrl: reference(stack, 'domain_url'),
        audience: reference(stack, 'audience'),
        scope: reference(stack, 'scope'),
        client: { clientId: reference(stack, 'client_id'), clientSecret: secret },
      }),
    ),
  endpoint: {
    transport: 'streamable_http',
    url: urlOf('hostedApplications', 'oci_generative_ai_hosted_application'),
    outboundAuth: {
      auth_method: 'oauth_client_credentials',
      token_url: `${domainUrl}/oauth2/v1/token`,
      client_id: 'gateway',
      client_secret_secret_id: secret.secretId,
      scope: 'https://planner.example/invoke',
    },
  },
  environmentOf: (stack) => environmentOf(domainApplication(stack)),
});

describe('the application', () => {
  test('runs one replica on egress of the service, at its public endpoint, unless told otherwise', () => {
    expect(signedApplication(synthServer())).toMatchObject({
      display_name: 'stack-planner',
      networking_config: {
        inbound_networking_config: { endpoint_mode: 'PUBLIC' },
        outbound_networking_config: { network_mode: 'MANAGED' },
      },
      scaling_config: { scaling_type: 'CPU', min_replica: 1, max_replica: 1, target_cpu_threshold: 70 },
    });
  });

  test('takes its callers from the identity domain', () => {
    expect(domainApplication(synthServer({ auth: identityDomain }))['inbound_auth_config']).toEqual({
      inbound_auth_config_type: 'IDCS_AUTH_CONFIG',
      idcs_config: { domain_url: domainUrl, audience: 'https://planner.example/', scope: 'invoke' },
    });
  });

  test.each([
    ['CPU', 'target_cpu_threshold'],
    ['MEMORY', 'target_memory_threshold'],
    ['CONCURRENCY', 'target_concurrency_threshold'],
    ['REQUESTS_PER_SECOND', 'target_rps_threshold'],
  ] as const)('scales by %s', (metric, threshold) => {
    const stack = synthServer({ scaling: { minReplicas: 2, maxReplicas: 5, metric, target: 30 } });
    expect(signedApplication(stack)['scaling_config']).toEqual({
      scaling_type: metric,
      min_replica: 2,
      max_replica: 5,
      [threshold]: 30,
    });
  });

  test('calls others by way of a subnet, from a security group of its own', () => {
    const stack = synth((scope) => void server(scope, { network: network(scope) }));
    const group = stack.resource('oci_core_network_security_group');
    expect(signedApplication(stack)['networking_config'].outbound_networking_config).toEqual({
      network_mode: 'CUSTOM',
      custom_subnet_id: 'ocid1.subnet.oc1.eu-frankfurt-1.example',
      nsg_ids: [`\${${addressOf(stack, group)}.id}`],
    });
    expect(
      stack
        .resources('oci_core_network_security_group_security_rule')
        .map(({ direction, tcp_options }) => [direction, tcp_options.destination_port_range.min]),
    ).toEqual([['EGRESS', 443]]);
  });

  test('makes the storage it is asked for, and uses one that exists', () => {
    const storageId = 'ocid1.generativeaihostedapplicationstorage.oc1..db';
    const stack = synthServer({
      storages: [
        { variable: 'REDIS_URL', type: 'CACHE' },
        { variable: 'DATABASE_URL', storageId },
      ],
    });
    const made = stack.resource('oci_generative_ai_hosted_application_storage');
    expect(made).toMatchObject({ storage_type: 'CACHE', compartment_id: compartmentId, display_name: 'planner-cache' });
    expect(signedApplication(stack)['storage_configs']).toEqual([
      { environment_variable_key: 'REDIS_URL', storage_id: `\${${addressOf(stack, made)}.id}` },
      { environment_variable_key: 'DATABASE_URL', storage_id: storageId },
    ]);
  });

  test('gets text as JSON strings, references too, and secrets by their OCIDs', () => {
    const stack = synth((scope) => {
      const environment = { PLAN: 'say "no" to ${HOME}', LOG_GROUP: reference(scope, 'log_group') };
      server(scope, {}, { environment, secretEnvironment: { API_KEY: secret } });
    });
    expect(variables(signedApplication(stack))).toEqual({
      OCI_CLI_AUTH: ['PLAINTEXT', '"resource_principal"'],
      MCP_TRANSPORT: ['PLAINTEXT', '"streamable_http"'],
      MCP_PORT: ['PLAINTEXT', '"8080"'],
      MCP_PATH: ['PLAINTEXT', '"/mcp"'],
      PLAN: ['PLAINTEXT', '"say \\"no\\" to $${HOME}"'],
      LOG_GROUP: ['PLAINTEXT', '${jsonencode(var.log_group)}'],
      API_KEY: ['VAULT', '"ocid1.vaultsecret.oc1..client"'],
    });
  });
});

describe('the deployment', () => {
  test('runs the image by repository and tag', () => {
    const stack = synthServer();
    expect(deployment(stack)).toMatchObject({
      hosted_application_id: `\${${addressOf(stack, signedApplication(stack))}.id}`,
      active_artifact: {
        artifact_type: 'SIMPLE_DOCKER_ARTIFACT',
        container_uri: 'fra.ocir.io/acme/planner-mcp',
        tag: '1.4.2',
        is_vulnerability_scan_required: false,
      },
    });
    expect(stack.warnings).toEqual([]);
  });

  test.each([
    ['localhost:5000/planner:1', 'localhost:5000/planner', '1'],
    ['planner:1', 'planner', '1'],
    [`fra.ocir.io/acme/planner:1@sha256:${'0f3a'.repeat(16)}`, 'fra.ocir.io/acme/planner', '1'],
  ])('takes %s apart', (image, container_uri, tag) => {
    const stack = synthServer({}, { source: McpServerSource.image(image) });
    expect(deployment(stack)['active_artifact']).toMatchObject({ container_uri, tag });
  });

  test('prefers the name by tag of an image that has one by digest too', () => {
    const image = {
      imageUri: `fra.ocir.io/acme/planner@sha256:${'0f3a'.repeat(16)}`,
      taggedUri: 'fra.ocir.io/acme/planner:4f',
    };
    const stack = synthServer({}, { source: McpServerSource.image(image) });
    expect(deployment(stack)['active_artifact']).toMatchObject({
      container_uri: 'fra.ocir.io/acme/planner',
      tag: '4f',
    });
  });

  test('lets Terraform take an image apart that is a reference', () => {
    const stack = synth((scope) => {
      server(scope, {}, { source: McpServerSource.image(reference(scope, 'image')) });
    });
    const parts = 'regex("^((?:[^@]*/)?[^:@/]+):([^:@/]+)(?:@.*)?$", var.image)';
    expect(deployment(stack)['active_artifact']).toMatchObject({
      container_uri: `\${element(${parts}, 0)}`,
      tag: `\${element(${parts}, 1)}`,
    });
  });
});

describe('permissions', () => {
  const pull = `Allow any-user to read repos in compartment id ocid1.compartment.oc1..images where all {${anyHostedApplication}, request.principal.compartment.id='${compartmentId}', target.repo.name='mcp/planner'}`;
  const imageRepository = { compartmentId: 'ocid1.compartment.oc1..images', name: 'mcp/planner' };

  test('to pull the image and to read its scan come before the deployment', () => {
    const stack = synthServer({ imageRepository, requireVulnerabilityScan: true });
    const policy = stack.resource('oci_identity_policy');
    expect(policy['statements']).toEqual([
      pull,
      `Allow any-user to read vss-family in compartment id ocid1.compartment.oc1..images where all {${anyHostedApplication}, request.principal.compartment.id='${compartmentId}'}`,
    ]);
    expect(deployment(stack)['depends_on']).toEqual([addressOf(stack, policy)]);
    expect(deployment(stack)['active_artifact'].is_vulnerability_scan_required).toBe(true);
  });

  test('to pull follow the repository which the image names', () => {
    const image = { imageUri: 'fra.ocir.io/acme/mcp/planner:1', repository: imageRepository };
    const stack = synthServer({}, { source: McpServerSource.image(image) });
    expect(stack.resource('oci_identity_policy').statements).toEqual([pull]);
  });

  test('name the dynamic group where there is one', () => {
    const stack = synth((scope) => {
      server(scope, { imageRepository, dynamicGroup: DynamicGroup.fromName(scope, 'Group', 'mcp') });
    });
    expect(stack.resource('oci_identity_policy').statements).toEqual([
      `Allow dynamic-group mcp to read repos in compartment id ocid1.compartment.oc1..images where target.repo.name='mcp/planner'`,
    ]);
  });

  test('to read the secrets of variables are given to the workload', () => {
    const stack = synthServer({}, { secretEnvironment: { API_KEY: secret } });
    expect(stack.resource('oci_identity_policy').statements).toEqual([
      `Allow any-user to read secret-bundles in compartment id ocid1.compartment.oc1..vault where all {${anyHostedApplication}, request.principal.compartment.id='${compartmentId}', target.secret.id='ocid1.vaultsecret.oc1..client'}`,
    ]);
  });

  const caller = (stack: TerraformStack) =>
    new McpServer(stack, 'Caller', { source, hosting: new OkeHosting({ cluster: cluster(stack) }) });

  test('to call take a policy where requests are signed', () => {
    const stack = synth((scope) => {
      const grantee = caller(scope);
      server(scope).grantInvoke(grantee).applyBefore(grantee);
    });
    expect(stack.resource('oci_identity_policy').statements).toEqual([
      expect.stringMatching(
        /^Allow any-user to \{GENERATIVE_AI_HOSTED_DEPLOYMENT_INVOKE\} in compartment id ocid1\.compartment\.oc1\.\.example where all \{request\.principal\.type='workload', /,
      ),
    ]);
  });

  test('to call take none where the token is the permission', () => {
    const stack = synth((scope) => {
      expect(server(scope, { auth: identityDomain }).grantInvoke(caller(scope)).statements).toEqual([]);
    });
    expect(stack.resources('oci_identity_policy')).toEqual([]);
  });
});

describe('the endpoint', () => {
  const context = { signingMethod: 'resource_principal', locateSecret: () => ({ secretId: secret.secretId }) } as const;
  const authOf = (auth: HostedApplicationAuth) => {
    let config: object | undefined;
    synth((stack) => {
      const { endpoint } = server(stack, { auth });
      config = 'outboundAuth' in endpoint ? endpoint.outboundAuth?.renderConfig(context) : undefined;
    });
    return config;
  };

  test('is called with signed requests', () => {
    expect(authOf(signed)).toEqual(OutboundAuth.ociSignature().renderConfig(context));
  });

  test('is called with a token of the domain, for the audience and the scope in one word', () => {
    expect(authOf(identityDomain)).toEqual({
      auth_method: 'oauth_client_credentials',
      token_url: `${domainUrl}/oauth2/v1/token`,
      client_id: 'gateway',
      client_secret_secret_id: secret.secretId,
      scope: 'https://planner.example/invoke',
    });
  });

  test('is called with the scopes and at the token endpoint that the client names', () => {
    const client = { clientId: 'a', clientSecret: secret, scopes: ['b', 'c'], tokenUrl: 'https://login.example/token' };
    const auth = HostedApplicationAuth.identityDomain({ domainUrl, audience: 'x', scope: 'y', client });
    expect(authOf(auth)).toMatchObject({ token_url: 'https://login.example/token', scope: 'b c' });
  });

  test('fails when a gateway calls it without a client', () => {
    const auth = HostedApplicationAuth.identityDomain({ domainUrl, audience: 'x', scope: 'y' });
    const found = faultsOf((stack) => {
      const { endpoint } = server(stack, { auth });
      if ('outboundAuth' in endpoint) endpoint.outboundAuth?.renderConfig(context);
    });
    expect(found).toEqual([
      '[stack/Planner] auth.client: got undefined; allowed: an OAuth client where a gateway calls the application; fix: pass client to HostedApplicationAuth.identityDomain(…), or use HostedApplicationAuth.ociSignature()',
    ]);
  });

  const urlOfServer = (hosting: Partial<HostedApplicationHostingProps>) =>
    synth((stack) => {
      const { endpoint } = server(stack, hosting, { path: '/tools/mcp' });
      new TerraformOutput(stack, 'url', { value: 'url' in endpoint && endpoint.url });
    }).json['output'].url.value;

  test('has the host it is told, the region it is told, or the one of the provider', () => {
    expect(urlOfServer({ host: 'a.pe.inference.generativeai.us-chicago-1.oci.oraclecloud.com' })).toMatch(
      /^https:\/\/a\.pe\.inference\.generativeai\.us-chicago-1\.oci\.oraclecloud\.com\/20251112\/.*\/actions\/invoke\/tools\/mcp$/,
    );
    expect(urlOfServer({ region: 'us-chicago-1' })).toContain('//inference.generativeai.us-chicago-1.oci.');
    expect(urlOfServer({})).toContain('//inference.generativeai.eu-frankfurt-1.oci.');
  });

  test('is private where there is a private endpoint', () => {
    const privateEndpointId = 'ocid1.generativeaiprivateendpoint.oc1..example';
    const stack = synthServer({ privateEndpointId, host: 'a.example' });
    expect(signedApplication(stack)['networking_config'].inbound_networking_config).toEqual({
      endpoint_mode: 'PRIVATE',
      private_endpoint_id: privateEndpointId,
    });
  });
});

describe('the network', () => {
  const called = (stack: TerraformStack) =>
    new McpServer(stack, 'Called', {
      source: McpServerSource.image(`fra.ocir.io/acme/cost-mcp@sha256:${'0f3a'.repeat(16)}`),
      hosting: new ContainerInstanceHosting({ network: network(stack), compartmentId }),
    });

  test('opens a path to a server in the VCN, group to group', () => {
    const stack = synth((scope) => {
      called(scope).connections.allowFrom(server(scope, { network: network(scope), egressPorts: [] }));
    });
    const rules = stack.resources('oci_core_network_security_group_security_rule');
    expect(
      rules.filter(({ description }) => /planner|called/.test(description)).map((rule) => rule['description']),
    ).toEqual(['TCP 8000 from planner', 'TCP 8000 to called-security-group']);
  });

  test('fails when the egress of the service is to reach a server in the VCN', () => {
    const found = faultsOf((stack) => void called(stack).connections.allowFrom(server(stack)));
    expect(found).toContain(
      '[stack/Planner] network: got "egress of the service\'s own, which does not reach stack/Called/SecurityGroup"; allowed: a network whose subnet reaches what the workload calls; fix: pass network to HostedApplicationHosting',
    );
  });
});

describe('props', () => {
  test.each<[string, Partial<HostedApplicationHostingProps>, string]>([
    [
      'the domain has a path',
      { auth: HostedApplicationAuth.identityDomain({ domainUrl: `${domainUrl}/oauth2`, audience: 'a', scope: 'b' }) },
      `auth.domainUrl: got "${domainUrl}/oauth2"; allowed: the URL of an identity domain without a path, such as "https://idcs-….identity.oraclecloud.com"`,
    ],
    [
      'the scope is two',
      { auth: HostedApplicationAuth.identityDomain({ domainUrl, audience: 'a', scope: 'b c' }) },
      'auth.scope: got "b c"; allowed: text without spaces',
    ],
    [
      'there are to be fewer replicas than none',
      { scaling: { minReplicas: -1, maxReplicas: 1 } },
      'scaling.minReplicas: got -1; allowed: a whole number of at least 0',
    ],
    [
      'the most replicas are fewer than the fewest',
      { scaling: { minReplicas: 3, maxReplicas: 2 } },
      'scaling.maxReplicas: got 2; allowed: a whole number of at least 3',
    ],
    [
      'there may be no replica',
      { scaling: { minReplicas: 0, maxReplicas: 0 } },
      'scaling.maxReplicas: got 0; allowed: a whole number of at least 1',
    ],
    [
      'the target is more than all of the CPU',
      { scaling: { minReplicas: 1, maxReplicas: 2, target: 101 } },
      'scaling.target: got 101; allowed: a whole number from 1 to 100',
    ],
    [
      'the target is no request at all',
      { scaling: { minReplicas: 1, maxReplicas: 2, metric: 'CONCURRENCY', target: 0 } },
      'scaling.target: got 0; allowed: a whole number of at least 1',
    ],
    ['an egress port is 0', { egressPorts: [0] }, 'egressPorts: got 0; allowed: a whole number from 1 to 65535'],
    [
      'the region is a name',
      { region: 'Frankfurt' },
      'region: got "Frankfurt"; allowed: a region such as "eu-frankfurt-1"',
    ],
    [
      'the host is a URL',
      { host: 'https://a.example' },
      'host: got "https://a.example"; allowed: a host name, without a scheme and a path',
    ],
    [
      'a private endpoint has no host',
      { privateEndpointId: 'ocid1.generativeaiprivateendpoint.oc1..a' },
      'host: got undefined; allowed: the host name of the private endpoint; fix: pass host: it is <prefix>.pe.inference.generativeai.<region>.oci.oraclecloud.com',
    ],
    [
      'there are three storages',
      { storages: (['CACHE', 'ADB', 'POSTGRESQL'] as const).map((type) => ({ type, variable: type })) },
      'storages: got 3; allowed: at most 2 storages',
    ],
    [
      'two storages share a variable',
      { storages: (['CACHE', 'ADB'] as const).map((type) => ({ type, variable: 'URL' })) },
      'storages: got "URL"; allowed: variables that nothing else sets',
    ],
    [
      'the variable of a storage has a hyphen',
      { storages: [{ type: 'CACHE', variable: 'REDIS-URL' }] },
      'storages.variable: got "REDIS-URL"; allowed: names of letters, digits and underscores, no digit first',
    ],
    [
      'a storage takes a variable of the platform',
      { storages: [{ type: 'CACHE', variable: 'PORT' }] },
      'environment: got "PORT"; allowed: names that the platform does not set itself',
    ],
  ])('fails when %s', (_, hosting, fault) => {
    expect(faults(hosting)).toEqual([`[stack/Planner] ${fault}`]);
  });

  test('takes every target that there is, up to the edges', () => {
    expect(() =>
      synth((stack) => {
        const scaling = { minReplicas: 0, maxReplicas: 1 };
        server(stack, { scaling: { ...scaling, target: 100 } });
        const hosting = make({ scaling: { ...scaling, metric: 'REQUESTS_PER_SECOND', target: 101 } });
        new McpServer(stack, 'Other', { source, port: 8080, hosting });
      }),
    ).not.toThrow();
  });

  test('takes a health path that only Terraform knows', () => {
    expect(() => synth((stack) => void server(stack, {}, { healthPath: reference(stack, 'health') }))).not.toThrow();
  });

  test.each<[string, Partial<McpServerProps>, string]>([
    [
      'the port is another',
      { port: 8081 },
      'port: got 8081; allowed: 8080, the port that hosted applications are called on; fix: pass port: 8080',
    ],
    [
      'the transport is the old one',
      { transport: McpTransport.SSE },
      'transport: got "sse"; allowed: McpTransport.STREAMABLE_HTTP on a hosted application',
    ],
    [
      'another health path is promised',
      { healthPath: '/healthz' },
      'healthPath: got "/healthz"; allowed: "/health": the service asks /health and /ready, and nothing else',
    ],
    [
      'a secret is in Kubernetes',
      { secretEnvironment: { KEY: { name: 'keys', key: 'api' } } },
      'secretEnvironment: got "KEY from the Kubernetes secret keys"; allowed: secrets in Vault on a hosted application; fix: keep the value in Vault and pass { secretId, compartmentId }',
    ],
    [
      'a variable is one of the resource principal',
      { environment: { OCI_RESOURCE_PRINCIPAL_VERSION: '2.2' } },
      'environment: got "OCI_RESOURCE_PRINCIPAL_VERSION"; allowed: names that the platform does not set itself',
    ],
    [
      'there are to be files',
      { secretDirectories: [{ path: '/opt/wallet', files: { secretName: 'wallet' } }] },
      'secretDirectories: got ["/opt/wallet"]; allowed: none: a hosted application mounts no files; fix: let the server read the secrets from Vault itself, or use ContainerInstanceHosting or OkeHosting',
    ],
    [
      'the image is named by digest',
      { source: McpServerSource.image(`planner@sha256:${'0f3a'.repeat(16)}`) },
      `source: got "planner@sha256:${'0f3a'.repeat(16)}"; allowed: an image with a tag, such as "fra.ocir.io/acme/logs-mcp:1.4.2": a hosted application takes no digest; fix: push it under a tag that is never moved`,
    ],
    [
      'the image has no tag',
      { source: McpServerSource.image('localhost:5000/planner') },
      'source: got "localhost:5000/planner"; allowed: an image with a tag, such as "fra.ocir.io/acme/logs-mcp:1.4.2": a hosted application takes no digest; fix: push it under a tag that is never moved',
    ],
    [
      'the image is to start something else',
      { source: McpServerSource.image('planner:1', { args: ['--read-only'] }) },
      'source: got "a command or arguments for the image"; allowed: the image\'s own entry point: a hosted application takes no other; fix: set what differs by environment, or build an image from this one',
    ],
  ])('fails when %s', (_, props, fault) => {
    expect(faults({}, props)).toEqual([`[stack/Planner] ${fault}`]);
  });
});

test('fails when nothing says which region it is in', () => {
  const stack = new TerraformStack(Testing.app(), 'stack');
  new OciProvider(stack, 'Oci', {});
  server(stack);
  expect(() => Testing.synth(stack, true)).toThrow(
    'region: got "an OCI provider that takes its region from the environment"; allowed: a region that the stack knows: it is part of the URL; fix: pass region to new OciProvider(…), or to this construct',
  );
});
