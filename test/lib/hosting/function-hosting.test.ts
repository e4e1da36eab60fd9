import { TerraformOutput, type TerraformStack, TerraformVariable } from 'cdktf';
import {
  Compartment,
  ContainerInstanceHosting,
  FunctionHosting,
  type FunctionHostingProps,
  InboundAuth,
  McpGateway,
  McpServer,
  type McpServerProps,
  McpServerSource,
  McpTransport,
} from 'cdktf-oci-mcp';
import { renderedConfig } from '../../helpers/rendered-config';
import { addressOf, type Block, faultsOf, type Synthesized, synth } from '../../helpers/synth';
import { compartmentId, containerInstanceServer, dynamicGroup, network, reference } from '../fixtures';
import { describeHosting } from './hosting-suite';

const digest = `sha256:${'0f3a'.repeat(16)}`;
const image = `fra.ocir.io/acme/logs-mcp:1.4@${digest}`;
const source = McpServerSource.image(image);

const functionOf = ({ resource }: Synthesized): Block => resource('oci_functions_function');
const server = (
  stack: TerraformStack,
  hosting: Partial<FunctionHostingProps> = {},
  props: Partial<McpServerProps> = {},
): McpServer =>
  new McpServer(stack, 'Logs', {
    source,
    hosting: new FunctionHosting({ network: network(stack), compartmentId, ...hosting }),
    ...props,
  });
const synthServer = (hosting: Partial<FunctionHostingProps> = {}, props: Partial<McpServerProps> = {}) =>
  synth((stack) => void server(stack, hosting, props));
const number = (stack: TerraformStack, name: string) =>
  new TerraformVariable(stack, name, { type: 'number' }).numberValue;

describeHosting('FunctionHosting', {
  make: (stack) => new FunctionHosting({ network: network(stack), compartmentId }),
  makeOfReferences: (stack) =>
    new FunctionHosting({
      network: network(stack),
      compartmentId: reference(stack, 'compartment_id'),
      memoryMib: number(stack, 'memory') as 512,
      timeoutSeconds: number(stack, 'timeout'),
      provisionedConcurrency: number(stack, 'units'),
      traceDomainId: reference(stack, 'trace_domain'),
      logGroupId: reference(stack, 'logs'),
      egressPorts: [number(stack, 'egress_port')],
      imageRepository: {
        compartmentId: reference(stack, 'repository_compartment'),
        name: reference(stack, 'repository'),
      },
    }),
  source,
  refused: {
    source: McpServerSource.command('node'),
    fault:
      'source: got "the command \\"node\\""; allowed: a container image on Functions; fix: use McpServerSource.image(…), or StdioHosting for a command',
  },
  endpoint: {
    transport: 'streamable_http',
    url: expect.stringMatching(
      /^\$\{(oci_functions_function\.Server_Function_\w+)\.invoke_endpoint\}\/20181201\/functions\/\$\{\1\.id\}\/actions\/invoke$/,
    ),
    outboundAuth: expect.anything(),
    jsonOnly: true,
    headers: { 'fn-intent': 'httprequest', 'fn-invoke-type': 'sync' },
  },
  primaryResource: 'oci_functions_function',
  grant: {
    statement: expect.stringMatching(
      /^Allow any-user to read log-content in compartment id ocid1\.compartment\.oc1\.\.example where all \{request\.principal\.type='fnfunc', request\.principal\.id='\$\{oci_functions_function\.Server_Function_\w+\.id\}'\}$/,
    ),
  },
  opens: [],
  environmentOf: (stack) => functionOf(stack)['config'],
});

