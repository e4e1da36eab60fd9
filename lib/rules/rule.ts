import type { IConstruct } from 'constructs';
import type { SynthesizedApp } from '../core/synthesized-app';

/** What a rule found. */
export interface Finding {
  /** The construct behind whose path it is told. */
  readonly construct: IConstruct;
  /** What stands there, in words. Nothing secret. */
  readonly found: string;
  /** What to change, where the rule's own fix does not fit. @default - the rule's */
  readonly fix?: string;
}

/** Statements that a platform team accepts everywhere, where MCP003 finds them otherwise. */
export interface AllowedStatements {
  /** Resource types that may be managed: `repos`. @default - none */
  readonly manage?: readonly string[];
  /** Verbs that may be given on `all-resources`: `inspect`. @default - none */
  readonly allResources?: readonly string[];
}

/** What a rule looks at. */
export interface RuleContext {
  /** Every stack of the app as it is synthesized. */
  readonly app: SynthesizedApp;
  readonly allow: AllowedStatements;
}

/**
 * One thing that a platform team does not want to find in a synthesized stack. A rule is one file and one line in
 * `registry.ts`; it never changes what its id means.
 */
export interface Rule {
  /** `MCP` and three digits. */
  readonly id: string;
  /** What it finds, in a few words. */
  readonly title: string;
  /** Why that is bad. */
  readonly why: string;
  /** What to change. */
  readonly fix: string;
  check(context: RuleContext): Finding[];
}
