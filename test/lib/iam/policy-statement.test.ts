import { DynamicGroup, IdentityPolicy, type PolicyStatementProps, PolicyVerb } from 'cdktf-oci-mcp';
import { faultsOf, synth } from '../../helpers/synth';
import { compartmentId, reference } from '../fixtures';

/** The faults of one grant to an existing dynamic group. */
function faultsOfGrant(options: Omit<PolicyStatementProps, 'compartmentId'> & Partial<PolicyStatementProps>): string[] {
  return faultsOf((stack) => {
    IdentityPolicy.allow({
      grantee: { grantPrincipal: DynamicGroup.fromName(stack, 'Group', 'mcp') },
      compartmentId,
      ...options,
    });
  });
}

const pairOrPermissions = 'allowed: either a verb and a resource type, or at least one permission';
const verbNeedsType = 'allowed: a verb together with a resource type, or permissions';

test.each<[string, Omit<PolicyStatementProps, 'compartmentId'>, string]>([
  [
    'a verb stands beside permissions',
    { verb: PolicyVerb.READ, permissions: ['LOG_CONTENT_READ'] },
    `permissions: got {"verb":"read","permissions":["LOG_CONTENT_READ"]}; ${pairOrPermissions}`,
  ],
  [
    'a resource type stands beside permissions',
    { resourceType: 'metrics', permissions: ['LOG_CONTENT_READ'] },
    `permissions: got {"resourceType":"metrics","permissions":["LOG_CONTENT_READ"]}; ${pairOrPermissions}`,
  ],
  [
    'the list of permissions is empty',
    { permissions: [] },
    `permissions: got {"permissions":[]}; ${pairOrPermissions}`,
  ],
  [
    'a permission is not in capitals',
    { permissions: ['LOG_CONTENT_READ', 'log_content_write'] },
    'permissions: got "log_content_write"; allowed: a permission such as "SECRET_BUNDLE_READ"',
  ],
  [
    'a permission carries a whole statement with it',
    { permissions: ['A} in tenancy where any {1=1'] },
    'permissions: got "A} in tenancy where any {1=1"; allowed: a permission such as "SECRET_BUNDLE_READ"',
  ],
  ['the resource type is missing', { verb: PolicyVerb.READ }, `verb: got {"verb":"read"}; ${verbNeedsType}`],
  ['the verb is missing', { resourceType: 'metrics' }, `verb: got {"resourceType":"metrics"}; ${verbNeedsType}`],
  ['nothing is allowed at all', {}, `verb: got {}; ${verbNeedsType}`],
  [
    'the resource type is not one',
    { verb: PolicyVerb.READ, resourceType: 'Log Content' },
    'resourceType: got "Log Content"; allowed: a resource type such as "log-content"',
  ],
])('fails when %s', (_, options, fault) => {
  expect(faultsOfGrant(options)).toEqual([`[stack/Group] ${fault}`]);
});

test('a resource type that is a reference is taken as it is', () => {
  const { resource } = synth((stack) => {
    const grantee = { grantPrincipal: DynamicGroup.fromName(stack, 'Group', 'mcp') };
    IdentityPolicy.allow({ grantee, verb: PolicyVerb.READ, resourceType: reference(stack, 'type'), compartmentId });
  });
  expect(resource('oci_identity_policy').statements).toEqual([
    `Allow dynamic-group mcp to read \${var.type} in compartment id ${compartmentId}`,
  ]);
});

describe('the whole tenancy', () => {
  const tenancyId = 'ocid1.tenancy.oc1..example';
  const readTags = { verb: PolicyVerb.READ, resourceType: 'tag-namespaces' };

  test('has to be said, and is granted in its root', () => {
    const { resource } = synth((stack) => {
      const grantee = { grantPrincipal: DynamicGroup.fromName(stack, 'Group', 'mcp') };
      IdentityPolicy.allow({ grantee, ...readTags, compartmentId: tenancyId, wholeTenancy: true });
    });
    expect(resource('oci_identity_policy')).toMatchObject({
      compartment_id: tenancyId,
      statements: ['Allow dynamic-group mcp to read tag-namespaces in tenancy'],
    });
  });

  test.each<[string, PolicyStatementProps, string]>([
    [
      'the root is named as a compartment',
      { ...readTags, compartmentId: tenancyId },
      `compartmentId: got "${tenancyId}"; allowed: the OCID of a compartment: what is allowed in the root is allowed in every compartment; fix: name the compartment, or pass wholeTenancy: true`,
    ],
    [
      'a compartment is named as the tenancy',
      { ...readTags, compartmentId, wholeTenancy: true },
      `compartmentId: got "${compartmentId}"; allowed: the OCID of the tenancy, for what is allowed in all of it`,
    ],
    [
      'something else is named as a compartment',
      { ...readTags, compartmentId: 'platform' },
      'compartmentId: got "platform"; allowed: the OCID of a compartment: what is allowed in the root is allowed in every compartment; fix: name the compartment, or pass wholeTenancy: true',
    ],
  ])('fails when %s', (_, options, fault) => {
    expect(faultsOfGrant(options)).toEqual([`[stack/Group] ${fault}`]);
  });
});

