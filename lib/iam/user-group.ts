import type { Construct } from 'constructs';
import { groupNamed, groupWithId } from './existing-group';
import type { IPrincipal } from './principal';

/** A group of users in an identity domain, for permissions that people have. */
export const UserGroup = {
  /** A group that exists already, in the Default identity domain unless the name says `Domain/name`. */
  fromName(scope: Construct, id: string, groupName: string): IPrincipal {
    return groupNamed(scope, id, 'group', groupName);
  },

  /** A group that exists already, in whatever identity domain. @param groupId Its OCID. */
  fromId(scope: Construct, id: string, groupId: string): IPrincipal {
    return groupWithId(scope, id, 'group', groupId);
  },
};
