import type { TerraformProvider } from 'cdktf';
import type { IConstruct } from 'constructs';

const providers = new WeakMap<IConstruct, TerraformProvider>();

/**
 * Dynamic groups and policies can only be written in the tenancy's home region. A stack whose OCI provider works in another
 * region names a second provider here, once, and every identity resource below `scope` uses it.
 *
 * @example
 * const home = new OciProvider(stack, 'Home', { alias: 'home', region: 'us-ashburn-1' });
 * setHomeRegionProvider(stack, home);
 */
export function setHomeRegionProvider(scope: IConstruct, provider: TerraformProvider): void {
  providers.set(scope, provider);
}

/** The provider to write identity resources with. @returns undefined where the stack's own provider is the home region's */
export function homeRegionProvider(construct: IConstruct): TerraformProvider | undefined {
  const scopes = [...construct.node.scopes].reverse();
  const owner = scopes.find((scope) => providers.has(scope));
  return owner && providers.get(owner);
}
