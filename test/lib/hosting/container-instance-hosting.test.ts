import { TerraformOutput, TerraformVariable } from 'cdktf';
import {
  Compartment,
  ContainerInstanceHosting,
  type ContainerInstanceHostingProps,
  DynamicGroup,
  McpServer,
  type McpServerProps,
  McpServerSource,
  McpTransport,
} from 'cdktf-oci-mcp';
import { addressOf, type Block, faultsOf, type Synthesized, synth } from '../../helpers/synth';
import { compartmentId, containerInstanceServer, dynamicGroup, image, network, reference, source } from '../fixtures';
import { describeHosting } from './hosting-suite';

const instanceOf = ({ resource }: Synthesized): Block => resource('oci_container_instances_container_instance');
const containerOf = (stack: Synthesized): Block => instanceOf(stack)['containers'][0];
const synthServer = (hosting: Partial<ContainerInstanceHostingProps> = {}, props: Partial<McpServerProps> = {}) =>
  synth((stack) => void containerInstanceServer(stack, hosting, props));

const looksUp = (id: string) => new RegExp(`^\\$\\{data\\.oci_core_vnic\\.${id}_Vnic_\\w+\\.private_ip_address\\}$`);

describeHosting('ContainerInstanceHosting', {
  make: (stack) => new ContainerInstanceHosting({ network: network(stack), compartmentId }),
  makeOfReferences: (stack) =>
    new ContainerInstanceHosting({
      network: network(stack),
      compartmentId: reference(stack, 'compartment_id'),
      availabilityDomain: reference(stack, 'availability_domain'),
      shape: reference(stack, 'shape'),
      ocpus: new TerraformVariable(stack, 'ocpus', { type: 'number' }).numberValue,
      memoryGib: new TerraformVariable(stack, 'memory', { type: 'number' }).numberValue,
      privateIp: reference(stack, 'private_ip'),
      egressPorts: [new TerraformVariable(stack, 'egress_port', { type: 'number' }).numberValue],
      imageRepository: {
        compartmentId: reference(stack, 'repository_compartment'),
        name: reference(stack, 'repository'),
      },
    }),
  source,
  refused: {
    source: McpServerSource.command('node'),
    fault:
      'source: got "the command \\"node\\""; allowed: a container image on Container Instances; fix: use McpServerSource.image(…), or StdioHosting for a command',
  },
  endpoint: {
    transport: 'streamable_http',
    url: expect.stringMatching(/^http:\/\/\$\{data\.oci_core_vnic\.Server_Vnic_\w+\.private_ip_address\}:8000\/mcp$/),
  },
  primaryResource: 'oci_container_instances_container_instance',
  grant: {
    statement: expect.stringMatching(
      /^Allow any-user to read log-content in compartment id ocid1\.compartment\.oc1\.\.example where all \{request\.principal\.type='computecontainerinstance', request\.principal\.id='\$\{oci_container_instances_container_instance\.Server_ContainerInstance_\w+\.id\}'\}$/,
    ),
  },
  opens: [8000],
  environmentOf: (stack) => containerOf(stack)['environment_variables'],
});

