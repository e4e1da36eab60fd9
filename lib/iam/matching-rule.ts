import { Token } from 'cdktf';
import type { PropFault } from '../core/validation';

/**
 * Names of tag namespaces and of their tags.
 * @see https://docs.oracle.com/en-us/iaas/Content/Tagging/Tasks/managingtagsandtagnamespaces.htm
 */
const tagName = /^(?!free-?form)[A-Za-z0-9_-]{1,100}$/i;

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
    return MatchingRule.join('ALL', rules);
  }

  /** At least one of `rules` must match. */
  public static any(...rules: MatchingRule[]): MatchingRule {
    return MatchingRule.join('ANY', rules);
  }

  /** Whatever `rule` does not match. @param rule About one thing, and not several of them. */
  public static not(rule: MatchingRule): MatchingRule {
    const negated = rule.text.replace(/^([\w.-]+) = /, '$1 != ');
    if (negated !== rule.text) return new MatchingRule(negated, rule.faults);
    const allowed = 'a rule that compares one thing: OCI negates no ALL, no ANY and no tag without a value';
    return new MatchingRule(rule.text, [...rule.faults, { prop: 'matchingRule', got: `not ${rule.text}`, allowed }]);
  }

  /** The one compute instance with this OCID, such as a node of a cluster. */
  public static instanceId(id: string): MatchingRule {
    return MatchingRule.equal('instance.id', id);
  }

  /** Compute instances in one compartment, the nodes of clusters among them. */
  public static instanceCompartment(compartmentId: string): MatchingRule {
    return MatchingRule.equal('instance.compartment.id', compartmentId);
  }

  /** Resources of one type, the second part of their OCIDs: `fnfunc`, `computecontainerinstance`. */
  public static resourceType(type: string): MatchingRule {
    const rule = MatchingRule.equal('resource.type', type);
    if (Token.isUnresolved(type) || rule.faults.length > 0 || /^[a-z][a-z0-9]*$/.test(type)) return rule;
    const allowed = 'the second part of an OCID, lower case letters and digits, such as "fnfunc"';
    return new MatchingRule(rule.text, [{ prop: 'matchingRule', got: type, allowed }]);
  }

  /** The one resource with this OCID. */
  public static resourceId(id: string): MatchingRule {
    return MatchingRule.equal('resource.id', id);
  }

  /** Resources in one compartment. Combine with a type: a whole compartment is rarely what should be trusted. */
  public static resourceCompartment(compartmentId: string): MatchingRule {
    return MatchingRule.equal('resource.compartment.id', compartmentId);
  }

  /**
   * Resources with a defined tag. OCI never matches free-form tags, which have no namespace.
   * @param namespace Tag namespace: `Operations`.
   * @param value Value of the tag. @default - any value
   */
  public static definedTag(namespace: string, key: string, value?: string): MatchingRule {
    const variable = `tag.${namespace}.${key}.value`;
    const rule = value === undefined ? new MatchingRule(variable, []) : MatchingRule.equal(variable, value);
    const misnamed = [namespace, key].filter((name) => !Token.isUnresolved(name) && !tagName.test(name));
    return new MatchingRule(rule.text, [
      ...rule.faults,
      ...misnamed.map((got) => ({
        prop: 'matchingRule',
        got,
        allowed: 'a namespace and a key of defined tags, each 1 to 100 letters, digits, hyphens and underscores',
        fix: 'define the tag in a tag namespace: OCI matches no free-form tags',
      })),
    ]);
  }

  private static join(word: 'ALL' | 'ANY', rules: readonly MatchingRule[]): MatchingRule {
    const faults = rules.flatMap((rule) => rule.faults);
    if (rules.length === 0)
      faults.push({ prop: 'matchingRule', got: `${word} of nothing`, allowed: 'at least one rule' });
    return new MatchingRule(`${word} {${rules.map((rule) => rule.text).join(', ')}}`, faults);
  }

  private static equal(variable: string, value: string): MatchingRule {
    const fault = { prop: 'matchingRule', got: value, allowed: 'values that are not empty and have no single quote' };
    const isValid = Token.isUnresolved(value) || /^[^']+$/.test(value);
    return new MatchingRule(`${variable} = '${value}'`, isValid ? [] : [fault]);
  }

  private constructor(
    private readonly text: string,
    /** What OCI would refuse or never match; the dynamic group reports it. */
    public readonly faults: readonly PropFault[],
  ) {}

  /** The rule as OCI reads it. */
  public toString(): string {
    return this.text;
  }
}
