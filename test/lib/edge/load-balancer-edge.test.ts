import { type App, TerraformOutput, TerraformStack, Testing } from 'cdktf';
import {
  AddressRange,
  ContainerInstanceHosting,
  type IMcpHosting,
  InboundAuth,
  LoadBalancerEdge,
  type LoadBalancerEdgeProps,
  McpGateway,
  OkeHosting,
  PrivateNetwork,
} from 'cdktf-oci-mcp';
import { renderedConfig } from '../../helpers/rendered-config';
import { addressOf, type Block, faultsOf, type Synthesized, synth } from '../../helpers/synth';
import {
  cluster,
  compartmentId,
  containerInstanceServer,
  image,
  network,
  okeServer,
  podSecurityGroupId,
  reference,
} from '../fixtures';

const jwt = InboundAuth.jwt({ issuer: 'https://id.example/', audiences: ['mcp'], jwksUri: 'https://id.example/jwks' });
const onInstances = (stack: TerraformStack, instances = 1) =>
  new ContainerInstanceHosting({ network: network(stack), compartmentId, instances, egressPorts: [] });
const onOke = (stack: TerraformStack) => new OkeHosting({ cluster: cluster(stack) });
const certificateId = 'ocid1.certificate.oc1.eu-frankfurt-1.example';
const hostname = 'mcp.example.com';
const tls = { certificateId, hostname };

function gateway(stack: TerraformStack, hosting: IMcpHosting, inboundAuth = jwt): McpGateway {
  return new McpGateway(stack, 'Gateway', { image, hosting, inboundAuth });
}

function edge(stack: TerraformStack, props: Partial<LoadBalancerEdgeProps> = {}): LoadBalancerEdge {
  return new LoadBalancerEdge(stack, 'Edge', {
    compartmentId,
    network: network(stack),
    target: props.target ?? gateway(stack, onInstances(stack)),
    ...props,
  });
}

function publicNetwork(stack: TerraformStack) {
  return PrivateNetwork.fromSubnetAttributes(stack, 'PublicNetwork', {
    vcnId: 'ocid1.vcn.oc1.eu-frankfurt-1.example',
    subnetId: 'ocid1.subnet.oc1.eu-frankfurt-1.example',
    publicSubnetId: 'ocid1.subnet.oc1.eu-frankfurt-1.public',
  });
}

const synthEdge = (props: Partial<LoadBalancerEdgeProps> = {}) => synth((stack) => void edge(stack, props));
const faultsOfEdge = (make: (stack: TerraformStack) => Partial<LoadBalancerEdgeProps>) =>
  faultsOf((stack) => void edge(stack, make(stack)));

/** Every rule as `group direction other port`, with the construct that a group belongs to. */
function rulesOf({ resources }: Synthesized): string[] {
  const name = (id: string) => /group\.(\w+?)_(SecurityGroup_)?\w{8}\.id/.exec(id)?.[1] ?? id;
  return resources('oci_core_network_security_group_security_rule')
    .map(({ network_security_group_id, direction, source, destination, tcp_options }) => {
      const { min, max } = tcp_options.destination_port_range;
      expect(min).toBe(max);
      const port = String(max).replace(/^.*\.(\w+)\}$/, '$1');
      const way = direction === 'INGRESS' ? `<- ${name(source)}` : `-> ${name(destination)}`;
      return `${name(network_security_group_id)} ${way} ${port}`;
    })
    .sort();
}

