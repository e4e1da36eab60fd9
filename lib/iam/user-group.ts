import { Construct } from 'constructs';
import { checkPattern } from '../core/validation';
import type { IPrincipal } from './principal';

/** A group of users in an identity domain, for permissions that people have. */
export const UserGroup = {
  /** A group that exists already, in the Default identity domain unless the name says `Domain/name`. */
  fromName(scope: Construct, id: string, groupName: string): IPrincipal {
    const policyScope = new Construct(scope, id);
    checkPattern(policyScope, 'groupName', groupName, {
      pattern: /^[^'/\s]+(\/[^'/\s]+)?$/,
      allowed: 'the name of a group, or "Domain/name"',
    });
    const quoted = groupName.split('/').map((part) => `'${part}'`);
    return {
      policySubject: `group ${quoted.length > 1 ? quoted.join('/') : groupName}`,
      policyConditions: [],
      preconditions: [],
      namesItself: false,
      policyScope,
    };
  },
};
