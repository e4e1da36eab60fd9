import type { TerraformStack } from 'cdktf';
import { Compartment, DynamicGroup, type DynamicGroupProps, MatchingRule } from 'cdktf-oci-mcp';
import { addressOf, faultsOf, synth } from '../../helpers/synth';
import { compartmentId, dynamicGroup, reference } from '../fixtures';

const tenancyId = 'ocid1.tenancy.oc1..example';
const functions = MatchingRule.resourceType('fnfunc');

function group(props: Partial<DynamicGroupProps>) {
  return synth((stack) => {
    new DynamicGroup(stack, 'Functions', { tenancyId, matchingRule: functions, ...props });
  }).resource('oci_identity_dynamic_group');
}

test('stands in the tenancy, under a name and description derived from its path', () => {
  expect(group({})).toMatchObject({
    compartment_id: tenancyId,
    name: 'stack-functions',
    description: 'Members of stack/Functions',
    matching_rule: "resource.type = 'fnfunc'",
  });
});

test('takes a name and a description of its own', () => {
  expect(group({ groupName: 'Mcp.Functions_1', description: 'Functions that serve MCP' })).toMatchObject({
    name: 'Mcp.Functions_1',
    description: 'Functions that serve MCP',
  });
});

test('is the default child of its construct', () => {
  synth((stack) => expect(dynamicGroup(stack).node.defaultChild).toBeDefined());
});

test.each([1, 100])('a name of %i characters is accepted', (length) => {
  expect(group({ groupName: 'g'.repeat(length) }).name).toHaveLength(length);
});

test.each([
  ['empty', ''],
  ['longer than 100 characters', 'g'.repeat(101)],
  ['of two words', 'mcp servers'],
  ['with a quote', "mcp'"],
])('fails when the name is %s', (_, groupName) => {
  expect(
    faultsOf((stack) => void new DynamicGroup(stack, 'Functions', { tenancyId, matchingRule: functions, groupName })),
  ).toEqual([
    `[stack/Functions] groupName: got "${groupName}"; allowed: 1 to 100 letters, digits, hyphens, underscores and periods`,
  ]);
});

describe('matching rules', () => {
  const { all, any, definedTag, instanceCompartment, instanceId, not, resourceCompartment, resourceId, resourceType } =
    MatchingRule;

  test.each<[string, MatchingRule, string]>([
    ['one instance', instanceId('ocid1.instance.oc1..a'), "instance.id = 'ocid1.instance.oc1..a'"],
    ['instances of a compartment', instanceCompartment('ocid1.c'), "instance.compartment.id = 'ocid1.c'"],
    ['a defined tag with any value', definedTag('mcp', 'role'), 'tag.mcp.role.value'],
    [
      'all but one',
      all(resourceType('fnfunc'), not(resourceId('a'))),
      "ALL {resource.type = 'fnfunc', resource.id != 'a'}",
    ],
    ['a type', resourceType('fnfunc'), "resource.type = 'fnfunc'"],
    ['one resource', resourceId('ocid1.fnfunc.oc1..a'), "resource.id = 'ocid1.fnfunc.oc1..a'"],
    ['a compartment', resourceCompartment('ocid1.c'), "resource.compartment.id = 'ocid1.c'"],
    ['a defined tag', definedTag('mcp', 'role', 'server'), "tag.mcp.role.value = 'server'"],
    [
      'all of several',
      all(resourceType('fnfunc'), resourceCompartment('ocid1.c')),
      "ALL {resource.type = 'fnfunc', resource.compartment.id = 'ocid1.c'}",
    ],
    [
      'any of nested ones',
      any(resourceId('a'), all(resourceType('fnfunc'), definedTag('n', 'k', 'v'))),
      "ANY {resource.id = 'a', ALL {resource.type = 'fnfunc', tag.n.k.value = 'v'}}",
    ],
  ])('match %s', (_, rule, text) => {
    expect(group({ matchingRule: rule }).matching_rule).toBe(text);
  });

  test('keep references', () => {
    const { resource } = synth((stack) => {
      const matchingRule = all(resourceType('fnfunc'), resourceCompartment(reference(stack, 'compartment')));
      new DynamicGroup(stack, 'Functions', { tenancyId, matchingRule });
    });
    expect(resource('oci_identity_dynamic_group').matching_rule).toBe(
      "ALL {resource.type = 'fnfunc', resource.compartment.id = '${var.compartment}'}",
    );
  });
});

