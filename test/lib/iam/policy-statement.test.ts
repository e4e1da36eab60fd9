import { DynamicGroup, IdentityPolicy, type PolicyStatementProps, PolicyVerb } from 'cdktf-oci-mcp';
import { faultsOf, synth } from '../../helpers/synth';
import { compartmentId, reference } from '../fixtures';

/** The faults of one grant to an existing dynamic group. */
function faultsOfGrant(options: Omit<PolicyStatementProps, 'compartmentId'>): string[] {
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