test.each([
  ['secret-bundle', 'secret-bundles'],
  ['log-contents', 'log-content'],
  ['virtual-netwrok-family', 'virtual-network-family'],
])('warns of the resource type %s', (resourceType, meant) => {
  const { warnings } = synth((stack) => {
    const grantee = { grantPrincipal: DynamicGroup.fromName(stack, 'Group', 'mcp') };
    IdentityPolicy.allow({ grantee, verb: PolicyVerb.READ, resourceType, compartmentId });
  });
  expect(warnings).toEqual([
    `[stack/Group] resourceType: "${resourceType}" looks like "${meant}"; OCI refuses a policy with a type that it does not know`,
  ]);
});

test.each(['secret-bundles', 'dns', 'dms', 'data-safe-family', 'email-domains'])(
  'says nothing about %s',
  (resourceType) => {
    const { warnings } = synth((stack) => {
      const grantee = { grantPrincipal: DynamicGroup.fromName(stack, 'Group', 'mcp') };
      IdentityPolicy.allow({ grantee, verb: PolicyVerb.READ, resourceType, compartmentId });
    });
    expect(warnings).toEqual([]);
  },
);

test('fails when a principal of its own making is no subject', () => {
  const faults = faultsOf((stack) => {
    const grantPrincipal = { ...DynamicGroup.fromName(stack, 'Group', 'mcp'), policySubject: 'pods' };
    IdentityPolicy.allow({
      grantee: { grantPrincipal },
      verb: PolicyVerb.READ,
      resourceType: 'metrics',
      compartmentId,
    });
  });
  expect(faults).toEqual([
    `[stack/Group] grantee: got "Allow pods to read metrics in compartment id ${compartmentId}"; allowed: a statement of OCI's policy language: expected one of "any-user", "any-group", "group", "dynamic-group", "service", got "pods"; fix: write Allow <subject> to <verb> <resource type> in compartment id <OCID> where <conditions>`,
  ]);
});

describe('a statement written by hand', () => {
  const faultsOfStatement = (statement: string, policyCompartment = compartmentId) =>
    faultsOf((stack) => {
      new IdentityPolicy(stack, 'ByHand', { compartmentId: policyCompartment }).addStatement(statement);
    });

  test('may be known only to Terraform', () => {
    const { resource } = synth((stack) => {
      const statements = [
        reference(stack, 'statement'),
        `Allow group ${reference(stack, 'group')} to read metrics in tenancy`,
      ];
      new IdentityPolicy(stack, 'ByHand', { compartmentId: reference(stack, 'root'), statements });
    });
    expect(resource('oci_identity_policy').statements).toEqual([
      '${var.statement}',
      'Allow group ${var.group} to read metrics in tenancy',
    ]);
  });

  test.each([
    ['Allow group ops to wield metrics in tenancy', 'expected one of "inspect", "read", "use", "manage", got "wield"'],
    ['', 'expected one of "allow", "deny", got the end'],
  ])('fails when it is "%s"', (statement, message) => {
    expect(faultsOfStatement(statement)).toEqual([
      `[stack/ByHand] statements: got "${statement}"; allowed: a statement of OCI's policy language: ${message}; fix: write Allow <subject> to <verb> <resource type> in compartment id <OCID> where <conditions>`,
    ]);
  });

  test('fails when it is about the tenancy and the policy stands elsewhere', () => {
    const statement = 'Allow group ops to read metrics in tenancy';
    expect(faultsOfStatement(statement)).toEqual([
      `[stack/ByHand] statements: got "${statement}"; allowed: statements about a compartment: those about the tenancy stand in its root; fix: name the compartment, or pass the OCID of the tenancy as compartmentId`,
    ]);
  });
});
