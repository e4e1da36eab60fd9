/** What is wrong with what a user asked for. */
export interface CommandFault {
  /** What is wrong. */
  readonly what: string;
  /** What was given. Nothing secret. */
  readonly got?: string;
  readonly allowed?: string;
  /** How to mend it. */
  readonly fix?: string;
}

/** A mistake of the user, told without a stack trace. */
export class CommandError extends Error {
  public constructor(public readonly fault: CommandFault) {
    const { what, got, allowed, fix } = fault;
    const lines = [what, got && `  got:     ${got}`, allowed && `  allowed: ${allowed}`, fix && `  fix:     ${fix}`];
    super(lines.filter(Boolean).join('\n'));
  }
}
