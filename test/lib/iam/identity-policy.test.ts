import { OciProvider } from '@cdktf/provider-oci/lib/provider';
import { type TerraformStack, TerraformVariable } from 'cdktf';
import {
  Compartment,
  DynamicGroup,
  IdentityPolicy,
  type IGrantable,
  McpServer,
  OkeHosting,
  PolicyVerb,
  ResourcePrincipal,
  setHomeRegionProvider,
  WorkloadIdentity,
} from 'cdktf-oci-mcp';
import { Construct } from 'constructs';
import { addressOf, synth } from '../../helpers/synth';
import {
  cluster,
  clusterId,
  compartmentId,
  containerInstanceServer,
  dynamicGroup,
  okeServer,
  reference,
  source,
} from '../fixtures';

const workload = `request.principal.type='workload', request.principal.namespace='mcp', request.principal.service_account='logs', request.principal.cluster_id='${clusterId}'`;

const readLog = { verb: PolicyVerb.READ, resourceType: 'log-content' };

/** Reading logs, granted to `grantee`. */
function readLogs(grantee: IGrantable, inCompartment = compartmentId) {
  return IdentityPolicy.allow({ grantee, ...readLog, compartmentId: inCompartment });
}

describe('statements', () => {
  const principals: [string, (stack: TerraformStack) => IGrantable, string][] = [
    [
      'pods by cluster, namespace and service account',
      (stack) => okeServer(stack),
      `Allow any-user to read log-content in compartment id ${compartmentId} where all {${workload}}`,
    ],
    [
      'a Container Instance by its own OCID',
      (stack) => containerInstanceServer(stack),
      `Allow any-user to read log-content in compartment id ${compartmentId} where all {request.principal.type='computecontainerinstance', request.principal.id='\${oci_container_instances_container_instance.Cost_ContainerInstance_1D65F2A9.id}'}`,
    ],
    [
      'a Container Instance by the dynamic group it belongs to',
      (stack) => containerInstanceServer(stack, { dynamicGroup: dynamicGroup(stack) }),
      `Allow dynamic-group \${oci_identity_dynamic_group.Group_C77FDACD.name} to read log-content in compartment id ${compartmentId}`,
    ],
    [
      'every resource of a type in a compartment',
      (stack) => ({ grantPrincipal: ResourcePrincipal.inCompartment(stack, 'fnfunc', 'ocid1.compartment.oc1..apps') }),
      `Allow any-user to read log-content in compartment id ${compartmentId} where all {request.principal.type='fnfunc', request.principal.compartment.id='ocid1.compartment.oc1..apps'}`,
    ],
    [
      'an existing dynamic group of the Default domain',
      (stack) => ({ grantPrincipal: DynamicGroup.fromName(stack, 'Existing', 'mcp-servers') }),
      `Allow dynamic-group mcp-servers to read log-content in compartment id ${compartmentId}`,
    ],
    [
      'an existing dynamic group of another domain',
      (stack) => ({ grantPrincipal: DynamicGroup.fromName(stack, 'Existing', 'Platform/mcp-servers') }),
      `Allow dynamic-group 'Platform'/'mcp-servers' to read log-content in compartment id ${compartmentId}`,
    ],
    [
      'a workload identity of references',
      (stack) => ({
        grantPrincipal: new WorkloadIdentity(stack, {
          clusterId: reference(stack, 'cluster'),
          namespace: reference(stack, 'namespace'),
          serviceAccount: 'orders',
        }),
      }),
      `Allow any-user to read log-content in compartment id ${compartmentId} where all {request.principal.type='workload', request.principal.namespace='\${var.namespace}', request.principal.service_account='orders', request.principal.cluster_id='\${var.cluster}'}`,
    ],
  ];

  test.each(principals)('name %s', (_, make, statement) => {
    const { resource } = synth((stack) => void readLogs(make(stack)));
    expect(resource('oci_identity_policy').statements).toEqual([statement]);
  });

  test('hold the conditions of the grant after those of the principal', () => {
    const { resource } = synth((stack) => {
      const conditions = [`target.loggroup.id='${reference(stack, 'log_group')}'`];
      compartment(stack).grantUse(okeServer(stack), 'log-groups', conditions);
    });
    expect(resource('oci_identity_policy').statements).toEqual([
      `Allow any-user to use log-groups in compartment id ${compartmentId} where all {${workload}, target.loggroup.id='\${var.log_group}'}`,
    ]);
  });

  test('with a single condition need no list', () => {
    const { resource } = synth((stack) => {
      const grantPrincipal = DynamicGroup.fromName(stack, 'Existing', 'mcp');
      compartment(stack).grantUse({ grantPrincipal }, 'log-groups', [`target.loggroup.id='x'`]);
    });
    expect(resource('oci_identity_policy').statements).toEqual([
      `Allow dynamic-group mcp to use log-groups in compartment id ${compartmentId} where target.loggroup.id='x'`,
    ]);
  });

  test('of a compartment carry the verb of the grant, or single permissions in a stable order', () => {
    const { resource } = synth((stack) => {
      const grantee = { grantPrincipal: DynamicGroup.fromName(stack, 'Existing', 'mcp') };
      const logs = compartment(stack);
      logs.grantManage(grantee, 'alarms');
      logs.grantInspect(grantee, 'instances');
      logs.grantPermissions(grantee, ['SECRET_BUNDLE_READ', 'LOG_CONTENT_READ']);
    });
    const end = `in compartment id ${compartmentId}`;
    expect(resource('oci_identity_policy').statements).toEqual([
      `Allow dynamic-group mcp to inspect instances ${end}`,
      `Allow dynamic-group mcp to manage alarms ${end}`,
      `Allow dynamic-group mcp to {LOG_CONTENT_READ, SECRET_BUNDLE_READ} ${end}`,
    ]);
  });
});

