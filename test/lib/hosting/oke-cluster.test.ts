import { TerraformOutput, type TerraformStack, TerraformVariable } from 'cdktf';
import { OkeCluster, type OkeClusterProps, PrivateNetwork } from 'cdktf-oci-mcp';
import { addressOf, type Block, faultsOf, synth } from '../../helpers/synth';
import { cluster, clusterId, compartmentId, reference } from '../fixtures';

function make(stack: TerraformStack, props: Partial<OkeClusterProps> = {}): OkeCluster {
  const network = new PrivateNetwork(stack, 'Net', { compartmentId });
  return new OkeCluster(stack, 'Oke', { compartmentId, network, kubernetesVersion: 'v1.33.1', ...props });
}

const synthCluster = (props: Partial<OkeClusterProps> = {}) => synth((stack) => void make(stack, props));

test('a cluster is enhanced, with addresses of the VCN for its pods and a private endpoint', () => {
  const { resource } = synthCluster();
  expect(resource('oci_containerengine_cluster')).toMatchObject({
    type: 'ENHANCED_CLUSTER',
    kubernetes_version: 'v1.33.1',
    cluster_pod_network_options: [{ cni_type: 'OCI_VCN_IP_NATIVE' }],
    endpoint_config: { is_public_ip_enabled: false },
  });
  const subnet = resource('oci_core_subnet', 'Net_Endpoint');
  expect(subnet['cidr_block']).toBe('10.0.0.0/28');
});

test('nodes and pods stand in the subnet and security group of workloads', () => {
  const stack = synthCluster({ nodeCount: 5, nodeOcpus: 4, nodeMemoryGib: 64, nodeShape: 'VM.Standard.E4.Flex' });
  const pool = stack.resource('oci_containerengine_node_pool');
  const subnetId = `\${${addressOf(stack, stack.resource('oci_core_subnet', 'Net_Workloads'))}.id}`;
  const groupId = `\${${addressOf(stack, stack.resource('oci_core_network_security_group', 'Oke_PodGroup'))}.id}`;
  expect(pool).toMatchObject({
    node_shape: 'VM.Standard.E4.Flex',
    node_shape_config: { ocpus: 4, memory_in_gbs: 64 },
    node_config_details: {
      size: 5,
      nsg_ids: [groupId],
      placement_configs: [{ subnet_id: subnetId }],
      node_pool_pod_network_option_details: { pod_nsg_ids: [groupId], pod_subnet_ids: [subnetId] },
    },
  });
});

test('nodes run the newest image that OKE has for the version', () => {
  const imageOf = (stack: ReturnType<typeof synth>) =>
    stack.resource('oci_containerengine_node_pool').node_source_details.image_id;
  expect(imageOf(synthCluster())).toMatch(
    /^\$\{\[for image in data\.oci_containerengine_node_pool_option\.\w+\.sources : image\.image_id if can\(regex\("\^Oracle-Linux-8\[\.\]\[0-9\]\+-\[0-9\.\]\+-\[0-9\]\+-OKE-1\.33\.1-", image\.source_name\)\)\]\[0\]\}$/,
  );
  const byReference = synth((stack) => void make(stack, { kubernetesVersion: reference(stack, 'version') }));
  expect(imageOf(byReference)).toContain('trimprefix(var.version, "v")');
});

test('the control plane and the pods reach each other, pods each other, and nobody else gets in', () => {
  const { resources } = synthCluster();
  const name = (end: string) => /\.Oke_(\w+?)(Group)?_\w{8}\.id/.exec(end)?.[1] ?? end;
  const rules = resources('oci_core_network_security_group_security_rule').map((rule: Block) => {
    const port = rule['tcp_options']?.destination_port_range.min ?? rule['protocol'];
    const other = name(rule['source'] ?? rule['destination']);
    return `${name(rule['network_security_group_id'])} ${rule['direction'] === 'INGRESS' ? '<-' : '->'} ${other} ${port}`;
  });
  expect(rules.sort()).toEqual(
    [
      'Endpoint <- Pod 6443',
      'Endpoint <- Pod 12250',
      'Pod -> Endpoint 6443',
      'Pod -> Endpoint 12250',
      'Pod <- Endpoint 10250',
      'Endpoint -> Pod 10250',
      'Pod <- Pod all',
      'Pod -> Pod all',
      'Pod -> 0.0.0.0/0 443',
      'Endpoint -> 0.0.0.0/0 443',
    ].sort(),
  );
});