describe('the instance', () => {
  test('runs without root, capabilities and a writable root file system', () => {
    expect(containerOf(synthServer())['security_context']).toEqual({
      security_context_type: 'LINUX',
      is_non_root_user_check_enabled: true,
      is_root_file_system_readonly: true,
      run_as_user: 10001,
      run_as_group: 10001,
      capabilities: { drop_capabilities: ['ALL'] },
    });
  });

  test('has no public address, and a security group of its own', () => {
    const stack = synthServer();
    const [vnic] = instanceOf(stack)['vnics'];
    expect(vnic.is_public_ip_assigned).toBe(false);
    expect(vnic.nsg_ids).toEqual([`\${${addressOf(stack, stack.resource('oci_core_network_security_group'))}.id}`]);
  });

  test('reaches HTTPS and nothing else unless told otherwise', () => {
    const egress = (hosting: Partial<ContainerInstanceHostingProps>) =>
      synthServer(hosting)
        .resources('oci_core_network_security_group_security_rule')
        .map(({ direction, tcp_options }) => `${direction} ${tcp_options.destination_port_range.max}`);
    expect(egress({})).toEqual(['EGRESS 443']);
    expect(egress({ egressPorts: [] })).toEqual([]);
    expect(egress({ egressPorts: [1521, 1522] }).sort()).toEqual(['EGRESS 1521', 'EGRESS 1522']);
  });

  test('is sized and placed as told', () => {
    const stack = synthServer({
      ocpus: 2,
      memoryGib: 8.5,
      shape: 'CI.Standard.A1.Flex',
      availabilityDomain: 'Uocm:AD-2',
    });
    expect(instanceOf(stack)).toMatchObject({
      shape: 'CI.Standard.A1.Flex',
      shape_config: { ocpus: 2, memory_in_gbs: 8.5 },
      availability_domain: 'Uocm:AD-2',
    });
    expect(stack.dataSources('oci_identity_availability_domains')).toEqual([]);
  });

  test('stands in the first availability domain, looked up, unless told otherwise', () => {
    const stack = synthServer();
    expect(instanceOf(stack)['availability_domain']).toMatch(
      /^\$\{data\.oci_identity_availability_domains\..*\[0\]\.name\}$/,
    );
  });

  test.each([
    ['ALWAYS', '30', {}],
    ['ON_FAILURE', '0', { restartPolicy: 'ON_FAILURE', shutdownSeconds: 0 }],
    ['NEVER', '300', { restartPolicy: 'NEVER', shutdownSeconds: 300 }],
  ] as const)('restarts %s and stops within %s seconds', (policy, seconds, hosting) => {
    expect(instanceOf(synthServer(hosting))).toMatchObject({
      container_restart_policy: policy,
      graceful_shutdown_timeout_in_seconds: seconds,
    });
  });

  test('is probed by connecting to its port, or at the health path where there is one', () => {
    const [connecting] = containerOf(synthServer({}, { port: 3000 }))['health_checks'];
    const [asking] = containerOf(synthServer({}, { port: 3000, healthPath: '/healthz' }))['health_checks'];
    expect(connecting).toMatchObject({ health_check_type: 'TCP', port: 3000, failure_action: 'KILL' });
    expect(connecting.path).toBeUndefined();
    expect(asking).toMatchObject({ health_check_type: 'HTTP', port: 3000, path: '/healthz' });
  });

  test('acts as itself, and runs the entry point it is given', () => {
    const stack = synthServer(
      {},
      { source: McpServerSource.image(source.image, { command: ['/serve'], args: ['--read-only'] }) },
    );
    expect(containerOf(stack)).toMatchObject({
      image_url: source.image,
      command: ['/serve'],
      arguments: ['--read-only'],
      is_resource_principal_disabled: false,
      environment_variables: { OCI_CLI_AUTH: 'resource_principal' },
    });
  });
});

describe('the address', () => {
  const urlOf = (hosting: Partial<ContainerInstanceHostingProps>, props: Partial<McpServerProps> = {}) =>
    synth((stack) => {
      const { endpoint } = containerInstanceServer(stack, hosting, props);
      new TerraformOutput(stack, 'url', { value: (endpoint as { url: string }).url });
    });

  test('is looked up on the first VNIC', () => {
    const stack = urlOf({});
    const [vnic] = stack.dataSources('oci_core_vnic');
    expect(vnic?.['vnic_id']).toBe(`\${${addressOf(stack, instanceOf(stack))}.vnics[0].vnic_id}`);
    expect(stack.json['output'].url.value.replace(/^http:\/\/|:8000\/mcp$/g, '')).toMatch(looksUp('Cost'));
  });

  test('is the pinned one, and nothing is looked up', () => {
    const stack = urlOf({ privateIp: '10.0.10.7' }, { transport: McpTransport.SSE });
    expect(stack.json['output'].url.value).toBe('http://10.0.10.7:8000/sse');
    expect(instanceOf(stack)['vnics'][0].private_ip).toBe('10.0.10.7');
    expect(stack.dataSources('oci_core_vnic')).toEqual([]);
  });
});