describe('policies', () => {
  test('hold each statement once, whatever order and how often it was granted', () => {
    const types = ['metrics', 'log-content', 'alarms', 'log-content'];
    const grant = (order: readonly string[]) =>
      synth((stack) => {
        const server = okeServer(stack);
        for (const type of order) compartment(stack).grantRead(server, type);
      }).resource('oci_identity_policy').statements;
    expect(grant(types)).toHaveLength(3);
    expect(grant(types)).toEqual(grant([...types].reverse()));
  });

  test('hold each statement once, in the order of what it says, where CDKTF marks one variable in several ways', () => {
    const { resource } = synth((stack) => {
      const server = okeServer(stack);
      const [b, a] = ['b', 'a'].map((name) => new TerraformVariable(stack, name, { type: 'string' }));
      for (const group of [b, a, b]) {
        const condition = `target.loggroup.id='${group?.stringValue}'`;
        IdentityPolicy.allow({ grantee: server, ...readLog, compartmentId, conditions: [condition] });
      }
    });
    const { statements } = resource('oci_identity_policy');
    expect(statements.map((statement: string) => /var\.\w/.exec(statement)?.[0])).toEqual(['var.a', 'var.b']);
  });

  test('are one for each grantee and compartment, in that compartment', () => {
    const { resources } = synth((stack) => {
      const server = okeServer(stack);
      const other = containerInstanceServer(stack);
      for (const each of [server, other]) {
        readLogs(each, 'ocid1.compartment.oc1..a');
        readLogs(each, 'ocid1.compartment.oc1..b');
        compartment(stack, 'ocid1.compartment.oc1..a').grantRead(each, 'metrics');
      }
    });
    const policies = resources('oci_identity_policy').map(
      ({ name, compartment_id, statements }) => `${name} in ${compartment_id}: ${statements.length}`,
    );
    expect(policies.sort()).toEqual([
      'stack-cost-own-policy in ocid1.compartment.oc1..a: 2',
      'stack-cost-own-policy2 in ocid1.compartment.oc1..b: 1',
      'stack-logs-policy in ocid1.compartment.oc1..a: 2',
      'stack-logs-policy2 in ocid1.compartment.oc1..b: 1',
    ]);
  });

  test('written by hand keep their statements, once each and sorted', () => {
    const { resource } = synth((stack) => {
      const statements = ['Allow group b to read metrics in tenancy', 'Allow group a to read metrics in tenancy'];
      const policy = new IdentityPolicy(stack, 'ByHand', {
        compartmentId: 'ocid1.tenancy.oc1..example',
        statements,
        description: 'Reading metrics',
      });
      policy.addStatement('Allow group a to read metrics in tenancy');
      expect(policy.node.defaultChild).toBeDefined();
    });
    expect(resource('oci_identity_policy')).toMatchObject({
      name: 'stack-by-hand',
      description: 'Reading metrics',
      statements: ['Allow group a to read metrics in tenancy', 'Allow group b to read metrics in tenancy'],
    });
  });
});

