import { type ScopeHierarchy, withBroader } from '../config/scope-hierarchy.js';
import type { AccessPolicy, Identity, Place } from '../contracts/identity.js';
import { hasAccepted } from './claims.js';
import { type Demand, Demands, type PolicyConfig } from './demands.js';

/** What callers may do where nobody is asked who he is. */
const open: AccessPolicy = {
  requiredIn: () => [],
  missingIn: () => [],
  decide: () => ({ allowed: true, rule: 'auth.enabled' }),
  isReleased: () => true,
};

/**
 * What callers may do, by the `required_scopes` of the gateway, the view and the backend, and by the rules for tools, prompts
 * and resources. Of the rules that match something, lists and claims add up and alternatives join: a caller needs every scope of
 * every list, every claim, and one scope out of all the alternatives.
 */
export function createPolicy(config: PolicyConfig): AccessPolicy {
  if (!config.auth.enabled) return open;
  const demands = new Demands(config);
  const lacks = scopeCheck(config.auth.scope_hierarchy);
  const workedOut = (place: Place) => [...new Set(demands.in(place).flatMap(({ allOf }) => allOf))];
  const anywhere = workedOut({});
  const inViews = new Map(Object.keys(config.views).map((view) => [view, workedOut({ view })]));
  // Every request asks what its view needs.
  const requiredIn: AccessPolicy['requiredIn'] = (place) =>
    place.backend === undefined ? (inViews.get(place.view ?? '') ?? anywhere) : workedOut(place);
  return {
    requiredIn,
    missingIn: (place, identity) => requiredIn(place).filter((scope) => lacks(identity, scope)),
    decide: (identity, target) => {
      const { isReleased, rule, allOf, anyOf, claims } = demands.of(target);
      if (!isReleased) {
        return { allowed: false, rule, reason: `is released to nobody: no rule of ${rule} matches it` };
      }
      const unmet = claims.find(([claim, accepted]) => !hasAccepted(identity.claims, claim, accepted));
      if (unmet) return { allowed: false, rule, reason: `needs a token with an accepted claim "${unmet[0]}"` };
      const held = anyOf.find((scope) => !lacks(identity, scope));
      const isShort = anyOf.length > 0 && held === undefined;
      if (!isShort && !allOf.some((scope) => lacks(identity, scope))) return { allowed: true, rule };
      const missing = allOf.filter((scope) => lacks(identity, scope));
      if (isShort) missing.push(anyOf.join(' or '));
      return { allowed: false, rule, reason: `needs ${missing.join(', ')}`, scopes: enough({ allOf, anyOf }, held) };
    },
    isReleased: (target) => demands.of(target).isReleased,
  };
}

/** Scopes that together suffice: of alternatives the one that is held, or that of the narrowest rule. */
function enough({ allOf, anyOf }: Pick<Demand, 'allOf' | 'anyOf'>, held: string | undefined): readonly string[] {
  const chosen = held ?? anyOf[0];
  return chosen === undefined ? allOf : [...new Set([...allOf, chosen])];
}

/** Tells whether a caller lacks a scope that the configuration names. */
function scopeCheck(hierarchy: ScopeHierarchy): (identity: Identity, scope: string) => boolean {
  const holders = new Map<string, readonly string[]>();
  return ({ scopes }, scope) => {
    let holding = holders.get(scope);
    if (!holding) {
      holding = withBroader([scope, '*'], hierarchy);
      holders.set(scope, holding);
    }
    return !holding.some((broad) => scopes.has(broad));
  };
}
