import { IdentityDomainsDynamicResourceGroup } from '@cdktf/provider-oci/lib/identity-domains-dynamic-resource-group';
import { IdentityDynamicGroup } from '@cdktf/provider-oci/lib/identity-dynamic-group';
import type { TerraformStack } from 'cdktf';
import { expectNoFindings, findingsOf } from '../../helpers/rules';
import { compartmentId, dynamicGroup, reference } from '../fixtures';

const compartment = `resource.compartment.id = '${compartmentId}'`;

function group(matchingRule: string): (stack: TerraformStack) => void {
  return (stack) => {
    new IdentityDynamicGroup(stack, 'Group', {
      compartmentId: 'ocid1.tenancy.oc1..example',
      name: 'mcp',
      description: 'Servers',
      matchingRule,
    });
  };
}

test.each([
  compartment,
  `ALL {${compartment}}`,
  `All {instance.compartment.id = '${compartmentId}'}`,
  `ANY {resource.type = 'fnfunc', ${compartment}}`,
  "ALL {resource.type = 'fnfunc'}",
  `ALL {${compartment}, resource.id != 'ocid1.fnfunc.oc1..other'}`,
  `ANY {ALL {resource.type = 'fnfunc', ${compartment}}, ${compartment}}`,
  `resource.compartment.id in ('${compartmentId}')`,
  "resource.tenancy.id = 'ocid1.tenancy.oc1..example'",
])('%s is found', (rule) => {
  expect(findingsOf(group(rule))).toEqual([
    `[stack/Group] MCP002 Dynamic group of a whole compartment: matching rule ${rule}`,
  ]);
});

test.each([
  `ALL {resource.type = 'fnfunc', ${compartment}}`,
  `ALL {ANY {resource.type = 'fnfunc', resource.type='computecontainerinstance'}, ${compartment}}`,
  "ANY {resource.id = 'ocid1.fnfunc.oc1..a', instance.id = 'ocid1.instance.oc1..b'}",
  "tag.Operations.Role.value = 'a, {b}'",
])('%s passes', (rule) => expectNoFindings(group(rule)));

test('a group of this library passes', () => expectNoFindings(dynamicGroup));

test('a rule that only Terraform knows passes', () => {
  expectNoFindings((stack) => group(reference(stack, 'rule'))(stack));
  expectNoFindings((stack) =>
    group(`ANY {${reference(stack, 'rule')}, tag.${reference(stack, 'tag')}.value = 'a'}`)(stack),
  );
});

test('a group of an identity domain is found', () => {
  const build = (stack: TerraformStack) => {
    new IdentityDomainsDynamicResourceGroup(stack, 'Group', {
      idcsEndpoint: 'https://idcs-example.identity.oraclecloud.com',
      displayName: 'mcp',
      schemas: ['urn:ietf:params:scim:schemas:oracle:idcs:DynamicResourceGroup'],
      matchingRule: compartment,
    });
  };
  expect(findingsOf(build)).toHaveLength(1);
});
