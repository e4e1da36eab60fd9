import { type TerraformStack, TerraformVariable } from 'cdktf';
import {
  AddressRange,
  type IConnectable,
  McpServer,
  NetworkSecurityGroup,
  OkeCluster,
  OkeHosting,
  SecurityGroupConnections,
} from 'cdktf-oci-mcp';
import { Construct } from 'constructs';
import { type Block, faultsOf, type Synthesized, synth } from '../../helpers/synth';
import {
  cluster,
  clusterId,
  compartmentId,
  containerInstanceServer,
  okeServer,
  podSecurityGroupId,
  reference,
  source,
} from '../fixtures';

const vcnId = 'ocid1.vcn.oc1.eu-frankfurt-1.example';

/** Security rules as `<group> <direction> <port> <other end>`; groups made here appear as the id of their construct. */
function rulesOf({ resources }: Synthesized): string[] {
  const name = (end: string) => /^\$\{oci_core_network_security_group\.(\w+)_[0-9A-F]{8}\.id\}$/.exec(end)?.[1] ?? end;
  return resources('oci_core_network_security_group_security_rule')
    .map((rule: Block) => {
      const { min, max } = rule['tcp_options'].destination_port_range;
      const other = name(rule['source'] ?? rule['destination']);
      const type = rule['source_type'] ?? rule['destination_type'];
      return `${name(rule['network_security_group_id'])} ${rule['direction']} ${min}-${max} ${type} ${other}`;
    })
    .sort();
}

/** Ingress and egress of the one NetworkPolicy of a construct, without name resolution and the standing egress. */
function policyOf({ resource }: Synthesized, id: string): { ingress: Block[]; egress: Block[] } {
  const { ingress, egress } = resource('kubernetes_network_policy_v1', id).spec;
  return { ingress, egress: egress.slice(2) };
}

function group(stack: TerraformStack, id: string, port?: number): NetworkSecurityGroup {
  return new NetworkSecurityGroup(stack, id, { compartmentId, vcnId, port });
}

function importedGroup(stack: TerraformStack, id: string, cidrBlocks?: readonly string[]): SecurityGroupConnections {
  return new SecurityGroupConnections(new Construct(stack, id), `ocid1.networksecuritygroup.oc1..${id}`, {
    cidrBlocks,
  });
}

/** An address range, the same one when asked again. */
function range(scope: Construct, id: string, cidrBlock: string): AddressRange {
  return (scope.node.tryFindChild(id) as AddressRange | undefined) ?? new AddressRange(scope, id, cidrBlock);
}

const pods = (name: string, namespace = 'mcp') => ({
  namespace_selector: { match_labels: { 'kubernetes.io/metadata.name': namespace } },
  pod_selector: { match_labels: { 'app.kubernetes.io/name': name, 'app.kubernetes.io/part-of': 'mcp' } },
});

describe('between security groups', () => {
  test('a path is one rule at each end, on the port served', () => {
    const stack = synth((scope) => void group(scope, 'Server', 8000).connections.allowFrom(group(scope, 'Client')));
    expect(rulesOf(stack)).toEqual([
      'Client EGRESS 8000-8000 NETWORK_SECURITY_GROUP Server',
      'Server INGRESS 8000-8000 NETWORK_SECURITY_GROUP Client',
    ]);
    for (const rule of stack.resources('oci_core_network_security_group_security_rule')) {
      expect(rule).toMatchObject({ protocol: '6', stateless: false });
    }
  });

  test('a path may lead to another port', () => {
    const stack = synth(
      (scope) => void group(scope, 'Server', 8000).connections.allowFrom(group(scope, 'Client'), 9000),
    );
    expect(rulesOf(stack).map((rule) => rule.split(' ')[2])).toEqual(['9000-9000', '9000-9000']);
  });

  test('nothing is opened to an end that serves no port', () => {
    const stack = synth((scope) => {
      expect(group(scope, 'Server').connections.allowFrom(group(scope, 'Client'))).toEqual([]);
    });
    expect(rulesOf(stack)).toEqual([]);
  });

  test('a path asked for twice is opened once, and both requests name the same rules', () => {
    const stack = synth((scope) => {
      const [server, client] = [group(scope, 'Server', 8000), group(scope, 'Client')];
      const first = server.connections.allowFrom(client);
      expect(server.connections.allowFrom(client)).toEqual(first);
    });
    expect(rulesOf(stack)).toHaveLength(2);
  });

  test('ends whose derived names are the same each get a rule', () => {
    const stack = synth((scope) => {
      const server = group(scope, 'Server', 8000);
      for (let i = 0; i < 2; i++) server.connections.allowFrom(range(scope, 'Team-Office', '10.1.0.0/16'));
      server.connections.allowFrom(range(new Construct(scope, 'Team'), 'Office', '10.2.0.0/16'));
    });
    expect(rulesOf(stack)).toEqual([
      'Server INGRESS 8000-8000 CIDR_BLOCK 10.1.0.0/16',
      'Server INGRESS 8000-8000 CIDR_BLOCK 10.2.0.0/16',
    ]);
  });

  test('a port that is a reference stays out of the ids, and several keep apart', () => {
    const stack = synth((scope) => {
      const [server, client] = [group(scope, 'Server'), group(scope, 'Client')];
      for (const name of ['first', 'second']) {
        const port = new TerraformVariable(scope, name, { type: 'number' }).numberValue;
        server.connections.allowFrom(client, port);
        server.connections.allowFrom(client, port);
      }
    });
    const names = Object.keys(stack.json['resource'].oci_core_network_security_group_security_rule);
    expect(names.map((name) => name.replace(/_[0-9A-F]{8}$/, '')).sort()).toEqual([
      'Client_To-server-port',
      'Client_To-server-port2',
      'Server_From-client-port',
      'Server_From-client-port2',
    ]);
    expect(rulesOf(stack)[0]).toBe('Client EGRESS ${var.first}-${var.first} NETWORK_SECURITY_GROUP Server');
  });

  test('an imported group gets rules too, and is named by its OCID', () => {
    const stack = synth(
      (scope) => void group(scope, 'Server', 8000).connections.allowFrom(importedGroup(scope, 'Office')),
    );
    expect(rulesOf(stack)).toEqual([
      'Server INGRESS 8000-8000 NETWORK_SECURITY_GROUP ocid1.networksecuritygroup.oc1..Office',
      'ocid1.networksecuritygroup.oc1..Office EGRESS 8000-8000 NETWORK_SECURITY_GROUP Server',
    ]);
  });
});

