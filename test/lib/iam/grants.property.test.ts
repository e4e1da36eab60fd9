import type { TerraformStack } from 'cdktf';
import {
  Compartment,
  ContainerInstanceHosting,
  type DynamicGroup,
  FunctionHosting,
  HostedApplicationAuth,
  HostedApplicationHosting,
  IdentityPolicy,
  type IGrantable,
  type IMcpHosting,
  McpServer,
  McpServerSource,
  ModelDeploymentHosting,
  OkeHosting,
  PolicyCondition,
  PolicyVerb,
  VaultSecret,
} from 'cdktf-oci-mcp';
import fc from 'fast-check';
import { parseStatement } from '../../../lib/iam/policy-grammar';
import { type Block, synth } from '../../helpers/synth';
import { cluster, dynamicGroup, network, reference } from '../fixtures';

const image = `ocir.eu-frankfurt-1.oci.oraclecloud.com/acme/logs-mcp:1@sha256:${'0f3a'.repeat(16)}`;
const own = 'ocid1.compartment.oc1..own';

/** Where a grant is made: a compartment known at synth, or one that only Terraform knows. */
const compartments = ['ocid1.compartment.oc1..a', 'ocid1.compartment.oc1..b', 'reference'] as const;

const hosts: { readonly [name: string]: (stack: TerraformStack) => IMcpHosting } = {
  Pods: (stack) => new OkeHosting({ cluster: cluster(stack) }),
  Instance: (stack) => new ContainerInstanceHosting({ network: network(stack), compartmentId: own }),
  Instances: (stack) => new ContainerInstanceHosting({ network: network(stack), compartmentId: own, instances: 2 }),
  Member: (stack) =>
    new ContainerInstanceHosting({ network: network(stack), compartmentId: own, dynamicGroup: groupOf(stack) }),
  Fn: (stack) => new FunctionHosting({ network: network(stack), compartmentId: own }),
  Model: () => new ModelDeploymentHosting({ compartmentId: own, egress: 'internet' }),
  Hosted: () => new HostedApplicationHosting({ compartmentId: own, auth: HostedApplicationAuth.ociSignature() }),
};

type Permit = (stack: TerraformStack, grantee: IGrantable, compartmentId: string) => void;

const permits: { readonly [name: string]: Permit } = {
  type: (_, grantee, compartmentId) => {
    IdentityPolicy.allow({ grantee, verb: PolicyVerb.READ, resourceType: 'log-content', compartmentId });
  },
  condition: (_, grantee, compartmentId) => {
    const conditions = [PolicyCondition.matches('target.bucket.name', 'mcp-*'), "request.region in ('fra', 'phx')"];
    IdentityPolicy.allow({ grantee, verb: PolicyVerb.USE, resourceType: 'buckets', compartmentId, conditions });
  },
  permissions: (_, grantee, compartmentId) => {
    IdentityPolicy.allow({ grantee, permissions: ['METRIC_READ', 'LOG_CONTENT_READ'], compartmentId });
  },
  secret: (stack, grantee, compartmentId) => {
    const id = `Secret${stack.node.children.length}`;
    const secretId = 'ocid1.vaultsecret.oc1..a';
    VaultSecret.fromSecretAttributes(stack, id, { secretId, compartmentId }).grantRead(grantee);
  },
  metrics: (stack, grantee, compartmentId) => {
    const id = `Compartment${stack.node.children.length}`;
    Compartment.fromCompartmentId(stack, id, compartmentId).grantPublishMetrics(grantee, 'mcp_gateway');
  },
  call: (stack, grantee) => {
    serverOn(stack, 'Fn').grantInvoke(grantee);
    serverOn(stack, 'Model').grantInvoke(grantee);
    serverOn(stack, 'Hosted').grantInvoke(grantee);
  },
};

interface Asked {
  readonly host: string;
  readonly permit: string;
  readonly compartment: (typeof compartments)[number];
}

const asked = fc.record<Asked>({
  host: fc.constantFrom(...Object.keys(hosts)),
  permit: fc.constantFrom(...Object.keys(permits)),
  compartment: fc.constantFrom(...compartments),
});

/** Any grants, the same ones in another order, and some of them twice. */
const grants = fc.array(asked, { minLength: 1, maxLength: 8 }).chain((list) =>
  fc.record({
    list: fc.constant(list),
    shuffled: fc.shuffledSubarray([...list, ...list], { minLength: 0 }).map((some) => [...some, ...list].reverse()),
  }),
);

test('any grants to any servers give statements that OCI understands, each once, whatever the order', () => {
  fc.assert(
    fc.property(grants, ({ list, shuffled }) => {
      const policies = policiesOf(list);
      for (const { compartment_id, statements } of policies) {
        expect(new Set(statements).size).toBe(statements.length);
        expect(statements).toEqual([...statements].sort());
        for (const statement of statements) {
          expect(parseStatement(statement)).toMatchObject({ effect: 'allow', compartment: compartment_id });
        }
      }
      expect(byOwner(policiesOf(shuffled))).toEqual(byOwner(policies));
    }),
    { numRuns: 25 },
  );
});

function policiesOf(list: readonly Asked[]): Block[] {
  const { resources } = synth((stack) => {
    const unknown = reference(stack, 'compartment');
    // Every server is there from the start, so that only the grants have an order.
    for (const host of Object.keys(hosts)) serverOn(stack, host);
    for (const { host, permit, compartment } of list) {
      permits[permit]?.(stack, serverOn(stack, host), compartment === 'reference' ? unknown : compartment);
    }
  });
  return resources('oci_identity_policy');
}

/** Statements by compartment and by whom the policy is about, whatever number the policy has among those. */
function byOwner(policies: readonly Block[]): string[] {
  const lines = policies.flatMap(({ name, compartment_id, statements }) =>
    statements.map((statement: string) => `${name.replace(/\d+$/, '')} in ${compartment_id}: ${statement}`),
  );
  return lines.sort();
}

function serverOn(stack: TerraformStack, host: string): McpServer {
  const existing = stack.node.tryFindChild(host) as McpServer | undefined;
  const source = McpServerSource.image(image);
  return existing ?? new McpServer(stack, host, { source, port: 8080, hosting: hosts[host]?.(stack) as IMcpHosting });
}

function groupOf(stack: TerraformStack): DynamicGroup {
  return (stack.node.tryFindChild('Group') as DynamicGroup | undefined) ?? dynamicGroup(stack);
}
