/** The process the gateway runs in, as far as it needs to know; `main` passes the real one. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Signals a process, or a whole process group when `pid` is negative. @throws when there is none. */
  kill(pid: number, signal: NodeJS.Signals): void;
}

/** Structured log lines; `fields` never hold secrets. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
