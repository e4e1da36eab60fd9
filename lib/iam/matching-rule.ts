/**
 * Which resources belong to a dynamic group, built from typed parts.
 * @see https://docs.oracle.com/en-us/iaas/Content/Identity/dynamicgroups/Writing_Matching_Rules_to_Define_Dynamic_Groups.htm
 *
 * @example
 * MatchingRule.all(MatchingRule.resourceType('computecontainerinstance'), MatchingRule.resourceCompartment(compartmentId));
 * // ALL {resource.type = 'computecontainerinstance', resource.compartment.id = 'ocid1.compartment…'}
 */
export class MatchingRule {
  /** Every one of `rules` must match. */
  public static all(...rules: MatchingRule[]): MatchingRule {
    return new MatchingRule(`ALL {${rules.map((rule) => rule.text).join(', ')}}`);
  }

  /** At least one of `rules` must match. */
  public static any(...rules: MatchingRule[]): MatchingRule {
    return new MatchingRule(`ANY {${rules.map((rule) => rule.text).join(', ')}}`);
  }

  /** Resources of one type, the second part of their OCIDs: `fnfunc`, `computecontainerinstance`. */
  public static resourceType(type: string): MatchingRule {
    return new MatchingRule(`resource.type = '${type}'`);
  }

  /** The one resource with this OCID. */
  public static resourceId(id: string): MatchingRule {
    return new MatchingRule(`resource.id = '${id}'`);
  }

  /** Resources in one compartment. Combine with a type: a whole compartment is rarely what should be trusted. */
  public static resourceCompartment(compartmentId: string): MatchingRule {
    return new MatchingRule(`resource.compartment.id = '${compartmentId}'`);
  }

  /** Resources with a defined tag. OCI never matches free-form tags. */
  public static definedTag(namespace: string, key: string, value: string): MatchingRule {
    return new MatchingRule(`tag.${namespace}.${key}.value = '${value}'`);
  }

  private constructor(private readonly text: string) {}

  /** The rule as OCI reads it. */
  public toString(): string {
    return this.text;
  }
}
