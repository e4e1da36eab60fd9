import { TerraformStack } from 'cdktf';
import type { IConstruct } from 'constructs';

/** A finding that somebody accepts, and why. */
export interface RuleSuppression {
  /** Id of the rule: `MCP004`. */
  readonly rule: string;
  /** Path of the construct whose findings, and those of everything below it, are accepted. */
  readonly path: string;
  readonly reason: string;
}

const suppressions = new WeakMap<TerraformStack, RuleSuppression[]>();

/** Writes a suppression into the synthesized stack, where a review sees it come and go. */
export function recordSuppression(construct: IConstruct, rule: string, reason: string): void {
  const stack = TerraformStack.of(construct);
  const recorded = [...suppressionsOf(stack), { rule, path: construct.node.path, reason }].sort(byPath);
  suppressions.set(stack, recorded);
  stack.addOverride('//.mcp_rules.suppressions', recorded);
}

/** The suppressions of a stack, in the order of their paths. */
export function suppressionsOf(stack: TerraformStack): readonly RuleSuppression[] {
  return suppressions.get(stack) ?? [];
}

function byPath(a: RuleSuppression, b: RuleSuppression): number {
  return `${a.path} ${a.rule}` < `${b.path} ${b.rule}` ? -1 : 1;
}
