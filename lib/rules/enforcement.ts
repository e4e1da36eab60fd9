import { TerraformStack } from 'cdktf';
import type { IConstruct } from 'constructs';
import { findingsIn, inWords, located, type Told } from './inspection';
import type { AllowedStatements } from './rule';

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
    for (const told of findings) {
      const { construct } = told;
      this.messages.set(construct, [...(this.messages.get(construct) ?? []), inWords(told)]);
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
    return findingsIn(stack, inAll([...(enforced.get(stack) ?? []), this.allow]));
  }
}

function inAll(allowances: readonly AllowedStatements[]): AllowedStatements {
  const common = (field: keyof AllowedStatements) =>
    (allowances[0]?.[field] ?? []).filter((each) => allowances.every((allow) => allow[field]?.includes(each)));
  return { manage: common('manage'), allResources: common('allResources') };
}