describe('in front of a Container Instance', () => {
  test('a private network load balancer stands, unless told otherwise', () => {
    const stack = synthEdge();
    expect(stack.resource('oci_network_load_balancer_network_load_balancer')).toMatchObject({
      compartment_id: compartmentId,
      display_name: 'stack-edge-network-load-balancer',
      subnet_id: 'ocid1.subnet.oc1.eu-frankfurt-1.example',
      is_private: true,
    });
    expect(stack.resource('oci_network_load_balancer_backend_set')).toMatchObject({
      policy: 'TWO_TUPLE',
      health_checker: { protocol: 'HTTP', url_path: '/health', return_code: 200, port: 9000 },
    });
    expect(stack.resource('oci_network_load_balancer_listener')).toMatchObject({ protocol: 'TCP', port: 9000 });
    expect(stack.resource('oci_network_load_balancer_backend').ip_address).toMatch(/oci_core_vnic\.Gateway_Vnic/);
    expect(stack.resources('oci_load_balancer_load_balancer')).toEqual([]);
    expect(rulesOf(stack)).toEqual([
      'Edge_NetworkLoadBalancer -> Gateway 9000',
      'Gateway <- Edge_NetworkLoadBalancer 9000',
    ]);
    expect(stack.warnings).toEqual([]);
  });

  test('it listens on a port of its own, and decides as it is told', () => {
    const stack = synthEdge({ port: 8443, policy: 'FIVE_TUPLE', privateIp: '10.0.10.9', subnetId: 'ocid1.subnet.x' });
    expect(stack.resource('oci_network_load_balancer_listener').port).toBe(8443);
    expect(stack.resource('oci_network_load_balancer_backend').port).toBe(9000);
    expect(stack.resource('oci_network_load_balancer_backend_set')).toMatchObject({
      policy: 'FIVE_TUPLE',
      health_checker: { port: 9000 },
    });
    expect(stack.resource('oci_network_load_balancer_network_load_balancer')).toMatchObject({
      assigned_private_ipv4: '10.0.10.9',
      subnet_id: 'ocid1.subnet.x',
    });
  });

  test('several instances are balanced themselves, past the balancer which they have', () => {
    const stack = synth((scope) => void edge(scope, { target: gateway(scope, onInstances(scope, 2)) }));
    const behind = stack
      .resources('oci_network_load_balancer_backend')
      .filter((backend) => /Edge/.test(backend['network_load_balancer_id']));
    expect(behind.map(({ ip_address }) => ip_address.replace(/_\w{8}\./, '.'))).toEqual([
      '${data.oci_core_vnic.Gateway_Vnic.private_ip_address}',
      '${data.oci_core_vnic.Gateway_Vnic2.private_ip_address}',
    ]);
    expect(rulesOf(stack)).toEqual([
      'Edge_NetworkLoadBalancer -> Gateway 9000',
      'Gateway <- Edge_NetworkLoadBalancer 9000',
      'Gateway <- Gateway_Balancer 9000',
      'Gateway_Balancer -> Gateway 9000',
    ]);
  });

  test('a load balancer ends TLS and waits long for streams', () => {
    const stack = synthEdge(tls);
    expect(stack.resources('oci_network_load_balancer_network_load_balancer')).toEqual([]);
    expect(stack.resource('oci_load_balancer_load_balancer')).toMatchObject({
      compartment_id: compartmentId,
      display_name: 'stack-edge-load-balancer',
      shape: 'flexible',
      shape_details: { minimum_bandwidth_in_mbps: 10, maximum_bandwidth_in_mbps: 100 },
      subnet_ids: ['ocid1.subnet.oc1.eu-frankfurt-1.example'],
      is_private: true,
    });
    expect(stack.resource('oci_load_balancer_backend_set')).toMatchObject({
      policy: 'IP_HASH',
      health_checker: { protocol: 'HTTP', url_path: '/health', return_code: 200, port: 9000 },
    });
    expect(stack.resource('oci_load_balancer_backend').port).toBe(9000);
    expect(stack.resource('oci_load_balancer_listener')).toMatchObject({
      protocol: 'TCP',
      port: 443,
      connection_configuration: { idle_timeout_in_seconds: '3600' },
      ssl_configuration: {
        certificate_ids: [certificateId],
        protocols: ['TLSv1.2', 'TLSv1.3'],
        cipher_suite_name: 'oci-default-http2-tls-12-13-ssl-cipher-suite-v1',
        verify_peer_certificate: false,
      },
    });
    expect(rulesOf(stack)).toEqual(['Edge_LoadBalancer -> Gateway 9000', 'Gateway <- Edge_LoadBalancer 9000']);
  });

  test('a load balancer without TLS, for callers in the network', () => {
    const bandwidth = { minimumMbps: 200 };
    const stack = synthEdge({ type: 'LOAD_BALANCER', bandwidth, idleTimeoutSeconds: 7200, policy: 'ROUND_ROBIN' });
    expect(stack.resource('oci_load_balancer_load_balancer').shape_details).toEqual({
      minimum_bandwidth_in_mbps: 200,
      maximum_bandwidth_in_mbps: 200,
    });
    const listener = stack.resource('oci_load_balancer_listener');
    expect(listener).toMatchObject({ port: 9000, connection_configuration: { idle_timeout_in_seconds: '7200' } });
    expect(listener['ssl_configuration']).toBeUndefined();
    expect(stack.resource('oci_load_balancer_backend_set').policy).toBe('ROUND_ROBIN');
  });

  test('a public one may be for some addresses only', () => {
    const stack = synth((scope) => {
      const clients = [new AddressRange(scope, 'Office', '192.0.2.0/24')];
      edge(scope, { network: publicNetwork(scope), endpoint: 'PUBLIC', ...tls, clients });
    });
    expect(rulesOf(stack)).toContain('Edge_LoadBalancer <- 192.0.2.0/24 443');
    expect(rulesOf(stack).join()).not.toContain('0.0.0.0/0');
  });

  test('a server without a health path only has to accept connections', () => {
    const stack = synth((scope) => void edge(scope, { target: containerInstanceServer(scope), type: 'LOAD_BALANCER' }));
    expect(stack.resource('oci_load_balancer_backend_set').health_checker).toEqual({ protocol: 'TCP', port: 8000 });
  });

  test('a public one stands in the public subnet and is open to everybody on its port', () => {
    const stack = synth((scope) => void edge(scope, { network: publicNetwork(scope), endpoint: 'PUBLIC', ...tls }));
    expect(stack.resource('oci_load_balancer_load_balancer')).toMatchObject({
      is_private: false,
      subnet_ids: ['ocid1.subnet.oc1.eu-frankfurt-1.public'],
    });
    expect(rulesOf(stack)).toEqual([
      'Edge_LoadBalancer -> Gateway 9000',
      'Edge_LoadBalancer <- 0.0.0.0/0 443',
      'Gateway <- Edge_LoadBalancer 9000',
    ]);
    expect(stack.warnings).toEqual([]);
  });
});