describe('the function', () => {
  test('has what it needs and no more unless told otherwise', () => {
    const { metadata, ...rest } = functionOf(synthServer());
    expect(rest).toEqual({
      application_id: expect.stringMatching(/^\$\{oci_functions_application\.Logs_Application_\w+\.id\}$/),
      display_name: 'stack-logs',
      image: 'fra.ocir.io/acme/logs-mcp:1.4',
      image_digest: digest,
      memory_in_mbs: '512',
      timeout_in_seconds: 60,
      config: expect.objectContaining({ OCI_CLI_AUTH: 'resource_principal' }),
    });
  });

  test('is sized as told', () => {
    const stack = synthServer({ memoryMib: 3072, timeoutSeconds: 300, provisionedConcurrency: 20 });
    expect(functionOf(stack)).toMatchObject({
      memory_in_mbs: '3072',
      timeout_in_seconds: 300,
      provisioned_concurrency_config: { strategy: 'CONSTANT', count: 20 },
    });
  });

  test('names an image that only Terraform knows by its two parts', () => {
    const stack = synth((scope) => {
      server(scope, {}, { source: McpServerSource.image(reference(scope, 'image')) });
    });
    expect(functionOf(stack)).toMatchObject({
      image: '${element(split("@", var.image), 0)}',
      image_digest: '${(length(split("@", var.image)) > 1) ? element(split("@", var.image), 1) : null}',
    });
  });

  test('names an image built here by its tag and its digest', () => {
    const stack = synth((scope) => {
      const [imageUri, taggedUri] = [reference(scope, 'image'), reference(scope, 'tagged')];
      server(scope, {}, { source: McpServerSource.image({ imageUri, taggedUri }) });
    });
    expect(functionOf(stack)).toMatchObject({
      image: '${var.tagged}',
      image_digest: expect.stringContaining('var.image'),
    });
  });

  test('leaves the digest to the service where none is given, with a warning', () => {
    const stack = synthServer({}, { source: McpServerSource.image('fra.ocir.io/acme/logs-mcp:1.4') });
    expect(functionOf(stack)['image_digest']).toBeUndefined();
    expect(stack.warnings).toEqual([expect.stringContaining('is not pinned by digest')]);
  });
});

describe('the application', () => {
  const applicationOf = (stack: Synthesized): Block => stack.resource('oci_functions_application');

  test('is in the subnet, with a security group of its own that lets HTTPS out and nothing in', () => {
    const stack = synthServer();
    expect(applicationOf(stack)).toMatchObject({
      display_name: 'stack-logs',
      shape: 'GENERIC_X86',
      subnet_ids: ['ocid1.subnet.oc1.eu-frankfurt-1.example'],
      network_security_group_ids: [`\${${addressOf(stack, stack.resource('oci_core_network_security_group'))}.id}`],
    });
    const rules = stack.resources('oci_core_network_security_group_security_rule');
    expect(rules.map(({ direction, description }) => `${direction} ${description}`)).toEqual([
      'EGRESS TCP 443 to internet',
    ]);
  });

  test('sends traces and logs where it is told', () => {
    const stack = synthServer({ shape: 'GENERIC_ARM', traceDomainId: 'ocid1.apm..a', logGroupId: 'ocid1.loggroup..a' });
    expect(applicationOf(stack)).toMatchObject({
      shape: 'GENERIC_ARM',
      trace_config: { is_enabled: true, domain_id: 'ocid1.apm..a' },
    });
    expect(functionOf(stack)['trace_config']).toEqual({ is_enabled: true });
    expect(stack.resource('oci_logging_log')).toMatchObject({
      log_group_id: 'ocid1.loggroup..a',
      log_type: 'SERVICE',
      configuration: {
        source: {
          service: 'functions',
          category: 'invoke',
          resource: `\${${addressOf(stack, applicationOf(stack))}.id}`,
        },
      },
    });
  });

  test('is the one given, with nothing made around it', () => {
    const stack = synthServer({ network: undefined, applicationId: 'ocid1.fnapp..a' });
    expect(functionOf(stack)['application_id']).toBe('ocid1.fnapp..a');
    expect(stack.resources()).toHaveLength(1);
  });

  test('fails when one that exists is to reach what only its own network can open', () => {
    const faults = faultsOf((scope) => {
      const database = containerInstanceServer(scope, { privateIp: '10.0.10.9' }, { port: 1521 });
      database.connections.allowFrom(server(scope, { network: undefined, applicationId: 'ocid1.fnapp..a' }));
    });
    expect(faults).toEqual([expect.stringContaining('stack/Logs, which has no address in a VCN')]);
  });

  test('reaches what opens a path to it, and no other', () => {
    const stack = synth((scope) => {
      const database = containerInstanceServer(scope, { privateIp: '10.0.10.9' }, { port: 1521 });
      database.connections.allowFrom(server(scope));
    });
    const rules = stack.resources('oci_core_network_security_group_security_rule');
    expect(rules.map(({ direction, description }) => `${direction} ${description}`).sort()).toEqual([
      'EGRESS TCP 1521 to cost-security-group',
      'EGRESS TCP 443 to internet',
      'EGRESS TCP 443 to internet',
      'INGRESS TCP 1521 from logs',
    ]);
  });
});