describe('with addresses', () => {
  test('callers outside the stack are let in by their addresses, with no rule at their end', () => {
    const stack = synth((scope) => {
      group(scope, 'Server', 8000).connections.allowFrom(new AddressRange(scope, 'Office', '10.20.0.0/16'));
    });
    expect(rulesOf(stack)).toEqual(['Server INGRESS 8000-8000 CIDR_BLOCK 10.20.0.0/16']);
  });

  test('pods are let in on every block of their nodes', () => {
    const stack = synth((scope) => {
      const nodes = { podSecurityGroupId: undefined, podCidrBlocks: ['10.0.1.0/24', '10.0.2.0/24'] };
      const server = okeServer(scope, { cluster: cluster(scope, nodes) });
      containerInstanceServer(scope, { egressPorts: [] }).connections.allowFrom(server);
    });
    expect(rulesOf(stack)).toEqual([
      'Cost_SecurityGroup INGRESS 8000-8000 CIDR_BLOCK 10.0.1.0/24',
      'Cost_SecurityGroup INGRESS 8000-8000 CIDR_BLOCK 10.0.2.0/24',
    ]);
  });

  test('a group whose members have known addresses is still named by its OCID', () => {
    const stack = synth((scope) => {
      group(scope, 'Server', 8000).connections.allowFrom(importedGroup(scope, 'Office', ['10.0.3.4/32']));
    });
    expect(rulesOf(stack)[0]).toBe(
      'Server INGRESS 8000-8000 NETWORK_SECURITY_GROUP ocid1.networksecuritygroup.oc1..Office',
    );
  });
});

describe('to a server somewhere else', () => {
  const docs = (stack: TerraformStack, url = 'https://docs.example:8443/mcp') =>
    McpServer.fromEndpoint(stack, 'Docs', { url }).connections;

  test('a security group lets packets out to its port anywhere, once for all of them', () => {
    const stack = synth((scope) => {
      const client = group(scope, 'Client');
      docs(scope).allowFrom(client);
      McpServer.fromEndpoint(scope, 'More', { url: 'https://more.example:8443/' }).connections.allowFrom(client);
    });
    expect(rulesOf(stack)).toEqual(['Client EGRESS 8443-8443 CIDR_BLOCK 0.0.0.0/0']);
  });

  test('pods may reach its port, in their policy and in the security group they have', () => {
    const stack = synth((scope) => void docs(scope).allowFrom(okeServer(scope)));
    expect(policyOf(stack, 'Logs').egress).toEqual([
      { ports: [{ port: '8443', protocol: 'TCP' }], to: [{ ip_block: { cidr: '0.0.0.0/0' } }] },
    ]);
    expect(rulesOf(stack)).toEqual([`${podSecurityGroupId} EGRESS 8443-8443 CIDR_BLOCK 0.0.0.0/0`]);
  });
});

