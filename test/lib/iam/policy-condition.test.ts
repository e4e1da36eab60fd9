import { IdentityPolicy, type IGrantable, PolicyCondition, PolicyVerb, UserGroup } from 'cdktf-oci-mcp';
import { parseCondition } from '../../../lib/iam/policy-grammar';
import { faultsOf, synth } from '../../helpers/synth';
import { compartmentId, reference } from '../fixtures';

const { all, any, equals, matches, notEquals, parse } = PolicyCondition;
const permit = (grantee: IGrantable, conditions: readonly (PolicyCondition | string)[]) =>
  IdentityPolicy.allow({ grantee, verb: PolicyVerb.READ, resourceType: 'metrics', compartmentId, conditions });

function faults(...conditions: (PolicyCondition | string)[]): string[] {
  return faultsOf((stack) => void permit({ grantPrincipal: UserGroup.fromName(stack, 'Ops', 'ops') }, conditions));
}

test.each<[string, PolicyCondition, string]>([
  ['one value', equals('target.secret.id', 'ocid1.vaultsecret.oc1..a'), "target.secret.id='ocid1.vaultsecret.oc1..a'"],
  ['one of several', equals('target.secret.id', ['a', 'b']), "any {target.secret.id='a', target.secret.id='b'}"],
  ['one of a list of one', equals('target.secret.id', ['a']), "target.secret.id='a'"],
  ['another value', notEquals('target.group.name', 'Administrators'), "target.group.name!='Administrators'"],
  ['what begins with', matches('target.bucket.name', 'mcp-*'), 'target.bucket.name=/mcp-*/'],
  ['what contains', matches('target.bucket.name', '*mcp*'), 'target.bucket.name=/*mcp*/'],
  [
    'nested ones',
    all(equals('request.region', 'fra'), any(equals('target.a.id', 'x'), equals('target.b.id', 'y'))),
    "all {request.region='fra', any {target.a.id='x', target.b.id='y'}}",
  ],
  ['all of one', all(equals('request.region', 'fra')), "request.region='fra'"],
  ['text', parse("request.region in ('fra', 'phx')"), "request.region in ('fra', 'phx')"],
  ['braces and commas in a value', equals('target.a.name', 'a, {b}'), "target.a.name='a, {b}'"],
])('%s', (_, condition, text) => {
  expect(condition.toString()).toBe(text);
  expect(condition.faults).toEqual([]);
  expect(() => parseCondition(text)).not.toThrow();
});

describe('fails when', () => {
  const values = 'values that are not empty and have no single quote';
  const forms = "fix: write <variable> = '<value>', <variable> = /<pattern>/, or all {…, …} and any {…, …} of those";

  test.each<[string, PolicyCondition | string, string]>([
    ['a value ends early', equals('target.a.id', "x' || 'y"), `conditions: got "x' || 'y"; allowed: ${values}`],
    [
      'a value adds a condition',
      equals('target.a.id', "x', target.b.id='y"),
      `conditions: got "x', target.b.id='y"; allowed: ${values}`,
    ],
    ['a value is empty', any(equals('target.a.id', '')), `conditions: got ""; allowed: ${values}`],
    [
      'a variable is none',
      equals('resource.type', 'x'),
      `conditions: got "resource.type='x'"; allowed: one condition: expected a variable that begins with "request." or "target.", got "resource.type"; ${forms}`,
    ],
    [
      'a variable carries more',
      notEquals("target.a.id='x', target.b.id", 'y'),
      `conditions: got "target.a.id='x', target.b.id!='y'"; allowed: one condition: expected the end, got ", target.b.id!='y'"; ${forms}`,
    ],
    [
      'a pattern ends early',
      matches('target.a.name', 'a/b'),
      'conditions: got "a/b"; allowed: text without slashes, with "*" in front, at the end or both',
    ],
    [
      'a pattern has a star inside',
      matches('target.a.name', 'a*b'),
      'conditions: got "a*b"; allowed: text without slashes, with "*" in front, at the end or both',
    ],
    [
      'there is nothing to choose from',
      equals('target.a.id', []),
      'conditions: got "any of nothing"; allowed: at least one',
    ],
    [
      'text is two conditions',
      "target.a.id='x', target.b.id='y'",
      `conditions: got "target.a.id='x', target.b.id='y'"; allowed: one condition: expected the end, got ", target.b.id='y'"; ${forms}`,
    ],
    [
      'text is no condition',
      'everything',
      `conditions: got "everything"; allowed: one condition: expected a variable that begins with "request." or "target.", got "everything"; ${forms}`,
    ],
    [
      'text is empty',
      '',
      `conditions: got ""; allowed: one condition: expected a variable such as "target.secret.id", got the end; ${forms}`,
    ],
  ])('%s', (_, condition, fault) => {
    expect(faults(condition)).toEqual([`[stack/Ops] ${fault}`]);
  });

  test('a quote stands beside a reference', () => {
    const build = (value: string) =>
      faultsOf((stack) => {
        const condition = equals('target.a.id', `${reference(stack, 'id')}${value}`);
        permit({ grantPrincipal: UserGroup.fromName(stack, 'Ops', 'ops') }, [condition]);
      });
    expect(build("', target.b.id='y")).toEqual([
      `[stack/Ops] conditions: got "…', target.b.id='y"; allowed: ${values}`,
    ]);
  });
});

test('references are kept wherever a value may stand', () => {
  const { resource } = synth((stack) => {
    const name = reference(stack, 'name');
    const conditions = [
      equals('target.a.id', [name, 'b']),
      matches('target.b.name', `${name}-*`),
      reference(stack, 'whole'),
    ];
    permit({ grantPrincipal: UserGroup.fromId(stack, 'Ops', reference(stack, 'group')) }, conditions);
  });
  expect(resource('oci_identity_policy').statements).toEqual([
    `Allow group id \${var.group} to read metrics in compartment id ${compartmentId} where all {any {target.a.id='\${var.name}', target.a.id='b'}, target.b.name=/\${var.name}-*/, \${var.whole}}`,
  ]);
});