describe('an existing group', () => {
  const subjectOf = (name: string) => {
    let subject = '';
    synth((stack) => {
      subject = DynamicGroup.fromName(stack, 'Group', name).policySubject;
    });
    return subject;
  };

  test('is named without quotes in the Default domain, and with quotes in another', () => {
    expect(subjectOf('mcp-servers')).toBe('dynamic-group mcp-servers');
    expect(subjectOf('Platform/mcp-servers')).toBe("dynamic-group 'Platform'/'mcp-servers'");
  });

  test('has quotes where its name needs them', () => {
    expect(subjectOf('mcp servers')).toBe("dynamic-group 'mcp servers'");
    expect(subjectOf('id')).toBe("dynamic-group 'id'");
  });

  test('is named by its OCID', () => {
    synth((stack) => {
      const groupId = 'ocid1.dynamicgroup.oc1..aaaa';
      expect(DynamicGroup.fromId(stack, 'Group', groupId).policySubject).toBe(`dynamic-group id ${groupId}`);
      expect(DynamicGroup.fromId(stack, 'Other', reference(stack, 'group')).policySubject).toContain(
        'dynamic-group id $',
      );
    });
  });

  test.each([
    ["mcp'", 'groupName: got "mcp\'"; allowed: the name of a group, or "Domain/name", without quotes'],
    ['a/b/c', 'groupName: got "a/b/c"; allowed: the name of a group, or "Domain/name", without quotes'],
  ])('fails when its name is %s', (name, fault) => {
    expect(faultsOf((stack) => void DynamicGroup.fromName(stack, 'Group', name))).toEqual([`[stack/Group] ${fault}`]);
  });

  test('fails when its OCID is that of something else', () => {
    expect(faultsOf((stack) => void DynamicGroup.fromId(stack, 'Group', 'ocid1.group.oc1..a'))).toEqual([
      '[stack/Group] groupId: got "ocid1.group.oc1..a"; allowed: the OCID of a dynamic group',
    ]);
  });

  test('makes no resource', () => {
    expect(synth((stack) => void DynamicGroup.fromName(stack, 'Group', 'mcp')).resources()).toEqual([]);
  });
});

describe('a rule that OCI would refuse or never match', () => {
  const { all, any, definedTag, not, resourceId, resourceType } = MatchingRule;
  const names = 'a namespace and a key of defined tags, each 1 to 100 letters, digits, hyphens and underscores';
  const values = 'values that are not empty and have no single quote';

  test.each<[string, MatchingRule, string]>([
    ['names no namespace', definedTag('', 'team', 'mcp'), `got ""; allowed: ${names}`],
    ['is about free-form tags', definedTag('freeform_tags', 'team', 'mcp'), `got "freeform_tags"; allowed: ${names}`],
    [
      'has a period in a key',
      all(resourceType('fnfunc'), definedTag('Ops', 'a.b', 'c')),
      `got "a.b"; allowed: ${names}`,
    ],
    ['ends a text early', any(resourceId("ocid1' || '")), `got "ocid1' || '"; allowed: ${values}`],
    ['compares with nothing', resourceType(''), `got ""; allowed: ${values}`],
    ['is empty', all(), 'got "ALL of nothing"; allowed: at least one rule'],
    [
      'names an OCID for a type',
      resourceType('ocid1.fnfunc.oc1..a'),
      'got "ocid1.fnfunc.oc1..a"; allowed: the second part of an OCID, lower case letters and digits, such as "fnfunc"',
    ],
    [
      'negates several things',
      not(all(resourceType('fnfunc'))),
      'got "not ALL {resource.type = \'fnfunc\'}"; allowed: a rule that compares one thing: OCI negates no ALL, no ANY and no tag without a value',
    ],
    [
      'negates twice',
      not(not(resourceType('fnfunc'))),
      'got "not resource.type != \'fnfunc\'"; allowed: a rule that compares one thing',
    ],
  ])('fails when it %s', (_, matchingRule, fault) => {
    const faults = faultsOf((stack) => void new DynamicGroup(stack, 'Functions', { tenancyId, matchingRule }));
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(`[stack/Functions] matchingRule: ${fault}`);
  });

  test('says that free-form tags are not matched', () => {
    const matchingRule = definedTag('FreeForm', 'team', 'mcp');
    const [fault] = faultsOf((stack) => void new DynamicGroup(stack, 'Functions', { tenancyId, matchingRule }));
    expect(fault).toContain('fix: define the tag in a tag namespace: OCI matches no free-form tags');
  });
});

