import type { AccessPolicy, Authenticator } from '../contracts/identity.js';
import type { OriginGuard } from './origin-guard.js';
import type { ProtectedResource } from './protected-resource.js';

/** What decides who may come in, and what those are told who may not. */
export interface Admission {
  readonly authenticator: Authenticator;
  readonly policy: AccessPolicy;
  readonly protectedResource: ProtectedResource;
  readonly guard: OriginGuard;
  /** What a proxy puts in front of every path, such as `/tools`. @default - nothing */
  readonly prefix?: string;
}

/** Holds the admission of now: a reload puts another in its place, for the next request on. */
export interface Admitting {
  readonly admission: Admission;
}