describe('permissions', () => {
  test('to pull the image come before the instance, for instances of its compartment and one repository', () => {
    const stack = synthServer({
      imageRepository: { compartmentId: 'ocid1.compartment.oc1..images', name: 'mcp/cost' },
    });
    const policy = stack.resource('oci_identity_policy');
    expect(policy['statements']).toEqual([
      `Allow any-user to read repos in compartment id ocid1.compartment.oc1..images where all {request.principal.type='computecontainerinstance', request.principal.compartment.id='${compartmentId}', target.repo.name='mcp/cost'}`,
    ]);
    expect(instanceOf(stack)['depends_on']).toEqual([addressOf(stack, policy)]);
  });

  test('to pull the image name the dynamic group where there is one', () => {
    const stack = synth((scope) => {
      const imageRepository = { compartmentId, name: 'mcp/cost' };
      containerInstanceServer(scope, { imageRepository, dynamicGroup: DynamicGroup.fromName(scope, 'Group', 'mcp') });
    });
    expect(stack.resource('oci_identity_policy').statements).toEqual([
      `Allow dynamic-group mcp to read repos in compartment id ${compartmentId} where target.repo.name='mcp/cost'`,
    ]);
  });

  test('that follow the instance never share a policy with those before it', () => {
    const stack = synth((scope) => {
      const server = containerInstanceServer(scope, { imageRepository: { compartmentId, name: 'mcp/cost' } });
      const grants = Compartment.fromCompartmentId(scope, 'Compartment', compartmentId);
      grants.grantRead(server, 'metrics').applyBefore(server);
    });
    expect(stack.resources('oci_identity_policy')).toHaveLength(2);
    expect(instanceOf(stack)['depends_on']).toHaveLength(1);
  });

  test('of a dynamic group belong to every instance in it, and come before them', () => {
    const stack = synth((scope) => {
      const server = containerInstanceServer(scope, { dynamicGroup: dynamicGroup(scope) });
      Compartment.fromCompartmentId(scope, 'Compartment', compartmentId)
        .grantRead(server, 'metrics')
        .applyBefore(server);
    });
    expect(instanceOf(stack)['depends_on']).toEqual([addressOf(stack, stack.resource('oci_identity_policy'))]);
  });
});

