import { TerraformStack } from 'cdktf';
import type { IConstruct } from 'constructs';
import { type RuleSuppression, suppressionsOf } from '../core/rule-suppressions';
import { SynthesizedApp } from '../core/synthesized-app';
import { registry } from './registry';
import type { AllowedStatements, Finding, Rule } from './rule';

interface Found extends Finding {
  readonly rule: Rule;
}

/** The stacks that are checked, with what each call allows: nobody can allow what another one does not. */
const enforced = new WeakMap<TerraformStack, AllowedStatements[]>();

/** The rules of one call of `McpRules.enforce`, and what they find while the app is synthesized. */
export class Enforcement {
  private readonly messages = new Map<IConstruct, string[]>();
  private readonly observed = new Set<IConstruct>();
  private readonly begun = new Set<TerraformStack>();

  public constructor(
    private readonly scope: IConstruct,
    private readonly allow: AllowedStatements,
  ) {}

  /**
   * Has the stacks below the scope checked when they are validated. CDKTF calls no Aspect of the app itself, and one of a stack
   * would see what other Aspects have not changed yet, so this is a validation: it sees what is written.
   */
  public begin(): void {
    for (const stack of this.openStacks()) {
      this.begun.add(stack);
      const allowed = enforced.get(stack);
      enforced.set(stack, [...(allowed ?? []), this.allow]);
      if (allowed === undefined) stack.node.addValidation({ validate: () => this.check(stack) });
    }
    if (TerraformStack.isStack(this.scope)) return;
    // What is made after this call is found at the end, when every stack is there.
    this.scope.node.addValidation({
      validate: () => this.openStacks().flatMap((stack) => this.findingsOf(stack).map((found) => located(found))),
    });
  }

  private openStacks(): TerraformStack[] {
    return this.scope.node
      .findAll()
      .filter((each): each is TerraformStack => TerraformStack.isStack(each) && !this.begun.has(each));
  }

  /** Puts every message behind its construct; a stack is validated before what is in it. */
  private check(stack: TerraformStack): string[] {
    this.messages.clear();
    const findings = this.findingsOf(stack);
    for (const { construct, message } of findings) {
      this.messages.set(construct, [...(this.messages.get(construct) ?? []), message]);
    }
    for (const construct of this.messages.keys()) this.observe(construct, stack);
    const elsewhere = findings.length === 0 ? [] : this.findingsBeside(stack);
    return [...(this.messages.get(stack) ?? []), ...elsewhere];
  }

  private observe(construct: IConstruct, stack: TerraformStack): void {
    if (construct === stack || this.observed.has(construct)) return;
    this.observed.add(construct);
    construct.node.addValidation({ validate: () => this.messages.get(construct) ?? [] });
  }

  /** CDKTF stops at the first stack at fault, so that one tells of the others too. */
  private findingsBeside(stack: TerraformStack): string[] {
    const others = this.scope.node.findAll().filter((each) => TerraformStack.isStack(each) && each !== stack);
    return others.flatMap((other) => this.findingsOf(other as TerraformStack).map((found) => located(found)));
  }

  private findingsOf(stack: TerraformStack): Told[] {
    const context = { app: SynthesizedApp.of(stack), allow: inAll([...(enforced.get(stack) ?? []), this.allow]) };
    const found = registry
      .flatMap((rule) => rule.check(context).map((finding): Found => ({ ...finding, rule })))
      .filter(({ construct }) => construct === stack || TerraformStack.of(construct) === stack);
    const suppressions = suppressionsOf(stack);
    const open = found.filter((each) => !suppressions.some((suppression) => covers(suppression, each)));
    const idle = suppressions.filter((suppression) => !found.some((each) => covers(suppression, each)));
    const told = [...open.map(tell), ...idle.map((suppression) => tellIdle(stack, suppression))];
    return [...new Map(told.map((each) => [located(each), each])).values()];
  }
}

function inAll(allowances: readonly AllowedStatements[]): AllowedStatements {
  const common = (field: keyof AllowedStatements) =>
    (allowances[0]?.[field] ?? []).filter((each) => allowances.every((allow) => allow[field]?.includes(each)));
  return { manage: common('manage'), allResources: common('allResources') };
}

interface Told {
  readonly construct: IConstruct;
  readonly message: string;
}

function covers({ rule, path }: RuleSuppression, found: Found): boolean {
  return rule === found.rule.id && found.construct.node.scopes.some((scope) => scope.node.path === path);
}

function tell({ construct, rule, found, fix = rule.fix }: Found): Told {
  return { construct, message: `${rule.id} ${rule.title}: ${found}; fix: ${fix}` };
}

function tellIdle(stack: TerraformStack, { rule, path }: RuleSuppression): Told {
  const construct = stack.node.findAll().find(({ node }) => node.path === path) ?? stack;
  return { construct, message: `${rule} is suppressed here and not found; fix: remove the suppression` };
}

function located({ construct, message }: Told): string {
  return `${construct.node.path}: ${message}`;
}
