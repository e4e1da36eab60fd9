import { OciProvider } from '@cdktf/provider-oci/lib/provider';
import { Lazy, TerraformStack } from 'cdktf';
import type { IConstruct } from 'constructs';
import { describeFault } from './validation';

/**
 * The region in which a construct's stack makes its resources, as its OCI provider says: text or a reference. A provider
 * that is made later than the construct is found at synth, and one that leaves the region to its environment is reported.
 */
export function regionOf(construct: IConstruct): string {
  const known = knownRegionOf(construct);
  if (known !== undefined) return known;
  const fault = describeFault({
    prop: 'region',
    got: 'an OCI provider that takes its region from the environment',
    allowed: 'a region that the stack knows: it is part of the URL',
    fix: 'pass region to new OciProvider(…), or to this construct',
  });
  construct.node.addValidation({ validate: () => (knownRegionOf(construct) === undefined ? [fault] : []) });
  return Lazy.stringValue({ produce: () => knownRegionOf(construct) ?? 'unknown' });
}

/** As {@link regionOf}, for checks: undefined where the stack does not say it. */
export function knownRegionOf(construct: IConstruct): string | undefined {
  const stack = TerraformStack.of(construct);
  const providers = stack.node.findAll().filter((node): node is OciProvider => node instanceof OciProvider);
  return providers.find((provider) => provider.alias === undefined)?.region;
}