test('its pods can be an end of a path', () => {
  const { resources } = synth((stack) => {
    const { podSecurityGroup, basic } = make(stack);
    expect(basic).toBe(false);
    expect(podSecurityGroup.peer.securityGroupId).toBeDefined();
  });
  expect(resources('oci_core_network_security_group')).toHaveLength(2);
});

describe('the Kubernetes provider', () => {
  test.each(['PRIVATE_ENDPOINT', 'PUBLIC_ENDPOINT'] as const)(
    'connects to the %s with a token of each run',
    (endpoint) => {
      const stack = synth((scope) => void OkeCluster.kubernetesProvider(scope, 'Oke', cluster(scope), endpoint));
      expect(stack.dataSources('oci_containerengine_cluster_kube_config')).toEqual([
        { cluster_id: clusterId, endpoint },
      ]);
      const provider = stack.json['provider'].kubernetes.find((each: Block) => each['exec']);
      expect(provider.exec[0]).toMatchObject({ command: 'oci', api_version: 'client.authentication.k8s.io/v1beta1' });
      expect(provider.token ?? provider.password ?? provider.client_key).toBeUndefined();
      expect(provider.host).toContain('data.oci_containerengine_cluster_kube_config');
    },
  );

  test('uses the private endpoint unless told otherwise', () => {
    const stack = synth((scope) => void OkeCluster.kubernetesProvider(scope, 'Oke', cluster(scope)));
    expect(stack.dataSources('oci_containerengine_cluster_kube_config')[0]?.['endpoint']).toBe('PRIVATE_ENDPOINT');
  });
});

test('an imported cluster makes nothing and knows only what it was told', () => {
  const { resources } = synth((stack) => {
    const bare = OkeCluster.fromClusterAttributes(stack, 'Bare', { clusterId });
    expect([bare.basic, bare.podSecurityGroup, bare.podCidrBlocks]).toEqual([false, undefined, undefined]);
    const basic = OkeCluster.fromClusterAttributes(stack, 'Basic', { clusterId, type: 'BASIC_CLUSTER' });
    expect(basic.basic).toBe(true);
    new TerraformOutput(stack, 'id', { value: bare.clusterId });
  });
  expect(resources()).toEqual([]);
});

test.each<[string, Partial<OkeClusterProps>, string]>([
  [
    'the version has no v',
    { kubernetesVersion: '1.33.1' },
    'kubernetesVersion: got "1.33.1"; allowed: a version that OKE offers, such as "v1.33.1"',
  ],
  ['there are no nodes', { nodeCount: 0 }, 'nodeCount: got 0; allowed: a whole number from 1 to 1000'],
  ['nodes are too big', { nodeOcpus: 115 }, 'nodeOcpus: got 115; allowed: a number from 1 to 114'],
  ['nodes have no memory', { nodeMemoryGib: 0 }, 'nodeMemoryGib: got 0; allowed: a number from 1 to 1760'],
])('fails when %s', (_, props, fault) => {
  expect(faultsOf((stack) => void make(stack, props))).toEqual([`[stack/Oke] ${fault}`]);
});

