import type { TerraformStack } from 'cdktf';
import { Compartment, type IGrantable, WorkloadIdentity, type WorkloadIdentityProps } from 'cdktf-oci-mcp';
import { Construct } from 'constructs';
import { mapNamespace } from '../../../lib/iam/workload-mapping';
import { addressOf, synth } from '../../helpers/synth';
import { clusterId, compartmentId, okeServer, reference } from '../fixtures';

const other = 'ocid1.compartment.oc1..other';

function identity(stack: TerraformStack, props: Partial<WorkloadIdentityProps> = {}): IGrantable {
  const scope = (stack.node.tryFindChild('Pods') as Construct | undefined) ?? new Construct(stack, 'Pods');
  const known = { clusterId, namespace: 'mcp', serviceAccount: 'logs', clusterCompartmentId: compartmentId };
  return { grantPrincipal: new WorkloadIdentity(scope, { ...known, ...props }) };
}

function grantRead(stack: TerraformStack, grantee: IGrantable, target: string) {
  const id = `Target${stack.node.children.length}`;
  return Compartment.fromCompartmentId(stack, id, target).grantRead(grantee, 'metrics');
}

const mappingsIn = (build: (stack: TerraformStack) => void) => {
  const { resources, warnings } = synth(build);
  return { mappings: resources('oci_containerengine_cluster_workload_mapping'), warnings };
};

test('what is granted in another compartment than the cluster gets a workload mapping, once for a namespace', () => {
  const { mappings, warnings } = mappingsIn((stack) => {
    grantRead(stack, identity(stack), other);
    grantRead(stack, identity(stack, { serviceAccount: 'cost' }), other);
    grantRead(stack, identity(stack, { namespace: 'data' }), other);
  });
  expect(mappings).toEqual([
    { cluster_id: clusterId, namespace: 'data', mapped_compartment_id: other },
    { cluster_id: clusterId, namespace: 'mcp', mapped_compartment_id: other },
  ]);
  expect(warnings).toEqual([]);
});

test('whoever waits for the grant waits for the mapping', () => {
  const stack = synth((scope) => {
    const server = okeServer(scope);
    mapNamespace(scope, { clusterId, namespace: 'mcp', compartmentId: other });
    grantRead(scope, server, other).applyBefore(server);
  });
  expect(stack.resource('kubernetes_deployment_v1').depends_on).toEqual(
    ['oci_identity_policy', 'oci_containerengine_cluster_workload_mapping'].map((type) =>
      addressOf(stack, stack.resource(type)),
    ),
  );
});

test('none is made in the same compartment, nor where the compartment of the cluster is not known', () => {
  const { mappings, warnings } = mappingsIn((stack) => {
    grantRead(stack, identity(stack), compartmentId);
    grantRead(stack, identity(stack, { clusterCompartmentId: undefined }), other);
    const same = reference(stack, 'compartment');
    grantRead(stack, identity(stack, { clusterCompartmentId: same }), same);
  });
  expect([mappings, warnings]).toEqual([[], []]);
});

test('warns where only Terraform can tell, unless there is a mapping already', () => {
  const build = (mapped: boolean) =>
    mappingsIn((stack) => {
      const target = reference(stack, 'target');
      if (mapped) mapNamespace(stack, { clusterId, namespace: 'mcp', compartmentId: target });
      grantRead(stack, identity(stack), target);
    });
  expect(build(false)).toEqual({
    mappings: [],
    warnings: [
      '[stack/Pods] compartmentId: only Terraform knows whether this is the compartment of the cluster; if it is another one, call mapNamespace of the cluster before the grant',
    ],
  });
  expect(build(true)).toMatchObject({ mappings: [{ mapped_compartment_id: '${var.target}' }], warnings: [] });
});