describe('in front of pods', () => {
  const serviceOf = ({ resource }: Synthesized): Block => resource('kubernetes_service_v1', 'Edge_Service');
  const policyOf = ({ resource }: Synthesized): Block => resource('kubernetes_network_policy_v1').spec;
  const synthPods = (props: Partial<LoadBalancerEdgeProps> = {}) =>
    synth((scope) => void edge(scope, { target: gateway(scope, onOke(scope)), ...props }));

  test('a Service has OKE make a private network load balancer', () => {
    const stack = synthPods();
    const group = stack.resource('oci_core_network_security_group');
    const service = serviceOf(stack);
    expect(service).toMatchObject({
      metadata: { name: 'edge', namespace: 'mcp' },
      spec: {
        type: 'LoadBalancer',
        external_traffic_policy: 'Local',
        session_affinity: 'None',
        selector: { 'app.kubernetes.io/name': 'gateway', 'app.kubernetes.io/part-of': 'mcp' },
        port: [{ name: 'mcp', port: 9000, target_port: '9000', protocol: 'TCP' }],
      },
      wait_for_load_balancer: true,
    });
    expect(service['metadata'].annotations).toEqual({
      'oci.oraclecloud.com/load-balancer-type': 'nlb',
      'oci.oraclecloud.com/security-rule-management-mode': 'None',
      'oci-network-load-balancer.oraclecloud.com/internal': 'true',
      'oci-network-load-balancer.oraclecloud.com/subnet': 'ocid1.subnet.oc1.eu-frankfurt-1.example',
      'oci-network-load-balancer.oraclecloud.com/oci-network-security-groups': `\${${addressOf(stack, group)}.id}`,
      'oci-network-load-balancer.oraclecloud.com/backend-policy': 'TWO_TUPLE',
      'oci-network-load-balancer.oraclecloud.com/is-preserve-source': 'false',
    });
    const ip = `\${${addressOf(stack, service)}.status[0].load_balancer[0].ingress[0].ip}`;
    expect(policyOf(stack)['ingress']).toEqual([
      { from: [{ ip_block: { cidr: `${ip}/32` } }], ports: [{ port: '9000', protocol: 'TCP' }] },
    ]);
    expect(stack.resources('oci_network_load_balancer_network_load_balancer')).toEqual([]);
  });

  test('with a pinned address nothing waits', () => {
    const stack = synthPods({ privateIp: '10.0.10.9' });
    const service = serviceOf(stack);
    expect(service['wait_for_load_balancer']).toBe(false);
    expect(service['metadata'].annotations).toMatchObject({
      'oci-network-load-balancer.oraclecloud.com/assigned-private-ipv4': '10.0.10.9',
    });
    expect(policyOf(stack)['ingress'][0].from).toEqual([{ ip_block: { cidr: '10.0.10.9/32' } }]);
  });

  test('with a host name Terraform waits for an address only if somebody asks for it', () => {
    const named = { hostname: 'mcp.example.com', tlsSecretName: 'tls', subnetId: 'ocid1.subnet.balancers' };
    expect(serviceOf(synthPods(named))['wait_for_load_balancer']).toBe(false);
    const asked = synth((scope) => {
      const { ipAddress } = edge(scope, { target: gateway(scope, onOke(scope)), ...named });
      new TerraformOutput(scope, 'address', { value: ipAddress });
    });
    expect(serviceOf(asked)['wait_for_load_balancer']).toBe(true);
  });

  test('the balancer reaches two ports of the nodes, and nothing else', () => {
    expect(rulesOf(synthPods())).toEqual([
      `Edge_Service -> ${podSecurityGroupId} health_check_node_port`,
      `Edge_Service -> ${podSecurityGroupId} node_port`,
      `${podSecurityGroupId} <- Edge_Service health_check_node_port`,
      `${podSecurityGroupId} <- Edge_Service node_port`,
    ]);
    expect(rulesOf(synthPods({ nodeSecurityGroupId: 'ocid1.networksecuritygroup.nodes' }))).toContain(
      'ocid1.networksecuritygroup.nodes <- Edge_Service node_port',
    );
  });

  test('where only addresses of the nodes are known, their own side is opened elsewhere', () => {
    const stack = synth((scope) => {
      cluster(scope, { podSecurityGroupId: undefined, podCidrBlocks: ['10.0.20.0/24'] });
      edge(scope, { target: gateway(scope, onOke(scope)) });
    });
    expect(rulesOf(stack)).toEqual([
      'Edge_Service -> 10.0.20.0/24 health_check_node_port',
      'Edge_Service -> 10.0.20.0/24 node_port',
    ]);
  });

  test('fails when nothing tells where the nodes are', () => {
    const found = faultsOf((scope) => {
      cluster(scope, { podSecurityGroupId: undefined });
      edge(scope, { target: gateway(scope, onOke(scope)) });
    });
    expect(found).toEqual([
      '[stack/Edge/Service] nodeSecurityGroupId: got undefined; allowed: the OCID of the network security group of the nodes, which take in what the balancer sends; fix: pass nodeSecurityGroupId, or give the cluster podSecurityGroupId or podCidrBlocks',
    ]);
  });

  test('a load balancer ends TLS with the Secret, and its subnet is let in', () => {
    const stack = synthPods({ tlsSecretName: 'mcp-tls', hostname, subnetId: 'ocid1.subnet.balancers' });
    const group = stack.resource('oci_core_network_security_group');
    const service = serviceOf(stack);
    expect(service['metadata'].annotations).toEqual({
      'oci.oraclecloud.com/load-balancer-type': 'lb',
      'oci.oraclecloud.com/security-rule-management-mode': 'None',
      'oci.oraclecloud.com/oci-network-security-groups': `\${${addressOf(stack, group)}.id}`,
      'oci.oraclecloud.com/loadbalancer-policy': 'IP_HASH',
      'oci.oraclecloud.com/oci-load-balancer-listener-ssl-config':
        '{"CipherSuiteName":"oci-default-http2-tls-12-13-ssl-cipher-suite-v1","Protocols":["TLSv1.2","TLSv1.3"]}',
      'service.beta.kubernetes.io/oci-load-balancer-internal': 'true',
      'service.beta.kubernetes.io/oci-load-balancer-subnet1': 'ocid1.subnet.balancers',
      'service.beta.kubernetes.io/oci-load-balancer-shape': 'flexible',
      'service.beta.kubernetes.io/oci-load-balancer-shape-flex-min': '10',
      'service.beta.kubernetes.io/oci-load-balancer-shape-flex-max': '100',
      'service.beta.kubernetes.io/oci-load-balancer-connection-idle-timeout': '3600',
      'service.beta.kubernetes.io/oci-load-balancer-ssl-ports': '443',
      'service.beta.kubernetes.io/oci-load-balancer-tls-secret': 'mcp-tls',
    });
    expect(service['spec'].port[0]).toMatchObject({ port: 443, target_port: '9000' });
    expect(stack.warnings.filter((warning) => warning.startsWith('[stack/Edge]'))).toEqual([]);
    const [subnet] = stack.dataSources('oci_core_subnet');
    expect(subnet?.['subnet_id']).toBe('ocid1.subnet.balancers');
    expect(policyOf(stack)['ingress'][0].from[0].ip_block.cidr).toMatch(
      /^\$\{data\.oci_core_subnet\.\w+\.cidr_block\}$/,
    );
  });

  test('without TLS its annotations name none, and in the subnet of workloads it is warned of', () => {
    const stack = synthPods({ type: 'LOAD_BALANCER' });
    expect(stack.warnings.filter((warning) => warning.startsWith('[stack/Edge]'))).toEqual([
      '[stack/Edge] subnetId: a load balancer calls pods from any address of its subnet, so all that stands in the subnet of workloads reaches these pods; give it a subnet of its own',
    ]);
    const annotations = Object.keys(serviceOf(stack)['metadata'].annotations);
    expect(annotations.filter((name) => /ssl|tls/.test(name))).toEqual([]);
  });

  test('a server may stand behind it, too', () => {
    const stack = synth((scope) => void edge(scope, { target: okeServer(scope) }));
    expect(serviceOf(stack)['spec'].port[0].port).toBe(8000);
  });
});