describe('behind a gateway', () => {
  const stack = synth((scope) => {
    new McpGateway(scope, 'Gateway', {
      image,
      hosting: new ContainerInstanceHosting({ network: network(scope), compartmentId }),
      inboundAuth: InboundAuth.jwt({
        issuer: 'https://identity.example/',
        audiences: ['mcp'],
        jwksUri: 'https://identity.example/jwk',
      }),
      backends: [server(scope)],
    });
  });

  test('it is called with signed requests of one JSON document each', () => {
    const address = addressOf(stack, functionOf(stack));
    const values = { [`${address}.invoke_endpoint`]: 'https://fn.example', [`${address}.id`]: 'ocid1.fnfunc..a' };
    expect(renderedConfig(stack, values).backends).toEqual([
      expect.objectContaining({
        name: 'logs',
        transport: 'streamable_http',
        url: 'https://fn.example/20181201/functions/ocid1.fnfunc..a/actions/invoke',
        auth_method: 'resource_principal',
        json_only: true,
        headers: { 'fn-intent': 'httprequest', 'fn-invoke-type': 'sync' },
      }),
    ]);
  });

  test('the gateway may call this function and no other', () => {
    const gateway = addressOf(stack, stack.resource('oci_container_instances_container_instance'));
    expect(stack.resource('oci_identity_policy')['statements']).toEqual([
      `Allow any-user to use fn-invocation in compartment id ${compartmentId} where all {request.principal.type='computecontainerinstance', request.principal.id='\${${gateway}.id}', target.function.id='\${${addressOf(stack, functionOf(stack))}.id}'}`,
    ]);
  });
});

describe('permissions', () => {
  test('to pull the image are given to the service, for one repository and before the function', () => {
    const stack = synthServer({
      imageRepository: { compartmentId: 'ocid1.compartment.oc1..images', name: 'mcp/logs' },
    });
    const policy = stack.resource('oci_identity_policy');
    expect(policy['statements']).toEqual([
      "Allow service FaaS to read repos in compartment id ocid1.compartment.oc1..images where target.repo.name='mcp/logs'",
    ]);
    expect(functionOf(stack)['depends_on']).toEqual([addressOf(stack, policy)]);
  });

  test('to pull the image follow from the image that names its repository', () => {
    const repository = { compartmentId, name: 'mcp/logs' };
    const stack = synthServer({}, { source: McpServerSource.image({ imageUri: image, repository }) });
    expect(stack.resource('oci_identity_policy')['statements']).toEqual([
      `Allow service FaaS to read repos in compartment id ${compartmentId} where target.repo.name='mcp/logs'`,
    ]);
  });

  test('of a dynamic group belong to every function in it, and come before them', () => {
    const stack = synth((scope) => {
      const logs = server(scope, { dynamicGroup: dynamicGroup(scope) });
      Compartment.fromCompartmentId(scope, 'Compartment', compartmentId).grantRead(logs, 'metrics').applyBefore(logs);
    });
    expect(functionOf(stack)['depends_on']).toEqual([addressOf(stack, stack.resource('oci_identity_policy'))]);
  });
});

