import { TerraformOutput, type TerraformStack, TerraformVariable } from 'cdktf';
import {
  Compartment,
  ContainerInstanceHosting,
  type ContainerInstanceHostingProps,
  InboundAuth,
  McpGateway,
  McpServerSource,
} from 'cdktf-oci-mcp';
import { addressOf, type Block, faultsOf, type Synthesized, synth } from '../../helpers/synth';
import { compartmentId, containerInstanceServer, dynamicGroup, image, network, reference, source } from '../fixtures';
import { describeHosting } from '../hosting/hosting-suite';

const three = (stack: TerraformStack, hosting: Partial<ContainerInstanceHostingProps> = {}) =>
  containerInstanceServer(stack, { instances: 3, ...hosting });
const synthThree = (hosting: Partial<ContainerInstanceHostingProps> = {}) =>
  synth((stack) => void three(stack, hosting));
const instancesOf = ({ resources }: Synthesized): Block[] => resources('oci_container_instances_container_instance');

describeHosting('ContainerInstanceHosting with several instances', {
  make: (stack) => new ContainerInstanceHosting({ network: network(stack), compartmentId, instances: 3 }),
  makeOfReferences: (stack) =>
    new ContainerInstanceHosting({
      network: network(stack),
      compartmentId: reference(stack, 'compartment_id'),
      instances: 2,
      privateIp: reference(stack, 'private_ip'),
      imageRepository: { compartmentId: reference(stack, 'images'), name: reference(stack, 'repository') },
    }),
  source,
  refused: {
    source: McpServerSource.scoreArtifact('./server'),
    fault:
      'source: got "the score artifact of \\"./server\\""; allowed: a container image on Container Instances; fix: use McpServerSource.image(…), or ModelDeploymentHosting for a score artifact',
  },
  endpoint: {
    transport: 'streamable_http',
    url: expect.stringMatching(
      /^http:\/\/\$\{oci_network_load_balancer_network_load_balancer\.Server_Balancer_\w+\.ip_addresses\[0\]\.ip_address\}:8000\/mcp$/,
    ),
  },
  primaryResource: 'oci_container_instances_container_instance',
  grant: {
    statement: expect.stringMatching(
      /^Allow any-user to read log-content in compartment id ocid1\.compartment\.oc1\.\.example where all \{request\.principal\.type='computecontainerinstance', any \{(request\.principal\.id='\$\{oci_container_instances_container_instance\.Server_ContainerInstance[23]?_\w+\.id\}'(, )?){3}\}\}$/,
    ),
  },
  opens: [8000],
  entrance: 'Server_Balancer_SecurityGroup',
  environmentOf: (stack) => instancesOf(stack)[1]?.['containers'][0].environment_variables,
});