describe('its address', () => {
  const urlOf = (build: (stack: TerraformStack) => LoadBalancerEdge) =>
    synth((stack) => {
      const { endpoint, ipAddress } = build(stack);
      new TerraformOutput(stack, 'url', { value: endpoint.url });
      new TerraformOutput(stack, 'ip', { value: ipAddress });
    }).json['output'].url.value;

  test.each<[string, Partial<LoadBalancerEdgeProps>, string]>([
    ['is the pinned one', { privateIp: '10.0.10.9' }, 'http://10.0.10.9:9000/mcp'],
    ['leaves out port 80', { privateIp: '10.0.10.9', port: 80 }, 'http://10.0.10.9/mcp'],
    ['is the host name with TLS', tls, 'https://mcp.example.com/mcp'],
    ['names another port with TLS', { ...tls, port: 8443 }, 'https://mcp.example.com:8443/mcp'],
    ['is the host name without TLS', { hostname }, 'http://mcp.example.com:9000/mcp'],
  ])('%s', (_, props, url) => {
    expect(urlOf((stack) => edge(stack, props))).toBe(url);
  });

  test.each<[string, Partial<LoadBalancerEdgeProps>, RegExp]>([
    ['network load balancer', {}, /^http:\/\/\$\{oci_network_load.*\.ip_addresses\[0\]\.ip_address\}:9000\/mcp$/],
    [
      'load balancer',
      { type: 'LOAD_BALANCER' },
      /^http:\/\/\$\{oci_load_balancer_load.*\.ip_address_details\[0\]\.ip_address\}:9000\/mcp$/,
    ],
  ])('is that of the %s', (_, props, url) => {
    expect(urlOf((stack) => edge(stack, props))).toMatch(url);
  });

  test('has the path and the transport of the target', () => {
    const endpoint = { path: '/events', transport: 'sse' } as const;
    synth((stack) => {
      const target = containerInstanceServer(stack, {}, endpoint as never);
      expect(edge(stack, { target, privateIp: '10.0.10.9' }).endpoint).toEqual({
        transport: 'sse',
        url: 'http://10.0.10.9:8000/events',
      });
    });
  });

  test('is what the gateway tells clients without a token', () => {
    const stack = synth((scope) => {
      edge(scope, { target: gateway(scope, onOke(scope)), privateIp: '10.0.10.9' });
    });
    expect(renderedConfig(stack).auth).toMatchObject({ resource_url: 'http://10.0.10.9:9000/mcp' });
  });

  test('gives way to that of an edge in front', () => {
    const stack = synth((scope) => {
      edge(scope, { target: gateway(scope, onOke(scope)) }).publishAt('https://api.example/mcp');
    });
    expect(renderedConfig(stack).auth).toMatchObject({ resource_url: 'https://api.example/mcp' });
  });

  describe('in another stack than the target', () => {
    const edgeElsewhere = (hosting: (stack: TerraformStack) => IMcpHosting, props: Partial<LoadBalancerEdgeProps>) => {
      const app = Testing.app() as App;
      const [first, second] = [new TerraformStack(app, 'first'), new TerraformStack(app, 'second')];
      const made = edge(second, { target: gateway(first, hosting(first)), ...props });
      const { node } = made;
      return {
        warnings: node.metadata.map(({ data }) => data),
        faults: node.findAll().flatMap((child) => child.node.validate()),
      };
    };

    test('is told when it is known at synth', () => {
      expect(edgeElsewhere(onOke, { privateIp: '10.0.10.9' })).toEqual({ warnings: [], faults: [] });
      expect(edgeElsewhere(onInstances, { hostname })).toEqual({ warnings: [], faults: [] });
    });

    test('is not told otherwise, which is warned of', () => {
      expect(edgeElsewhere(onInstances, {})).toEqual({
        warnings: [
          'hostname: the target stands in another stack and cannot wait for this address to name it; pass hostname or privateIp',
        ],
        faults: [],
      });
    });

    test.each([{}, { type: 'LOAD_BALANCER', subnetId: 'ocid1.subnet.x' }] as const)(
      'fails for pods, which have to let it in: %o',
      (props) => {
        expect(edgeElsewhere(onOke, { ...props, hostname }).faults).toEqual([
          'target: got "pods of the stack first"; allowed: pods of the same stack, whose NetworkPolicy names the address of the balancer; fix: make the edge in the stack of its target, or pass a literal privateIp',
        ]);
      },
    );
  });
});

