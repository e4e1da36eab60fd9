import type { TerraformStack } from 'cdktf';
import {
  ContainerInstanceHosting,
  FunctionHosting,
  IdentityPolicy,
  type IMcpHosting,
  InboundAuth,
  McpGateway,
  McpServer,
  McpServerSource,
  OkeHosting,
  type PolicyRequest,
  PolicyVerb,
  VaultSecret,
} from 'cdktf-oci-mcp';
import { synth } from '../../helpers/synth';
import {
  cluster,
  compartmentId,
  containerInstanceServer,
  dynamicGroup,
  image,
  network,
  okeServer,
  reference,
} from '../fixtures';

const secretId = 'ocid1.vaultsecret.oc1.eu-frankfurt-1.example';

/** What the policies of a stack say about themselves, which has to be what they hold. */
function requestsOf(build: (stack: TerraformStack) => void): readonly PolicyRequest[] {
  let policies: IdentityPolicy[] = [];
  const { resources } = synth((stack) => {
    build(stack);
    policies = stack.node.findAll().filter((node) => node instanceof IdentityPolicy);
  });
  const requests = policies.flatMap((policy) => policy.requests);
  const statements = resources('oci_identity_policy').flatMap((policy) => policy['statements']);
  expect(requests.map(({ statement }) => statement).sort()).toEqual(statements.sort());
  return requests;
}

const askers = (build: (stack: TerraformStack) => void) =>
  requestsOf(build).map(({ grantees, askedBy }) => [grantees, askedBy]);

test('a grant that names nothing else is asked for by its grantee', () => {
  expect(
    askers((stack) => {
      const grantee = okeServer(stack);
      IdentityPolicy.allow({ grantee, verb: PolicyVerb.READ, resourceType: 'metrics', compartmentId });
    }),
  ).toEqual([[['stack/Logs'], ['stack/Logs']]]);
});

test('reading a secret is asked for by the secret, where that is a construct', () => {
  expect(
    askers((stack) => {
      const secret = VaultSecret.fromSecretAttributes(stack, 'Token', { secretId, compartmentId });
      secret.grantRead(okeServer(stack));
    }),
  ).toEqual([[['stack/Logs'], ['stack/Token']]]);
  expect(askers((stack) => okeServer(stack, {}, { secretEnvironment: {} }))).toEqual([]);
});

test.each<[string, (stack: TerraformStack) => IMcpHosting]>([
  ['by its workload identity', (stack) => new OkeHosting({ cluster: cluster(stack) })],
  [
    'as a member of a dynamic group',
    (stack) =>
      new ContainerInstanceHosting({ network: network(stack), compartmentId, dynamicGroup: dynamicGroup(stack) }),
  ],
])('a call is asked for by the server, on behalf of the gateway that acts %s', (_, hosting) => {
  expect(
    askers((stack) => {
      const forecast = new McpServer(stack, 'Forecast', {
        source: McpServerSource.image(image.replace('@', ':1@')),
        hosting: new FunctionHosting({ network: network(stack), compartmentId }),
      });
      const inboundAuth = InboundAuth.jwt({
        issuer: 'https://id.example/',
        audiences: ['mcp'],
        jwksUri: 'https://id.example/jwks',
      });
      new McpGateway(stack, 'Gateway', { image, hosting: hosting(stack), inboundAuth, backends: [forecast] });
    }),
  ).toEqual([[['stack/Gateway'], ['stack/Forecast']]]);
});

test('a statement that several ask for is one, with all who asked', () => {
  const requests = requestsOf((stack) => {
    const group = dynamicGroup(stack);
    const secret = VaultSecret.fromSecretAttributes(stack, 'Token', { secretId, compartmentId });
    secret.grantRead(containerInstanceServer(stack, { dynamicGroup: group }));
    secret.grantRead({ grantPrincipal: group });
  });
  expect(requests).toMatchObject([{ grantees: ['stack/Cost', 'stack/Group'], askedBy: ['stack/Token'] }]);
});

test('a statement added by hand is asked for by its policy', () => {
  const statement = (stack: TerraformStack) =>
    `Allow group ops to read metrics in compartment id ${reference(stack, 'compartment')}`;
  expect(
    requestsOf((stack) => {
      new IdentityPolicy(stack, 'ByHand', { compartmentId, statements: [statement(stack)] });
    }),
  ).toEqual([
    {
      statement: 'Allow group ops to read metrics in compartment id ${var.compartment}',
      grantees: ['stack/ByHand'],
      askedBy: ['stack/ByHand'],
    },
  ]);
});