describe('the instances', () => {
  test('are alike, and stand in availability and fault domains in turn', () => {
    const stack = synthThree({ instances: 5 });
    const placed = instancesOf(stack).map(({ availability_domain, fault_domain, display_name }) => {
      const index = /, (\d)\)\.name\}$/.exec(availability_domain)?.[1];
      return [display_name, index, fault_domain];
    });
    expect(placed).toEqual([
      ['stack-cost-2', '1', 'FAULT-DOMAIN-2'],
      ['stack-cost-3', '2', 'FAULT-DOMAIN-3'],
      ['stack-cost-4', '3', 'FAULT-DOMAIN-2'],
      ['stack-cost-5', '4', 'FAULT-DOMAIN-3'],
      ['stack-cost-1', '0', 'FAULT-DOMAIN-1'],
    ]);
    const [first, ...others] = instancesOf(stack).map(({ containers, volumes }) => ({ containers, volumes }));
    for (const other of others) expect(other).toEqual(first);
    expect(stack.dataSources('oci_identity_availability_domains')).toHaveLength(1);
    expect(instancesOf(stack)[0]?.['availability_domain']).toMatch(
      /^\$\{element\(data\.oci_identity_availability_domains\.Cost_AvailabilityDomains_\w+\.availability_domains, 1\)\.name\}$/,
    );
  });

  test('stand in the availability domain that is named', () => {
    const stack = synthThree({ availabilityDomain: 'Uocm:AD-2' });
    expect(instancesOf(stack).map((each) => each['availability_domain'])).toEqual(Array(3).fill('Uocm:AD-2'));
  });

  test('are made before those go that they replace, and have no pinned address', () => {
    for (const instance of instancesOf(synthThree({ privateIp: '10.0.10.9' }))) {
      expect(instance['lifecycle']).toEqual({ create_before_destroy: true, ignore_changes: ['fault_domain'] });
      expect(instance['vnics'][0].private_ip).toBeUndefined();
    }
  });

  test('a single one is replaced in place, since its address may be pinned', () => {
    const stack = synthThree({ instances: 1 });
    expect(instancesOf(stack)).toHaveLength(1);
    expect(instancesOf(stack)[0]?.['lifecycle']).toBeUndefined();
    expect(stack.resources('oci_network_load_balancer_network_load_balancer')).toEqual([]);
  });

  test('all wait for the permission to pull, which is said once', () => {
    const stack = synthThree({ imageRepository: { compartmentId, name: 'mcp/cost' } });
    const policy = stack.resource('oci_identity_policy');
    expect(policy['statements']).toHaveLength(1);
    for (const instance of instancesOf(stack)) expect(instance['depends_on']).toEqual([addressOf(stack, policy)]);
  });

  test('all wait for what a dynamic group is granted', () => {
    const stack = synth((scope) => {
      const server = three(scope, { dynamicGroup: dynamicGroup(scope) });
      Compartment.fromCompartmentId(scope, 'Compartment', compartmentId)
        .grantRead(server, 'metrics')
        .applyBefore(server);
    });
    const policy = addressOf(stack, stack.resource('oci_identity_policy'));
    for (const instance of instancesOf(stack)) expect(instance['depends_on']).toEqual([policy]);
  });
});