describe('in an identity domain', () => {
  const identityDomain = { url: 'https://idcs-example.identity.oraclecloud.com:443', domainName: 'Platform' };
  const make = (props: Partial<DynamicGroupProps>) => (stack: TerraformStack) =>
    new DynamicGroup(stack, 'Functions', { identityDomain, matchingRule: functions, ...props });

  test('stands in the domain, and policies name both', () => {
    const stack = synth((scope) => {
      const grantee = { grantPrincipal: make({})(scope) };
      Compartment.fromCompartmentId(scope, 'Logs', compartmentId).grantRead(grantee, 'log-content');
    });
    const group = stack.resource('oci_identity_domains_dynamic_resource_group');
    expect(group).toEqual({
      idcs_endpoint: identityDomain.url,
      schemas: ['urn:ietf:params:scim:schemas:oracle:idcs:DynamicResourceGroup'],
      display_name: 'stack-functions',
      description: 'Members of stack/Functions',
      matching_rule: "resource.type = 'fnfunc'",
    });
    expect(stack.resource('oci_identity_policy')).toMatchObject({
      statements: [
        `Allow dynamic-group 'Platform'/'\${${addressOf(stack, group)}.display_name}' to read log-content in compartment id ${compartmentId}`,
      ],
      depends_on: [addressOf(stack, group)],
    });
  });

  test('takes references', () => {
    const { resource } = synth((stack) => {
      make({ identityDomain: { url: reference(stack, 'url'), domainName: reference(stack, 'name') } })(stack);
    });
    expect(resource('oci_identity_domains_dynamic_resource_group').idcs_endpoint).toBe('${var.url}');
  });

  const eitherOr = 'allowed: either the tenancy, for the Default domain, or an identityDomain';

  test.each<[string, Partial<DynamicGroupProps>, string]>([
    [
      'a tenancy is named as well',
      { tenancyId },
      `tenancyId: got ${JSON.stringify({ tenancyId, identityDomain })}; ${eitherOr}`,
    ],
    ['nothing is named', { identityDomain: undefined }, `tenancyId: got {}; ${eitherOr}`],
    [
      'a compartment is named in place of the tenancy',
      { identityDomain: undefined, tenancyId: compartmentId },
      `tenancyId: got "${compartmentId}"; allowed: the OCID of the tenancy: dynamic groups stand in no other compartment`,
    ],
    [
      'the URL has a path',
      { identityDomain: { ...identityDomain, url: 'https://idcs-example.identity.oraclecloud.com/oauth2' } },
      'identityDomain.url: got "https://idcs-example.identity.oraclecloud.com/oauth2"; allowed: the URL of an identity domain, without a path',
    ],
    [
      'the domain has a quote in its name',
      { identityDomain: { ...identityDomain, domainName: "a'b" } },
      'identityDomain.domainName: got "a\'b"; allowed: the name of an identity domain, without quotes and slashes',
    ],
  ])('fails when %s', (_, props, fault) => {
    expect(faultsOf((stack) => void make(props)(stack))).toEqual([`[stack/Functions] ${fault}`]);
  });
});