describe('inside a cluster', () => {
  const server = (stack: TerraformStack, id: string, namespace?: string) =>
    new McpServer(stack, id, { source, hosting: new OkeHosting({ cluster: cluster(stack), namespace }) });

  test('a path names the pods at both ends, and makes no rule in the VCN', () => {
    const stack = synth((scope) => {
      server(scope, 'Logs', 'data').connections.allowFrom(server(scope, 'Client', 'apps'));
    });
    const ports = [{ port: '8000', protocol: 'TCP' }];
    expect(policyOf(stack, 'Logs')).toEqual({ ingress: [{ ports, from: [pods('client', 'apps')] }], egress: [] });
    expect(policyOf(stack, 'Client')).toEqual({ ingress: [], egress: [{ ports, to: [pods('logs', 'data')] }] });
    expect(rulesOf(stack)).toEqual([]);
  });

  test('a cluster imported twice from one variable is one cluster', () => {
    const stack = synth((scope) => {
      const id = new TerraformVariable(scope, 'cluster_id', { type: 'string' });
      const make = (name: string) =>
        new McpServer(scope, name, {
          source,
          hosting: new OkeHosting({
            cluster: OkeCluster.fromClusterAttributes(scope, `${name}Cluster`, { clusterId: id.stringValue }),
          }),
        });
      make('Logs').connections.allowFrom(make('Client'));
    });
    expect(policyOf(stack, 'Logs').ingress).toHaveLength(1);
  });

  test('callers outside the stack are let in by their addresses', () => {
    const stack = synth((scope) => {
      okeServer(scope).connections.allowFrom(new AddressRange(scope, 'LoadBalancers', reference(scope, 'cidr')));
    });
    expect(policyOf(stack, 'Logs').ingress).toEqual([
      { ports: [{ port: '8000', protocol: 'TCP' }], from: [{ ip_block: { cidr: '${var.cidr}' } }] },
    ]);
  });
});

describe('between a cluster and other hosts', () => {
  test('pods with a security group reach a Container Instance, with rules at both ends and in their policy', () => {
    const stack = synth((scope) => {
      containerInstanceServer(scope, { egressPorts: [], privateIp: '10.0.10.7' }).connections.allowFrom(
        okeServer(scope),
      );
    });
    expect(rulesOf(stack)).toEqual([
      `Cost_SecurityGroup INGRESS 8000-8000 NETWORK_SECURITY_GROUP ${podSecurityGroupId}`,
      `${podSecurityGroupId} EGRESS 8000-8000 NETWORK_SECURITY_GROUP Cost_SecurityGroup`,
    ]);
    expect(policyOf(stack, 'Logs').egress).toEqual([
      { ports: [{ port: '8000', protocol: 'TCP' }], to: [{ ip_block: { cidr: '10.0.10.7/32' } }] },
    ]);
  });

  test('pods with a security group reach a private endpoint or a load balancer by the group it has', () => {
    const stack = synth((scope) => {
      group(scope, 'Endpoint', 1522).connections.allowFrom(okeServer(scope));
    });
    expect(rulesOf(stack)).toEqual([
      `Endpoint INGRESS 1522-1522 NETWORK_SECURITY_GROUP ${podSecurityGroupId}`,
      `${podSecurityGroupId} EGRESS 1522-1522 NETWORK_SECURITY_GROUP Endpoint`,
    ]);
    expect(policyOf(stack, 'Logs').egress).toEqual([
      { ports: [{ port: '1522', protocol: 'TCP' }], to: [{ ip_block: { cidr: '0.0.0.0/0' } }] },
    ]);
  });

  test('a load balancer in front of pods reaches their security group, and nothing else in it', () => {
    const stack = synth((scope) => {
      const { podSecurityGroup } = cluster(scope);
      podSecurityGroup?.allowFrom(group(scope, 'Balancer'), 9000);
    });
    expect(rulesOf(stack)).toEqual([
      `Balancer EGRESS 9000-9000 NETWORK_SECURITY_GROUP ${podSecurityGroupId}`,
      `${podSecurityGroupId} INGRESS 9000-9000 NETWORK_SECURITY_GROUP Balancer`,
    ]);
  });

  test('fails when pods have neither a security group nor known addresses', () => {
    const faults = faultsOf((stack) => {
      const client = okeServer(stack, { cluster: cluster(stack, { podSecurityGroupId: undefined }) });
      containerInstanceServer(stack).connections.allowFrom(client);
    });
    expect(faults).toEqual([
      '[stack/Cost/SecurityGroup] connections: got "a path to or from stack/Logs, which has no address in a VCN"; allowed: ends with a network security group or a CIDR block; fix: give its cluster podSecurityGroupId or podCidrBlocks',
    ]);
  });

  test.each<[string, (stack: TerraformStack) => IConnectable, string]>([
    ['a Container Instance', (stack) => containerInstanceServer(stack), 'stack/Cost/SecurityGroup'],
    [
      'a pod of another cluster',
      (stack) => {
        const other = OkeCluster.fromClusterAttributes(stack, 'OtherCluster', { clusterId: `${clusterId}.other` });
        return new McpServer(stack, 'Other', { source, hosting: new OkeHosting({ cluster: other }) });
      },
      'stack/Other',
    ],
  ])('fails when %s calls a ClusterIP Service', (_, caller, path) => {
    const faults = faultsOf((stack) => void okeServer(stack).connections.allowFrom(caller(stack)));
    expect(faults).toEqual([
      `[stack/Logs] connections: got "a path from ${path}, outside the cluster"; allowed: callers in the same cluster: a ClusterIP Service has no address outside it; fix: host the caller on the same cluster`,
    ]);
  });
});
