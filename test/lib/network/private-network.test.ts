import { TerraformOutput } from 'cdktf';
import { PrivateNetwork } from 'cdktf-oci-mcp';
import { addressOf, faultsOf, synth } from '../../helpers/synth';
import { compartmentId, network, reference } from '../fixtures';

test('a network made here is private: no public address, no rule for all, traffic through gateways', () => {
  const { resource, resources, dataSources } = synth(
    (stack) => void new PrivateNetwork(stack, 'Net', { compartmentId }),
  );
  expect(resource('oci_core_vcn').cidr_blocks).toEqual(['10.0.0.0/16']);
  expect(resource('oci_core_subnet')).toMatchObject({
    cidr_block: '10.0.10.0/24',
    prohibit_public_ip_on_vnic: true,
    display_name: 'stack-net-workloads',
  });
  const rules = resource('oci_core_route_table').route_rules;
  expect(rules.map((rule: { destination_type: string }) => rule.destination_type)).toEqual([
    'CIDR_BLOCK',
    'SERVICE_CIDR_BLOCK',
  ]);
  expect(rules[0].network_entity_id).toContain('oci_core_nat_gateway');
  expect(rules[1].network_entity_id).toContain('oci_core_service_gateway');
  expect(rules[1].destination).toContain('data.oci_core_services');
  expect(dataSources('oci_core_services')).toHaveLength(1);
  const securityList = resource('oci_core_security_list');
  expect(securityList.ingress_security_rules ?? securityList.egress_security_rules).toBeUndefined();
  expect(resources('oci_core_internet_gateway')).toEqual([]);
});

test('further subnets share its routes and its empty security list', () => {
  const { resources } = synth((stack) => {
    new PrivateNetwork(stack, 'Net', { compartmentId }).addSubnet('LoadBalancers', '10.0.20.0/24');
  });
  const [first, second] = resources('oci_core_subnet');
  for (const argument of ['route_table_id', 'security_list_ids', 'vcn_id', 'prohibit_public_ip_on_vnic']) {
    expect(second?.[argument]).toEqual(first?.[argument]);
  }
  const labels = resources('oci_core_subnet').map((subnet) => subnet['dns_label']);
  expect(labels.sort()).toEqual(['loadbalancers', 'workloads']);
});

test('a subnet has a DNS label of its own, of letters and digits, whatever its id', () => {
  const { resources } = synth((stack) => {
    const net = new PrivateNetwork(stack, 'Net', { compartmentId });
    for (const [i, id] of ['api-endpoint', '2nd_subnet', '99', 'DatabaseSubnetsA', 'DatabaseSubnetsB'].entries()) {
      net.addSubnet(id, `10.0.${20 + i}.0/24`);
    }
  });
  const labels = resources('oci_core_subnet').map((subnet) => subnet['dns_label']);
  expect(labels.sort()).toEqual(['apiendpoint', 'databasesubn2', 'databasesubnets', 'ndsubnet', 'subnet', 'workloads']);
});

test('a subnet whose members join no security group has a list of its own that lets connections out', () => {
  const stack = synth((scope) => {
    new PrivateNetwork(scope, 'Net', { compartmentId }).addSubnet('Science', '10.0.20.0/24', {
      egressPorts: [443, 22],
    });
  });
  const lists = stack.resources('oci_core_security_list');
  const [list] = lists.filter((each) => each['display_name'] === 'stack-net-science-egress');
  expect(list).not.toHaveProperty('ingress_security_rules');
  expect(list?.['egress_security_rules']).toEqual(
    [443, 22].map((port) =>
      expect.objectContaining({
        destination: '0.0.0.0/0',
        protocol: '6',
        stateless: false,
        tcp_options: { min: port, max: port },
      }),
    ),
  );
  const subnets = stack.resources('oci_core_subnet');
  const listsOf = (label: string) => subnets.find(({ dns_label }) => dns_label === label)?.['security_list_ids'];
  expect(listsOf('science')).toEqual([`\${${addressOf(stack, list ?? {})}.id}`]);
  expect(listsOf('workloads')).not.toEqual(listsOf('science'));
});

test('a subnet fails with a port that does not exist', () => {
  const faults = faultsOf((stack) => {
    new PrivateNetwork(stack, 'Net', { compartmentId }).addSubnet('Science', '10.0.20.0/24', { egressPorts: [0] });
  });
  expect(faults).toEqual(['[stack/Net] subnet Science egressPorts: got 0; allowed: a whole number from 1 to 65535']);
});

test('an imported network makes nothing and gives back what it was given', () => {
  const { json, resources } = synth((stack) => {
    const { vcnId, subnetId } = network(stack);
    new TerraformOutput(stack, 'ids', { value: [vcnId, subnetId] });
  });
  expect(resources()).toEqual([]);
  expect(json['output'].ids.value).toEqual([
    'ocid1.vcn.oc1.eu-frankfurt-1.example',
    'ocid1.subnet.oc1.eu-frankfurt-1.example',
  ]);
});