test('callers are let into the balancer, and hand on how clients prove themselves', () => {
  const stack = synth((scope) => {
    const target = gateway(scope, onInstances(scope));
    const made = edge(scope, { target });
    expect(made.inboundAuth).toBe(target.inboundAuth);
    made.connections.allowFrom(containerInstanceServer(scope, { egressPorts: [] }));
  });
  expect(rulesOf(stack)).toEqual([
    'Cost -> Edge_NetworkLoadBalancer 9000',
    'Edge_NetworkLoadBalancer -> Gateway 9000',
    'Edge_NetworkLoadBalancer <- Cost 9000',
    'Gateway <- Edge_NetworkLoadBalancer 9000',
  ]);
});

test('takes references wherever values may be known later', () => {
  synth((scope) => {
    const text = (name: string) => reference(scope, name);
    edge(scope, {
      compartmentId: text('compartment_id'),
      subnetId: text('subnet_id'),
      certificateId: text('certificate_id'),
      hostname: text('hostname'),
    });
  });
});

describe('fails', () => {
  const nothingForNetwork = 'nothing for type "NETWORK_LOAD_BALANCER", which passes packets on as they are';

  test.each<[string, Partial<LoadBalancerEdgeProps>, string[]]>([
    [
      'for an unknown type',
      { type: 'nlb' as never },
      ['type: got "nlb"; allowed: one of NETWORK_LOAD_BALANCER, LOAD_BALANCER'],
    ],
    ['for a port that is none', { port: 0 }, ['port: got 0; allowed: a whole number from 1 to 65535']],
    [
      'for an idle timeout of 0',
      { idleTimeoutSeconds: 0 },
      ['idleTimeoutSeconds: got 0; allowed: a whole number from 1 to 7200'],
    ],
    [
      'for an idle timeout of 7201',
      { idleTimeoutSeconds: 7201 },
      ['idleTimeoutSeconds: got 7201; allowed: a whole number from 1 to 7200'],
    ],
    [
      'for little bandwidth',
      { bandwidth: { minimumMbps: 9 } },
      ['bandwidth.minimumMbps: got 9; allowed: a whole number from 10 to 8000'],
    ],
    [
      'for much bandwidth',
      { bandwidth: { maximumMbps: 8001 } },
      ['bandwidth.maximumMbps: got 8001; allowed: a whole number from 10 to 8000'],
    ],
    [
      'for less at most than at least',
      { bandwidth: { minimumMbps: 20, maximumMbps: 19 } },
      ['bandwidth.maximumMbps: got 19; allowed: a whole number from 20 to 8000'],
    ],
    [
      'for an address that is none',
      { privateIp: '10.0.10' },
      ['privateIp: got "10.0.10"; allowed: an IPv4 address such as "10.0.10.5"'],
    ],
    [
      'for a host name that is a URL',
      { hostname: 'https://mcp.example.com' },
      ['hostname: got "https://mcp.example.com"; allowed: a fully qualified host name such as "mcp.example.com"'],
    ],
    [
      'for a policy of the other type',
      { policy: 'IP_HASH' },
      ['policy: got "IP_HASH"; allowed: one of TWO_TUPLE, THREE_TUPLE, FIVE_TUPLE'],
    ],
    [
      'for a pinned address of a load balancer',
      { type: 'LOAD_BALANCER', privateIp: '10.0.10.9' },
      ['privateIp: got "10.0.10.9"; allowed: an address of choice only for type "NETWORK_LOAD_BALANCER"'],
    ],
    [
      'for TLS of a network load balancer',
      { type: 'NETWORK_LOAD_BALANCER', ...tls },
      [`certificateId: got "a value"; allowed: ${nothingForNetwork}`],
    ],
    [
      'for a firewall of a network load balancer',
      { type: 'NETWORK_LOAD_BALANCER', waf: {} },
      [`waf: got "a value"; allowed: ${nothingForNetwork}`],
    ],
    [
      'for an idle timeout of a network load balancer',
      { type: 'NETWORK_LOAD_BALANCER', idleTimeoutSeconds: 60 },
      [`idleTimeoutSeconds: got "a value"; allowed: ${nothingForNetwork}`],
    ],
    [
      'for a bandwidth of a network load balancer',
      { type: 'NETWORK_LOAD_BALANCER', bandwidth: {} },
      [`bandwidth: got "a value"; allowed: ${nothingForNetwork}`],
    ],
    [
      'for TLS without a host name',
      { certificateId },
      ['hostname: got undefined; allowed: with TLS, a host name which the certificate is for; fix: pass hostname'],
    ],
    [
      'for a Kubernetes Secret in front of addresses',
      { tlsSecretName: 'mcp-tls', hostname },
      ['tlsSecretName: got "a value"; allowed: nothing in front of addresses: pass certificateId'],
    ],
    [
      'for nodes in front of addresses',
      { nodeSecurityGroupId: 'ocid1.x' },
      ['nodeSecurityGroupId: got "a value"; allowed: nothing in front of addresses, which are no nodes'],
    ],
  ])('%s', (_, props, faults) => {
    expect(faultsOfEdge(() => props)).toEqual(faults.map((fault) => `[stack/Edge] ${fault}`));
  });

  test('for a certificate and a firewall in front of pods', () => {
    const found = faultsOfEdge((stack) => ({ target: gateway(stack, onOke(stack)), ...tls, waf: {} }));
    expect(found).toEqual([
      '[stack/Edge] certificateId: got "a value"; allowed: nothing in front of pods: Kubernetes takes the certificate from tlsSecretName',
      '[stack/Edge] waf: got "a value"; allowed: nothing in front of pods: Kubernetes makes the load balancer, and attaches no firewall',
    ]);
  });

  test('for a public one without TLS, a public subnet, or clients that prove themselves', () => {
    const found = faultsOfEdge((stack) => ({ target: containerInstanceServer(stack), endpoint: 'PUBLIC' }));
    expect(found).toEqual([
      '[stack/Edge] network: got "a network without a public subnet"; allowed: one with a public subnet; fix: give it publicSubnetCidrBlock',
      '[stack/Edge] endpoint: got "PUBLIC"; allowed: a public address only with TLS; fix: pass certificateId or tlsSecretName, and hostname',
      '[stack/Edge] target: got "stack/Cost"; allowed: for a public address, a target that says how its clients prove themselves; fix: put an McpGateway with inboundAuth in between',
    ]);
  });

  test('for a public network load balancer', () => {
    const found = faultsOfEdge((stack) => ({
      ...{ network: publicNetwork(stack), endpoint: 'PUBLIC', type: 'NETWORK_LOAD_BALANCER' },
    }));
    expect(found).toContain(
      '[stack/Edge] endpoint: got "PUBLIC"; allowed: "PRIVATE" for type "NETWORK_LOAD_BALANCER", which has no TLS',
    );
  });

  test('for a target that stands for itself, as another edge does', () => {
    const fault = (path: string) =>
      `target: got "${path}"; allowed: a gateway or a server on OKE or on Container Instances; fix: host it there, or put an ApiGatewayEdge in front of it`;
    const found = faultsOf((stack) => {
      const first = edge(stack);
      new LoadBalancerEdge(stack, 'Second', { compartmentId, network: network(stack), target: first });
    });
    expect(found).toEqual([`[stack/Second] ${fault('stack/Edge')}`]);
  });
});

