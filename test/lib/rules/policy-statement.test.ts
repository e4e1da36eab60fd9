import { IdentityPolicy } from '@cdktf/provider-oci/lib/identity-policy';
import type { TerraformStack } from 'cdktf';
import { expectNoFindings, findingsOf } from '../../helpers/rules';
import { compartmentId, reference } from '../fixtures';

const where = `in compartment id ${compartmentId}`;

function policy(...statements: string[]): (stack: TerraformStack) => void {
  return (stack) => {
    new IdentityPolicy(stack, 'Policy', { compartmentId, name: 'mcp', description: 'Servers', statements });
  };
}

test.each([
  `Allow dynamic-group mcp to manage objects ${where}`,
  `allow group Admins to MANAGE all-resources ${where}`,
  `Allow dynamic-group mcp to read all-resources in tenancy`,
  `Allow any-user to use functions-family ${where}`,
  `Allow any-user to use functions-family ${where} where request.principal.type='ApiGateway'`,
  `Allow any-user to read buckets ${where} where target.bucket.name='mcp'`,
  `Allow any-user to read buckets ${where} where request.principal.compartment.id!='${compartmentId}'`,
  `Allow any-group to read buckets ${where} where request.user.name=/*/`,
  `Allow any-user to {SECRET_BUNDLE_READ} ${where} where any {request.principal.id='x', target.secret.name='y'}`,
  'Admit any-group of tenancy Acme to read buckets in tenancy',
  'Endorse group Admins to manage object-family in any-tenancy',
])('%s is found', (statement) => {
  expect(findingsOf(policy(statement))).toEqual([
    `[stack/Policy] MCP003 Policy statement wider than a workload needs: statement ${statement}`,
  ]);
});

test.each([
  `Allow dynamic-group mcp to use log-content ${where}`,
  `Deny any-user to manage all-resources in tenancy`,
  `Allow any-user to use functions-family ${where} where all {request.principal.type='ApiGateway', request.resource.compartment.id='${compartmentId}'}`,
  `Allow any-user to read buckets ${where} where any {request.principal.id='x', request.principal.cluster_id in ('y', 'z')}`,
  `Allow any-group to use users ${where} where target.user.id=request.user.id`,
  'Define tenancy manage as ocid1.tenancy.oc1..acme',
  `Admit group Readers of tenancy Acme to read buckets ${where}`,
  `Allow dynamic-group mcp to {SECRET_BUNDLE_READ} ${where}`,
])('%s passes', (statement) => expectNoFindings(policy(statement)));

test('statements that only Terraform knows pass', () => {
  expectNoFindings((stack) => policy(reference(stack, 'statement'))(stack));
});

test('what the platform accepts everywhere passes, and nothing else', () => {
  const statements = ['manage repos', 'manage objects', 'inspect all-resources', 'read all-resources'].map(
    (action) => `Allow dynamic-group mcp to ${action} ${where}`,
  );
  const found = findingsOf(policy(...statements), { allow: { manage: ['repos'], allResources: ['inspect'] } });
  expect(found.map((line) => /to (\w+ [\w-]+) in/.exec(line)?.[1])).toEqual(['manage objects', 'read all-resources']);
});