test('addresses may be references', () => {
  const { resource } = synth((stack) => {
    const [cidrBlock, subnetCidrBlock] = [reference(stack, 'vcn_cidr'), reference(stack, 'subnet_cidr')];
    new PrivateNetwork(stack, 'Net', { compartmentId, cidrBlock, subnetCidrBlock });
  });
  expect(resource('oci_core_vcn').cidr_blocks).toEqual(['${var.vcn_cidr}']);
  expect(resource('oci_core_subnet').cidr_block).toBe('${var.subnet_cidr}');
});

test.each(['10.0.0.0/16', '10.0.0.0/30'])('a VCN of %s is accepted', (cidrBlock) => {
  synth((stack) => void new PrivateNetwork(stack, 'Net', { compartmentId, cidrBlock, subnetCidrBlock: cidrBlock }));
});

describe('a public subnet', () => {
  test('is made when asked for, with the only way to the internet that has an address', () => {
    const stack = synth((scope) => {
      const { publicSubnetId } = new PrivateNetwork(scope, 'Net', {
        compartmentId,
        publicSubnetCidrBlock: '10.0.30.0/24',
      });
      new TerraformOutput(scope, 'id', { value: publicSubnetId });
    });
    const subnet = stack.resource('oci_core_subnet', 'Net_Public');
    const [routes, gateway, list] = [
      stack.resource('oci_core_route_table', 'Net_PublicRouteTable'),
      stack.resource('oci_core_internet_gateway'),
      stack.resource('oci_core_security_list'),
    ];
    expect(subnet).toMatchObject({
      cidr_block: '10.0.30.0/24',
      prohibit_public_ip_on_vnic: false,
      route_table_id: `\${${addressOf(stack, routes)}.id}`,
      security_list_ids: [`\${${addressOf(stack, list)}.id}`],
    });
    expect(routes['route_rules']).toEqual([
      {
        network_entity_id: `\${${addressOf(stack, gateway)}.id}`,
        destination: '0.0.0.0/0',
        destination_type: 'CIDR_BLOCK',
      },
    ]);
    expect(stack.json['output'].id.value).toBe(`\${${addressOf(stack, subnet)}.id}`);
    expect(stack.resource('oci_core_subnet', 'Net_Workloads').prohibit_public_ip_on_vnic).toBe(true);
  });

  test('shares the gateway and the routes of the first', () => {
    const { resources } = synth((stack) => {
      const net = new PrivateNetwork(stack, 'Net', { compartmentId, publicSubnetCidrBlock: '10.0.30.0/24' });
      net.addPublicSubnet('LoadBalancers', '10.0.31.0/24');
    });
    expect(resources('oci_core_internet_gateway')).toHaveLength(1);
    expect(resources('oci_core_route_table')).toHaveLength(2);
  });

  test('of an imported network is the one it was given', () => {
    synth((stack) => {
      const known = { vcnId: 'ocid1.vcn', subnetId: 'ocid1.subnet.private' };
      const bare = PrivateNetwork.fromSubnetAttributes(stack, 'Bare', known);
      const full = PrivateNetwork.fromSubnetAttributes(stack, 'Full', {
        ...known,
        publicSubnetId: 'ocid1.subnet.public',
      });
      expect([bare.publicSubnetId, full.publicSubnetId]).toEqual([undefined, 'ocid1.subnet.public']);
    });
  });
});

describe('subnets', () => {
  const faults = (...blocks: string[]) =>
    faultsOf((stack) => {
      const net = new PrivateNetwork(stack, 'Net', { compartmentId });
      for (const [i, block] of blocks.entries()) net.addSubnet(`Sub${i}`, block);
    });

  test.each(['10.0.9.0/24', '10.0.11.0/24', '10.0.0.0/30', '10.0.255.252/30'])('%s is beside the first', (block) => {
    synth((stack) => void new PrivateNetwork(stack, 'Net', { compartmentId }).addSubnet('Sub', block));
  });

  test('fail when they are outside the VCN', () => {
    expect(faults('10.1.0.0/24')).toEqual([
      '[stack/Net] subnet Sub0: got "10.1.0.0/24"; allowed: a block inside the VCN\'s, 10.0.0.0/16',
    ]);
  });

  test('fail when they have the same addresses', () => {
    expect(faults('10.0.10.128/25', '10.0.20.0/24', '10.0.20.0/24')).toEqual([
      '[stack/Net] subnet Sub0: got "10.0.10.128/25"; allowed: addresses that no other subnet has, as Workloads does with 10.0.10.0/24',
      '[stack/Net] subnet Sub2: got "10.0.20.0/24"; allowed: addresses that no other subnet has, as Sub1 does with 10.0.20.0/24',
    ]);
  });
});

test.each(['10.0.0.0/15', '10.0.0.0/31', '10.0.0.0', 'ten'])('fails when a block of addresses is %s', (cidrBlock) => {
  const allowed = 'allowed: an IPv4 block of /16 to /30 such as "10.0.0.0/16"';
  expect(
    faultsOf(
      (stack) => void new PrivateNetwork(stack, 'Net', { compartmentId, cidrBlock, subnetCidrBlock: cidrBlock }),
    ),
  ).toEqual([
    `[stack/Net] cidrBlock: got "${cidrBlock}"; ${allowed}`,
    `[stack/Net] subnet Workloads: got "${cidrBlock}"; ${allowed}`,
  ]);
});
