import type { IConstruct } from 'constructs';
import { secretKindOf } from '../core/secret-literal';
import { reportFault } from '../core/validation';

/** Reports a DSN that is empty or holds a user or a password, without printing it; not one that is refused as a secret anyway. */
export function checkDsn(scope: IConstruct, prop: string, dsn: string): void {
  if (dsn.trim() === '') reportFault(scope, { prop, got: dsn, allowed: 'a connect descriptor or a name' });
  if (!/[^\s:/(]@|\(\s*password\s*=/i.test(dsn) || secretKindOf(dsn) !== undefined) return;
  reportFault(scope, {
    prop,
    got: 'a DSN with a user or a password',
    allowed: 'a DSN that only says where the database is: it lands in the state',
    fix: 'pass user and password in props of their own',
  });
}
