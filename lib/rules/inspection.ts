import { TerraformStack } from 'cdktf';
import { type RuleSuppression, suppressionsOf } from '../core/rule-suppressions';
import { SynthesizedApp } from '../core/synthesized-app';
import { registry } from './registry';
import type { AllowedStatements, Finding, Rule } from './rule';

/** What a rule found, and nobody accepted. */
export interface Told extends Finding {
  /** Id of the rule: `MCP004`. */
  readonly rule: string;
  /** What the rule finds, in a few words. Undefined for a suppression without a finding. */
  readonly title?: string;
  readonly fix: string;
}

/** Everything that the rules find in one stack, each once, and suppressions that nothing needs. */
export function findingsIn(stack: TerraformStack, allow: AllowedStatements): Told[] {
  const context = { app: SynthesizedApp.of(stack), allow };
  const found = registry
    .flatMap((rule) => rule.check(context).map((finding) => toldBy(rule, finding)))
    .filter(({ construct }) => construct === stack || TerraformStack.of(construct) === stack);
  const suppressions = suppressionsOf(stack);
  const open = found.filter((each) => !suppressions.some((suppression) => covers(suppression, each)));
  const idle = suppressions.filter((suppression) => !found.some((each) => covers(suppression, each)));
  const told = [...open, ...idle.map((suppression) => toldIdle(stack, suppression))];
  return [...new Map(told.map((each) => [located(each), each])).values()];
}

/** A finding as a text for people. */
export function inWords({ rule, title, found, fix }: Told): string {
  return `${rule}${title === undefined ? '' : ` ${title}:`} ${found}; fix: ${fix}`;
}

/** A finding as a text for people, behind the path of its construct. */
export function located(told: Told): string {
  return `${told.construct.node.path}: ${inWords(told)}`;
}

function toldBy({ id, title, fix }: Rule, finding: Finding): Told {
  return { ...finding, rule: id, title, fix: finding.fix ?? fix };
}

function toldIdle(stack: TerraformStack, { rule, path }: RuleSuppression): Told {
  const construct = stack.node.findAll().find(({ node }) => node.path === path) ?? stack;
  return { construct, rule, found: 'is suppressed here and not found', fix: 'remove the suppression' };
}

function covers({ rule, path }: RuleSuppression, found: Told): boolean {
  return rule === found.rule && found.construct.node.scopes.some((scope) => scope.node.path === path);
}
