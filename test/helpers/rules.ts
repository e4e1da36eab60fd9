import type { TerraformStack } from 'cdktf';
import { McpRules, type McpRulesOptions } from 'cdktf-oci-mcp';
import { faultsOf, synth } from './synth';

/** What the rules find in a stack, one line for each finding: `[stack/Logs/Deployment] MCP004 Mutable image tag: image …`. */
export function findingsOf(build: (stack: TerraformStack) => void, options?: McpRulesOptions): string[] {
  return faultsOf((stack) => {
    build(stack);
    McpRules.enforce(stack, options);
  }).map((line) => line.replace(/; fix: .*/, ''));
}

/** Synthesizes a stack in which the rules find nothing. */
export function expectNoFindings(build: (stack: TerraformStack) => void, options?: McpRulesOptions): void {
  synth((stack) => {
    build(stack);
    McpRules.enforce(stack, options);
  });
}
