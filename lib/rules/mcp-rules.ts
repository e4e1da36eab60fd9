import type { App } from 'cdktf';
import { TerraformStack } from 'cdktf';
import type { IConstruct } from 'constructs';
import { recordSuppression } from '../core/rule-suppressions';
import { reportFault } from '../core/validation';
import { Enforcement } from './enforcement';
import { registry } from './registry';
import type { AllowedStatements } from './rule';

/** What a platform team accepts everywhere. */
export interface McpRulesOptions {
  /** Policy statements that MCP003 does not find. @default - none */
  readonly allow?: AllowedStatements;
}

/**
 * Rules for what a platform team does not want in a synthesized stack, whoever made it: with this library's constructs, with
 * plain bindings, or by an override.
 */
export const McpRules = {
  /**
   * Fails synthesizing where a rule finds something, with every finding behind the path of its construct. Call it after the
   * last stack, so that nothing is written.
   * @param scope The app, or one stack.
   *
   * @example
   * McpRules.enforce(app);
   * app.synth();
   */
  enforce(scope: App | TerraformStack, options: McpRulesOptions = {}): void {
    new Enforcement(scope, options.allow ?? {}).begin();
  },

  /**
   * Accepts what a rule finds at a construct and below it. The reason is written into the synthesized stack; a suppression
   * without a finding is reported.
   * @param rule Id of the rule: `MCP004`.
   * @param reason Why it is accepted. Not blank.
   *
   * @example
   * McpRules.suppress(server, 'MCP004', 'The vendor publishes no digests; the tag is mirrored and never moved');
   */
  suppress(construct: IConstruct, rule: string, reason: string): void {
    const ids = registry.map(({ id }) => id);
    if (!ids.includes(rule)) {
      reportFault(construct, { prop: 'rule', got: rule, allowed: `one of ${ids.join(', ')}` });
    } else if (reason.trim() === '') {
      reportFault(construct, { prop: 'reason', got: reason, allowed: `why ${rule} is accepted here` });
    } else if (!construct.node.scopes.some((scope) => TerraformStack.isStack(scope))) {
      reportFault(construct, { prop: 'construct', got: 'the app', allowed: 'a stack or a construct in one' });
    } else {
      recordSuppression(construct, rule, reason.trim());
    }
  },
};