describe('props', () => {
  const memoryFault = (got: number) => `memoryMib: got ${got}; allowed: one of 128, 256, 512, 1024, 2048, 3072`;
  const unitsFault = (got: number, step: number, memory: number) =>
    `provisionedConcurrency: got ${got}; allowed: a multiple of ${step} with ${memory} MiB of memory`;

  test.each<[string, Partial<FunctionHostingProps>, string]>([
    ['a call has no time', { timeoutSeconds: 0 }, 'timeoutSeconds: got 0; allowed: a whole number from 1 to 300'],
    ['a call has 301 s', { timeoutSeconds: 301 }, 'timeoutSeconds: got 301; allowed: a whole number from 1 to 300'],
    ['memory is 64 MiB', { memoryMib: 64 as 128 }, memoryFault(64)],
    ['memory is 1536 MiB', { memoryMib: 1536 as 2048 }, memoryFault(1536)],
    ['memory is 4096 MiB', { memoryMib: 4096 as 3072 }, memoryFault(4096)],
    ['units are 0', { provisionedConcurrency: 0 }, unitsFault(0, 10, 512)],
    ['units are 15', { provisionedConcurrency: 15 }, unitsFault(15, 10, 512)],
    ['units are 30 with 256 MiB', { memoryMib: 256, provisionedConcurrency: 30 }, unitsFault(30, 20, 256)],
    ['units are 60 with 128 MiB', { memoryMib: 128, provisionedConcurrency: 60 }, unitsFault(60, 40, 128)],
    [
      'the shape is one of virtual machines',
      { shape: 'VM.Standard.E4.Flex' as 'GENERIC_X86' },
      'shape: got "VM.Standard.E4.Flex"; allowed: one of GENERIC_X86, GENERIC_ARM, GENERIC_X86_ARM',
    ],
    ['an egress port is 0', { egressPorts: [0] }, 'egressPorts: got 0; allowed: a whole number from 1 to 65535'],
    [
      'there is neither a network nor an application',
      { network: undefined },
      'network: got undefined; allowed: either network or applicationId',
    ],
    [
      'there are a network and an application',
      { applicationId: 'ocid1.fnapp..a' },
      'network: got "a setting of the application"; allowed: settings of an application made here: applicationId names one that has its own; fix: remove network or applicationId',
    ],
    [
      'an application that exists is to have another shape',
      { network: undefined, applicationId: 'ocid1.fnapp..a', shape: 'GENERIC_ARM' },
      'shape: got "a setting of the application"; allowed: settings of an application made here: applicationId names one that has its own; fix: remove shape or applicationId',
    ],
  ])('fails when %s', (_, hosting, fault) => {
    expect(faultsOf((stack) => void server(stack, hosting))).toEqual([`[stack/Logs] ${fault}`]);
  });

  test.each<[Partial<FunctionHostingProps>]>([
    [{ timeoutSeconds: 1 }],
    [{ timeoutSeconds: 300 }],
    [{ memoryMib: 128, provisionedConcurrency: 40 }],
    [{ memoryMib: 256, provisionedConcurrency: 20 }],
    [{ memoryMib: 3072, provisionedConcurrency: 10 }],
  ])('takes %j', (hosting) => {
    expect(synthServer(hosting).resources('oci_functions_function')).toHaveLength(1);
  });

  test.each<[string, string, string]>([
    [
      'stands in another registry',
      'docker.io/acme/logs-mcp:1.4',
      "allowed: an image in OCI's registry: Functions pulls from no other; fix: push it to <region key>.ocir.io in the region of the function",
    ],
    [
      'stands in another region, by its key',
      'iad.ocir.io/acme/logs-mcp:1.4',
      'allowed: an image in the registry of eu-frankfurt-1, the region of the function; this one is in us-ashburn-1; fix: push it to the registry of that region',
    ],
    [
      'stands in another region, by its name',
      'ocir.us-ashburn-1.oci.oraclecloud.com/acme/logs-mcp:1.4',
      'allowed: an image in the registry of eu-frankfurt-1, the region of the function; this one is in us-ashburn-1; fix: push it to the registry of that region',
    ],
    [
      'has no tag',
      `fra.ocir.io/acme/logs-mcp@${digest}`,
      'allowed: an image with a tag, which a digest may follow: "fra.ocir.io/acme/logs-mcp:1.4@sha256:…"',
    ],
  ])('fails when the image %s', (_, name, fault) => {
    const faults = faultsOf((stack) => void server(stack, {}, { source: McpServerSource.image(name) }));
    expect(faults).toEqual([`[stack/Logs] source: got "${name}"; ${fault}`]);
  });

  test('takes an image by either form of its host, in any region that is not known here', () => {
    const hosts = ['fra.ocir.io', 'eu-frankfurt-1.ocir.io', 'ocir.eu-frankfurt-1.oci.oraclecloud.com', 'zzz.ocir.io'];
    for (const host of hosts) {
      const name = `${host}/acme/logs-mcp:1.4@${digest}`;
      expect(functionOf(synthServer({}, { source: McpServerSource.image(name) }))['image_digest']).toBe(digest);
    }
  });

  /** What the configuration gets beyond what a test says. */
  const given = 'OCI_CLI_AUTHresource_principalMCP_TRANSPORTstreamable_httpMCP_PORT8000MCP_PATH/mcp'.length;

  test('the configuration may take 4 KB, names and what this library adds included', () => {
    const environment = { TEXT: 'x'.repeat(4096 - given - 'TEXT'.length) };
    const config: Block = functionOf(synthServer({}, { environment }))['config'];
    expect(Object.entries(config).flat().join('')).toHaveLength(4096);
  });

  test.each<[string, Partial<McpServerProps>, string]>([
    [
      'the configuration takes one byte more, however few characters that are',
      { environment: { TEXT: `${'x'.repeat(4096 - given - 'TEXT'.length - 1)}ü` } },
      'environment: got 4097; allowed: at most 4096 bytes of names and values together; fix: let the server read what is long from Object Storage or Vault with its resource principal',
    ],
    [
      'a value holds a line end',
      { environment: { TEXT: 'one\ntwo' } },
      'environment.TEXT: got "one\\ntwo"; allowed: printable characters: a function takes no others in its configuration',
    ],
    [
      'it is to hold a stream open',
      { transport: McpTransport.SSE },
      'transport: got "sse"; allowed: streamable_http on Functions: a function answers once and cannot hold a stream open',
    ],
    [
      'a secret is to be a variable',
      { secretEnvironment: { API_KEY: { name: 'keys', key: 'api' } } },
      'secretEnvironment: got "API_KEY"; allowed: no secrets: the configuration of a function can be read by whoever may see the function; fix: let the server read a Vault secret with its resource principal, by an OCID in environment',
    ],
    [
      'secrets are to be files',
      { secretDirectories: [{ path: '/opt/wallet', files: { secretName: 'wallet' } }] },
      'secretDirectories: got "/opt/wallet"; allowed: no folders: nothing can be mounted into a function; fix: let the server read Vault secrets with its resource principal and write them to /tmp',
    ],
    [
      'the image is to start something else',
      { source: McpServerSource.image(image, { command: ['/serve'] }) },
      'source: got "command [\\"/serve\\"]"; allowed: the image\'s own entry point: a function has no field for another; fix: build it into the image',
    ],
  ])('fails when %s', (_, props, fault) => {
    expect(faultsOf((stack) => void server(stack, {}, props))).toEqual([`[stack/Logs] ${fault}`]);
  });

  test('fails when a gateway is to run on a function', () => {
    const faults = faultsOf((stack) => {
      new McpGateway(stack, 'Gateway', {
        image,
        hosting: new FunctionHosting({ network: network(stack), compartmentId }),
        inboundAuth: InboundAuth.staticTokens({ tokens: { name: 'tokens', key: 'tokens.json' } }),
      });
    });
    expect(faults).toEqual([
      '[stack/Gateway] hosting: got "a gateway on Functions"; allowed: a server: a gateway holds sessions and streams, which end with each call of a function; fix: host the gateway on OKE, on Container Instances or on a hosted application',
      '[stack/Gateway] hosting: got "the Kubernetes secret tokens"; allowed: secrets from Kubernetes on OKE only: a function has no access to a cluster; fix: pass a secret in Vault where one is taken, or host this workload on OKE',
    ]);
  });
});

test('one hosting serves several servers, each with its own application and group', () => {
  const { resources } = synth((stack) => {
    const hosting = new FunctionHosting({ network: network(stack), compartmentId });
    for (const id of ['One', 'Two']) new McpServer(stack, id, { source, hosting });
  });
  for (const type of ['oci_functions_application', 'oci_functions_function', 'oci_core_network_security_group']) {
    expect(resources(type).map(({ display_name }) => display_name.replace('-security-group', ''))).toEqual([
      'stack-one',
      'stack-two',
    ]);
  }
});

test('the endpoint is known to other stacks by its parts', () => {
  const { json } = synth((stack) => {
    const { endpoint } = server(stack);
    new TerraformOutput(stack, 'url', { value: (endpoint as { url: string }).url });
  });
  expect(json['output'].url.value).toContain('.invoke_endpoint}/20181201/functions/');
});
