import { TerraformStack } from 'cdktf';
import { findingsIn } from '../rules/inspection';
import type { AllowedStatements } from '../rules/rule';
import { SynthesizedFolder } from './synthesized-folder';

/** A finding, as `check --json` tells it. */
export interface CheckFinding {
  /** Id of the rule: `MCP004`. */
  readonly rule: string;
  /** What the rule finds. Undefined for a suppression that nothing needs. */
  readonly title?: string;
  /** Name of the stack. */
  readonly stack: string;
  /** Path of the construct. */
  readonly path: string;
  readonly found: string;
  readonly fix: string;
}

/** The stacks of an output folder, and everything that the rules find in them. */
export function findingsOf(
  directory: string,
  allow: AllowedStatements,
): { readonly stacks: readonly string[]; readonly findings: readonly CheckFinding[] } {
  const { app, stacks } = new SynthesizedFolder(directory);
  const findings = app.node
    .findAll()
    .filter((each) => TerraformStack.isStack(each))
    .flatMap((stack) =>
      findingsIn(stack, allow).map(({ rule, title, construct, found, fix }) => ({
        rule,
        ...(title !== undefined && { title }),
        stack: stack.node.id,
        path: construct.node.path,
        found,
        fix,
      })),
    );
  return { stacks: stacks.map(({ name }) => name), findings };
}