describe('order', () => {
  test('a policy comes before every resource of its workload', () => {
    const stack = synth((scope) => {
      const server = okeServer(scope);
      readLogs(server).applyBefore(server);
    });
    const policy = addressOf(stack, stack.resource('oci_identity_policy'));
    const others = stack.resources().filter((block) => block['statements'] === undefined);
    expect(others.map((block) => block['depends_on'])).toEqual(others.map(() => [policy]));
  });

  test('a dynamic group comes before the policy that names it, and the policy before the workload', () => {
    const stack = synth((scope) => {
      const server = containerInstanceServer(scope, { dynamicGroup: dynamicGroup(scope) });
      readLogs(server).applyBefore(server);
    });
    const policy = stack.resource('oci_identity_policy');
    const instance = stack.resource('oci_container_instances_container_instance');
    expect(policy['depends_on']).toEqual([addressOf(stack, stack.resource('oci_identity_dynamic_group'))]);
    expect(instance['depends_on']).toEqual([addressOf(stack, policy)]);
  });

  test('a policy that names a Container Instance by its OCID follows it', () => {
    const { resource } = synth((stack) => {
      const server = containerInstanceServer(stack);
      readLogs(server).applyBefore(server);
    });
    expect(resource('oci_container_instances_container_instance')['depends_on']).toBeUndefined();
  });

  test('policies of one workload in several compartments do not wait for each other', () => {
    const stack = synth((scope) => {
      const server = okeServer(scope);
      readLogs(server, 'ocid1.compartment.oc1..a').applyBefore(server);
      readLogs(server, 'ocid1.compartment.oc1..b').applyBefore(server);
      compartment(scope, 'ocid1.compartment.oc1..a').grantRead(server, 'metrics').applyBefore(server);
    });
    const policies = stack.resources('oci_identity_policy');
    expect(policies.map((policy) => policy['depends_on'])).toEqual([undefined, undefined]);
    const addresses = policies.map((policy) => addressOf(stack, policy)).sort();
    expect([...stack.resource('kubernetes_deployment_v1')['depends_on']].sort()).toEqual(addresses);
  });

  test('a policy which several things wait for is named once in each', () => {
    const stack = synth((scope) => {
      const server = okeServer(scope);
      const client = new McpServer(scope, 'Client', { source, hosting: new OkeHosting({ cluster: cluster(scope) }) });
      const grant = readLogs(server);
      grant.applyBefore(server, client);
      grant.applyBefore(client);
    });
    const deployments = stack.resources('kubernetes_deployment_v1');
    expect(deployments.map((deployment) => deployment['depends_on'].length)).toEqual([1, 1]);
  });
});

describe('home region', () => {
  test('every identity resource below a scope is written with its home region provider', () => {
    const { resource } = synth((stack) => {
      const team = new Construct(stack, 'Team');
      setHomeRegionProvider(team, new OciProvider(stack, 'Home', { alias: 'home', region: 'us-ashburn-1' }));
      readLogs({ grantPrincipal: dynamicGroup(team) });
      readLogs(okeServer(stack));
    });
    expect(resource('oci_identity_dynamic_group').provider).toBe('oci.home');
    expect(resource('oci_identity_policy', 'Team').provider).toBe('oci.home');
    expect(resource('oci_identity_policy', 'Logs').provider).toBeUndefined();
  });

  test('the nearest scope decides', () => {
    const { resource } = synth((stack) => {
      const team = new Construct(stack, 'Team');
      setHomeRegionProvider(stack, new OciProvider(stack, 'Home', { alias: 'home', region: 'us-ashburn-1' }));
      setHomeRegionProvider(team, new OciProvider(stack, 'Other', { alias: 'other', region: 'us-phoenix-1' }));
      dynamicGroup(team);
    });
    expect(resource('oci_identity_dynamic_group').provider).toBe('oci.other');
  });
});

function compartment(stack: TerraformStack, id = compartmentId): Compartment {
  const constructId = `Compartment-${stack.node.children.length}`;
  return Compartment.fromCompartmentId(stack, constructId, id);
}
