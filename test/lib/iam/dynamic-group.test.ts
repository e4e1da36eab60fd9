import { DynamicGroup, type DynamicGroupProps, MatchingRule } from 'cdktf-oci-mcp';
import { faultsOf, synth } from '../../helpers/synth';
import { dynamicGroup, reference } from '../fixtures';

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
  const { all, any, definedTag, resourceCompartment, resourceId, resourceType } = MatchingRule;

  test.each<[string, MatchingRule, string]>([
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

  test('makes no resource', () => {
    expect(synth((stack) => void DynamicGroup.fromName(stack, 'Group', 'mcp')).resources()).toEqual([]);
  });
});

describe('a rule that OCI would refuse or never match', () => {
  const { all, any, definedTag, resourceId, resourceType } = MatchingRule;
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