describe('the balancer', () => {
  test('is private and keeps a caller with one replica', () => {
    const stack = synthThree();
    const balancer = stack.resource('oci_network_load_balancer_network_load_balancer');
    const group = stack.resource('oci_core_network_security_group', 'Cost_Balancer_SecurityGroup');
    expect(balancer).toMatchObject({
      compartment_id: compartmentId,
      display_name: 'stack-cost-balancer',
      subnet_id: 'ocid1.subnet.oc1.eu-frankfurt-1.example',
      is_private: true,
      is_preserve_source_destination: false,
      network_security_group_ids: [`\${${addressOf(stack, group)}.id}`],
    });
    expect(balancer['assigned_private_ipv4']).toBeUndefined();
    expect(stack.resource('oci_network_load_balancer_backend_set')).toMatchObject({
      policy: 'TWO_TUPLE',
      is_preserve_source: false,
      is_instant_failover_enabled: true,
    });
    expect(stack.resource('oci_network_load_balancer_listener')).toMatchObject({ protocol: 'TCP', port: 8000 });
  });

  test.each([
    ['connects to the port', undefined, { protocol: 'TCP', port: 8000 }],
    ['asks the health path', '/healthz', { protocol: 'HTTP', url_path: '/healthz', return_code: 200, port: 8000 }],
  ])('%s to tell whether a replica is healthy', (_, healthPath, checker) => {
    const stack = synth((scope) => void containerInstanceServer(scope, { instances: 2 }, { healthPath }));
    expect(stack.resource('oci_network_load_balancer_backend_set').health_checker).toEqual(checker);
  });

  test('has every replica behind it, at the address of its VNIC', () => {
    const stack = synthThree();
    const backends = stack.resources('oci_network_load_balancer_backend');
    expect(backends.map(({ ip_address, port }) => [ip_address.replace(/_\w{8}\./, '.'), port])).toEqual([
      ['${data.oci_core_vnic.Cost_Vnic.private_ip_address}', 8000],
      ['${data.oci_core_vnic.Cost_Vnic2.private_ip_address}', 8000],
      ['${data.oci_core_vnic.Cost_Vnic3.private_ip_address}', 8000],
    ]);
  });

  test('takes the pinned address', () => {
    const stack = synth((scope) => {
      const { endpoint } = three(scope, { privateIp: '10.0.10.9' });
      new TerraformOutput(scope, 'url', { value: (endpoint as { url: string }).url });
    });
    expect(stack.resource('oci_network_load_balancer_network_load_balancer').assigned_private_ipv4).toBe('10.0.10.9');
    expect(stack.json['output'].url.value).toBe('http://10.0.10.9:8000/mcp');
  });

  test('alone reaches the replicas, and callers the balancer alone', () => {
    const stack = synth((scope) => {
      const caller = containerInstanceServer(scope, { egressPorts: [] });
      const hosting = new ContainerInstanceHosting({
        ...{ network: network(scope), compartmentId, instances: 2, egressPorts: [] },
      });
      const gateway = new McpGateway(scope, 'Gateway', { image, hosting, inboundAuth: InboundAuth.none() });
      gateway.connections.allowFrom(caller);
    });
    const rules = stack.resources('oci_core_network_security_group_security_rule').map((rule) => {
      const name = (id: string) => /group\.(\w+)_SecurityGroup/.exec(id)?.[1];
      const to = rule['direction'] === 'EGRESS' ? `-> ${name(rule['destination'])}` : `<- ${name(rule['source'])}`;
      return `${name(rule['network_security_group_id'])} ${to} ${rule['tcp_options'].destination_port_range.max}`;
    });
    expect(rules.sort()).toEqual([
      'Cost -> Gateway_Balancer 9000',
      'Gateway <- Gateway_Balancer 9000',
      'Gateway_Balancer -> Gateway 9000',
      'Gateway_Balancer <- Cost 9000',
    ]);
  });
});

test('every instance of a gateway waits for the paths to its servers, and calls from its own group', () => {
  const stack = synth((scope) => {
    const hosting = new ContainerInstanceHosting({ network: network(scope), compartmentId, instances: 2 });
    const backends = [containerInstanceServer(scope, { egressPorts: [] })];
    new McpGateway(scope, 'Gateway', { image, hosting, inboundAuth: InboundAuth.none(), backends });
  });
  const rules = stack.resources('oci_core_network_security_group_security_rule');
  const path = rules.filter(({ description }) => /cost/.test(description) || /8000/.test(description));
  expect(path.map(({ description }) => description).sort()).toEqual([
    'TCP 8000 from gateway-security-group',
    'TCP 8000 to cost-security-group',
  ]);
  const gateways = instancesOf(stack).filter(({ display_name }) => /gateway/.test(display_name));
  expect(gateways).toHaveLength(2);
  for (const { depends_on } of gateways) {
    expect(depends_on).toEqual(expect.arrayContaining(path.map((rule) => addressOf(stack, rule))));
  }
});

test.each([
  ['there are none', 0, 'instances: got 0; allowed: a whole number of at least 1'],
  ['there are one and a half', 1.5, 'instances: got 1.5; allowed: a whole number of at least 1'],
])('fails when %s', (_, instances, fault) => {
  expect(faultsOf((stack) => void three(stack, { instances }))).toEqual([`[stack/Cost] ${fault}`]);
});

test('fails when the number is only known to Terraform', () => {
  const found = faultsOf((stack) => {
    const instances = new TerraformVariable(stack, 'count', { type: 'number' }).numberValue;
    three(stack, { instances });
  });
  expect(found).toEqual(['[stack/Cost] instances: got "a Terraform reference"; allowed: a number known at synth']);
});