describe('virtual nodes', () => {
  test('take the place of a pool of nodes', () => {
    const stack = synthCluster({ virtualNodes: {}, nodeCount: 4 });
    const subnetId = `\${${addressOf(stack, stack.resource('oci_core_subnet', 'Net_Workloads'))}.id}`;
    const groupId = `\${${addressOf(stack, stack.resource('oci_core_network_security_group', 'Oke_PodGroup'))}.id}`;
    expect(stack.resources('oci_containerengine_node_pool')).toEqual([]);
    expect(stack.dataSources('oci_containerengine_node_pool_option')).toEqual([]);
    expect(stack.resource('oci_containerengine_virtual_node_pool')).toMatchObject({
      size: 4,
      nsg_ids: [groupId],
      placement_configurations: [
        { subnet_id: subnetId, fault_domain: ['FAULT-DOMAIN-1', 'FAULT-DOMAIN-2', 'FAULT-DOMAIN-3'] },
      ],
      pod_configuration: { shape: 'Pod.Standard.E4.Flex', subnet_id: subnetId, nsg_ids: [groupId] },
    });
  });

  test('run pods of another shape, and the cluster says what they are', () => {
    const stack = synth((scope) => {
      expect(make(scope, { virtualNodes: { podShape: 'Pod.Standard.A1.Flex' } }).virtualNodes).toBe(true);
    });
    const pool = stack.resource('oci_containerengine_virtual_node_pool');
    expect(pool['pod_configuration'].shape).toBe('Pod.Standard.A1.Flex');
    synth((scope) => expect(make(scope).virtualNodes).toBe(false));
  });

  test('fail beside the size of a node', () => {
    const faults = faultsOf((stack) => {
      make(stack, { virtualNodes: {}, nodeShape: 'VM.Standard.E5.Flex', nodeOcpus: 2, nodeMemoryGib: 16 });
    });
    const fault = (prop: string, got: string) =>
      `[stack/Oke] ${prop}: got ${got}; allowed: no size of nodes beside virtualNodes: pods ask for what they need; fix: remove ${prop}`;
    expect(faults).toEqual([
      fault('nodeShape', '"VM.Standard.E5.Flex"'),
      fault('nodeOcpus', '2'),
      fault('nodeMemoryGib', '16'),
    ]);
  });

  test('fail on a basic cluster', () => {
    const attributes = { clusterId, virtualNodes: true };
    synth((stack) => void OkeCluster.fromClusterAttributes(stack, 'Oke', attributes));
    const faults = faultsOf((stack) => {
      OkeCluster.fromClusterAttributes(stack, 'Oke', { ...attributes, type: 'BASIC_CLUSTER' });
    });
    expect(faults).toEqual([
      '[stack/Oke] type: got "BASIC_CLUSTER"; allowed: ENHANCED_CLUSTER: basic clusters have no virtual nodes',
    ]);
  });
});

test.each([{}, { virtualNodes: {} }])('nodes are spread over every availability domain when asked: %j', (props) => {
  const stack = synthCluster({ ...props, availabilityDomains: 'ALL' });
  const subnet = addressOf(stack, stack.resource('oci_core_subnet', 'Net_Workloads'));
  const pool =
    'virtualNodes' in props
      ? stack.resource('oci_containerengine_virtual_node_pool')
      : stack.resource('oci_containerengine_node_pool').node_config_details;
  const [block] = Object.values<Block>(pool.dynamic);
  expect(block).toMatchObject({
    for_each: expect.stringMatching(/data\.oci_identity_availability_domains\.\w+\.availability_domains/),
    content: { availability_domain: '${each.value.name}', subnet_id: `\${${subnet}.id}` },
  });
});

describe('a workload mapping', () => {
  const other = 'ocid1.compartment.oc1..other';

  test('binds a namespace to another compartment, once', () => {
    const { resources } = synth((stack) => {
      const oke = make(stack);
      oke.mapNamespace('mcp', other);
      oke.mapNamespace('mcp', other);
      oke.mapNamespace('mcp', 'ocid1.compartment.oc1..third');
      oke.mapNamespace(reference(stack, 'namespace'), other);
    });
    const mappings = resources('oci_containerengine_cluster_workload_mapping');
    expect(mappings.map(({ namespace, mapped_compartment_id }) => [namespace, mapped_compartment_id]).sort()).toEqual([
      ['${var.namespace}', other],
      ['mcp', other],
      ['mcp', 'ocid1.compartment.oc1..third'],
    ]);
    expect(mappings[0]?.['cluster_id']).toMatch(/^\$\{oci_containerengine_cluster\.\w+\.id\}$/);
  });

  test('can be made for an imported cluster', () => {
    const { resource } = synth((stack) => {
      OkeCluster.fromClusterAttributes(stack, 'Oke', { clusterId }).mapNamespace('mcp', other);
    });
    expect(resource('oci_containerengine_cluster_workload_mapping')).toEqual({
      cluster_id: clusterId,
      namespace: 'mcp',
      mapped_compartment_id: other,
    });
  });
});

test('sizes may be references', () => {
  const { resource } = synth((stack) => {
    make(stack, { nodeCount: new TerraformVariable(stack, 'nodes', { type: 'number' }).numberValue });
  });
  expect(resource('oci_containerengine_node_pool').node_config_details.size).toBe('${var.nodes}');
});
