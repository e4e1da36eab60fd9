import { Construct } from 'constructs';
import { checkPattern } from '../core/validation';
import { type IPrincipal, principalNamed, quotedName } from './principal';

/** A group that exists already, known by its name: in the Default identity domain unless the name says `Domain/name`. */
export function groupNamed(
  scope: Construct,
  id: string,
  kind: 'group' | 'dynamic-group',
  groupName: string,
): IPrincipal {
  const policyScope = new Construct(scope, id);
  checkPattern(policyScope, 'groupName', groupName, {
    pattern: /^[^'"/\s][^'"/]*(\/[^'"/\s][^'"/]*)?$/,
    allowed: 'the name of a group, or "Domain/name", without quotes',
  });
  return principalNamed(policyScope, `${kind} ${quotedName(groupName)}`);
}

/** A group that exists already, known by its OCID, which stays when it is renamed. */
export function groupWithId(
  scope: Construct,
  id: string,
  kind: 'group' | 'dynamic-group',
  groupId: string,
): IPrincipal {
  const policyScope = new Construct(scope, id);
  checkPattern(policyScope, 'groupId', groupId, {
    pattern: kind === 'group' ? /^ocid1\.group\.[\w.-]+$/ : /^ocid1\.dynamic(resource)?group\.[\w.-]+$/,
    allowed: `the OCID of a ${kind === 'group' ? 'group of users' : 'dynamic group'}`,
  });
  return principalNamed(policyScope, `${kind} id ${groupId}`);
}
