import { Token } from 'cdktf';
import type { PropFault } from '../core/validation';
import { PolicySyntaxError, parseCondition, withoutReferences } from './policy-grammar';

/**
 * What must hold for a statement to allow something, built from typed parts. Values may be references. OCI compares without
 * regard to case, and refuses a request to which a variable does not apply.
 * @see https://docs.oracle.com/en-us/iaas/Content/Identity/policysyntax/conditions.htm
 *
 * @example
 * PolicyCondition.any(
 *   PolicyCondition.equals('target.secret.id', secretId),
 *   PolicyCondition.matches('target.secret.name', '*-mcp'),
 * );
 * // any {target.secret.id='ocid1.vaultsecret…', target.secret.name=/*-mcp/}
 */
export class PolicyCondition {
  /** The variable has this value, or one of these values. */
  public static equals(variable: string, value: string | readonly string[]): PolicyCondition {
    const conditions = [value].flat().map((each) => PolicyCondition.compare(variable, '=', quoted(each)));
    return PolicyCondition.join('any', conditions);
  }

  /** The variable has another value. */
  public static notEquals(variable: string, value: string): PolicyCondition {
    return PolicyCondition.compare(variable, '!=', quoted(value));
  }

  /**
   * The variable has a value of this form.
   * @param pattern Text with `*` in front, at the end or both, which stands for anything: `mcp-*`.
   */
  public static matches(variable: string, pattern: string): PolicyCondition {
    const isPattern = Token.isUnresolved(pattern) || /^\*?[^*/]+\*?$/.test(pattern);
    const allowed = 'text without slashes, with "*" in front, at the end or both';
    return PolicyCondition.compare(variable, '=', {
      text: `/${pattern}/`,
      faults: isPattern ? [] : [{ prop: 'conditions', got: pattern, allowed }],
    });
  }

  /** Every one of them holds. */
  public static all(...conditions: PolicyCondition[]): PolicyCondition {
    return PolicyCondition.join('all', conditions);
  }

  /** At least one of them holds. */
  public static any(...conditions: PolicyCondition[]): PolicyCondition {
    return PolicyCondition.join('any', conditions);
  }

  /** One condition in OCI's policy language: `target.loggroup.id='ocid1.loggroup…'`. */
  public static parse(text: string): PolicyCondition {
    return new PolicyCondition(text, syntaxFaults(text));
  }

  private static compare(variable: string, operator: string, value: PartOfCondition): PolicyCondition {
    const text = `${variable}${operator}${value.text}`;
    return new PolicyCondition(text, value.faults.length > 0 ? value.faults : syntaxFaults(text));
  }

  private static join(word: 'all' | 'any', conditions: readonly PolicyCondition[]): PolicyCondition {
    const faults = conditions.flatMap((condition) => condition.faults);
    const [only] = conditions;
    if (only === undefined) faults.push({ prop: 'conditions', got: `${word} of nothing`, allowed: 'at least one' });
    if (only !== undefined && conditions.length === 1) return only;
    return new PolicyCondition(`${word} {${conditions.join(', ')}}`, faults);
  }

  private constructor(
    private readonly text: string,
    /** What OCI would not understand; whoever makes a statement of it reports them. */
    public readonly faults: readonly PropFault[],
  ) {}

  /** The condition as OCI reads it. */
  public toString(): string {
    return this.text;
  }
}

interface PartOfCondition {
  readonly text: string;
  readonly faults: readonly PropFault[];
}

/** The language knows no way to write a quote inside of quotes, so a value with one would go on as something else. */
function quoted(value: string): PartOfCondition {
  const isValue = Token.isUnresolved(value) ? !withoutReferences(value).includes("'") : /^[^']+$/.test(value);
  const allowed = 'values that are not empty and have no single quote';
  return {
    text: `'${value}'`,
    faults: isValue ? [] : [{ prop: 'conditions', got: withoutReferences(value), allowed }],
  };
}

function syntaxFaults(text: string): PropFault[] {
  if (text.trim() !== '' && withoutReferences(text, '').trim() === '') return [];
  try {
    parseCondition(text);
    return [];
  } catch (error) {
    if (!(error instanceof PolicySyntaxError)) throw error;
    const fix = "write <variable> = '<value>', <variable> = /<pattern>/, or all {…, …} and any {…, …} of those";
    return [{ prop: 'conditions', got: withoutReferences(text), allowed: `one condition: ${error.message}`, fix }];
  }
}