test('a public one that asks nobody who they are is warned of', () => {
  const stack = synth((scope) => {
    const target = gateway(scope, onInstances(scope), InboundAuth.none());
    edge(scope, { target, network: publicNetwork(scope), endpoint: 'PUBLIC', ...tls });
  });
  expect(stack.warnings).toContain(
    '[stack/Edge] endpoint: everybody on the internet may call every tool; give the target InboundAuth.jwt({ issuer, audiences, jwksUri })',
  );
});

describe('logs', () => {
  const monitoring = {
    compartmentId,
    logCompartmentId: compartmentId,
    logGroupId: 'ocid1.loggroup.oc1.example',
    logRetentionDays: 60,
    topicId: 'ocid1.onstopic.oc1.example',
  };

  test('of accesses and errors go to the log group, and those of the firewall', () => {
    const stack = synthEdge({ ...tls, waf: {}, monitoring });
    const balancer = `\${${addressOf(stack, stack.resource('oci_load_balancer_load_balancer'))}.id}`;
    const firewall = `\${${addressOf(stack, stack.resource('oci_waf_web_app_firewall'))}.id}`;
    const logs = stack.resources('oci_logging_log');
    expect(logs.map(({ configuration: { source } }) => [source.service, source.category, source.resource])).toEqual([
      ['loadbalancer', 'access', balancer],
      ['loadbalancer', 'error', balancer],
      ['waf', 'all', firewall],
    ]);
    for (const log of logs) {
      expect(log).toMatchObject({ log_group_id: monitoring.logGroupId, retention_duration: 60 });
    }
  });

  test.each(['LOAD_BALANCER', 'NETWORK_LOAD_BALANCER'] as const)('are none of a %s that Kubernetes makes', (type) => {
    const stack = synth((scope) => void edge(scope, { target: gateway(scope, onOke(scope)), monitoring, type }));
    expect(stack.resources('oci_logging_log')).toEqual([]);
    expect(stack.warnings).toContain(
      '[stack/Edge] monitoring: Kubernetes makes this balancer, so its OCID is not known here, and it gets no logs and no alarm',
    );
  });

  test('are none of a network load balancer, which has an alarm instead', () => {
    const thresholds = { errors: 1, latencyMilliseconds: 5000, memoryPercent: 90, pendingMinutes: 5 };
    const stack = synthEdge({ monitoring: { ...monitoring, thresholds } });
    expect(stack.resources('oci_logging_log')).toEqual([]);
    expect(stack.resource('oci_monitoring_alarm')).toMatchObject({
      namespace: 'oci_nlb',
      destinations: [monitoring.topicId],
    });
  });
});
