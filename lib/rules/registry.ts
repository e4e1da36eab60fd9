import { authentication } from './authentication';
import { dynamicGroup } from './dynamic-group';
import { imageTag } from './image-tag';
import { logging } from './logging';
import { networkPolicy } from './network-policy';
import { plainSecret } from './plain-secret';
import { policyStatement } from './policy-statement';
import type { Rule } from './rule';
import { transport } from './transport';

/** Every rule, in the order of ids. */
export const registry: readonly Rule[] = [
  authentication,
  dynamicGroup,
  policyStatement,
  imageTag,
  plainSecret,
  networkPolicy,
  transport,
  logging,
];