describe('props', () => {
  test.each<[string, Partial<ContainerInstanceHostingProps>, string]>([
    ['ocpus are below one', { ocpus: 0.5 }, 'ocpus: got 0.5; allowed: a number from 1 to 64'],
    ['ocpus are too many', { ocpus: 65 }, 'ocpus: got 65; allowed: a number from 1 to 64'],
    ['there is no memory', { memoryGib: 0 }, 'memoryGib: got 0; allowed: a number from 1 to 1024'],
    [
      'there is no end of instances',
      { instances: Number.POSITIVE_INFINITY },
      'instances: got Infinity; allowed: a whole number of at least 1',
    ],
    [
      'it restarts by a rule of Kubernetes',
      { restartPolicy: 'OnFailure' as 'ON_FAILURE' },
      'restartPolicy: got "OnFailure"; allowed: one of ALWAYS, ON_FAILURE, NEVER',
    ],
    [
      'a variable of a sidecar has a hyphen',
      { sidecars: [{ name: 'cache', image, environment: { 'LOG-LEVEL': 'debug' } }] },
      'sidecars.environment: got "LOG-LEVEL"; allowed: names of letters, digits and underscores, no digit first',
    ],
    ['it may not stop', { shutdownSeconds: 301 }, 'shutdownSeconds: got 301; allowed: a whole number from 0 to 300'],
    ['an egress port is 0', { egressPorts: [0] }, 'egressPorts: got 0; allowed: a whole number from 1 to 65535'],
    [
      'the shape is one of virtual machines',
      { shape: 'VM.Standard.E4.Flex' },
      'shape: got "VM.Standard.E4.Flex"; allowed: a flexible shape such as "CI.Standard.E4.Flex"',
    ],
    [
      'the shape is not flexible',
      { shape: 'CI.Standard.E4.4' },
      'shape: got "CI.Standard.E4.4"; allowed: a flexible shape such as "CI.Standard.E4.Flex"',
    ],
    [
      'the address is a block',
      { privateIp: '10.0.10.7/32' },
      'privateIp: got "10.0.10.7/32"; allowed: an IPv4 address inside the subnet',
    ],
    [
      'the address ends with a period',
      { privateIp: '10.0.10.7.' },
      'privateIp: got "10.0.10.7."; allowed: an IPv4 address inside the subnet',
    ],
    [
      'the address has a part above 255',
      { privateIp: '10.0.10.256' },
      'privateIp: got "10.0.10.256"; allowed: an IPv4 address inside the subnet',
    ],
  ])('fails when %s', (_, hosting, fault) => {
    expect(faultsOf((stack) => void containerInstanceServer(stack, hosting))).toEqual([`[stack/Cost] ${fault}`]);
  });

  test('fails when a secret of Kubernetes is to be an environment variable', () => {
    const secretEnvironment = { API_KEY: { name: 'keys', key: 'api' } };
    expect(faultsOf((stack) => void containerInstanceServer(stack, {}, { secretEnvironment }))).toEqual([
      '[stack/Cost] secretEnvironment: got "API_KEY"; allowed: secrets from Kubernetes on OKE only; fix: let the server read a Vault secret with its resource principal, by an OCID in environment',
    ]);
  });

  /** What the container gets beyond what a test says. */
  const given = 'OCI_CLI_AUTHresource_principalMCP_TRANSPORTstreamable_httpMCP_PORT8000MCP_PATH/mcp'.length;
  const limit = 64 * 1024;

  test('the environment may take 64 KiB, names and what this library adds included', () => {
    const environment = { TEXT: 'x'.repeat(limit - given - 'TEXT'.length) };
    const rendered: Block = containerOf(synthServer({}, { environment }))['environment_variables'];
    expect(Object.entries(rendered).flat().join('')).toHaveLength(limit);
  });

  test('fails when the environment takes one byte more, however few characters that are', () => {
    const environment = { TEXT: `${'x'.repeat(limit - given - 'TEXT'.length - 1)}ü` };
    expect(faultsOf((stack) => void containerInstanceServer(stack, {}, { environment }))).toEqual([
      `[stack/Cost] environment: got ${limit + 1}; allowed: at most ${limit} bytes of names and values together`,
    ]);
  });
});

test('one hosting serves several servers, each with its own instance and group', () => {
  const { resources } = synth((stack) => {
    const hosting = new ContainerInstanceHosting({ network: network(stack), compartmentId });
    for (const id of ['One', 'Two']) new McpServer(stack, id, { source, hosting });
  });
  expect(resources('oci_container_instances_container_instance').map((each) => each['display_name'])).toEqual([
    'stack-one',
    'stack-two',
  ]);
  expect(resources('oci_core_network_security_group')).toHaveLength(2);
});

test('fails when one pinned address is to serve two workloads', () => {
  const faults = faultsOf((stack) => {
    const hosting = new ContainerInstanceHosting({ network: network(stack), compartmentId, privateIp: '10.0.10.7' });
    for (const id of ['One', 'Two']) new McpServer(stack, id, { source, hosting });
  });
  expect(faults).toEqual([
    '[stack/Two] privateIp: got "10.0.10.7"; allowed: an address of its own for each workload: stack/One has this one; fix: give each workload a hosting with another privateIp, or leave it out',
  ]);
});
