/** Every check there is; the names stay, so that programs can rely on them. docs/doctor.md explains each. */
export const checkIds = [
  'configuration',
  'listening',
  'dns',
  'tcp',
  'tls',
  'endpoint',
  'clock',
  'authentication',
  'protected-resource',
  'authorization-server',
  'token',
  'admission',
  'cors',
  'handshake',
  'document',
  'stream',
  'tools',
  'readiness',
  'backend-state',
  'keys',
  'issuer',
  'oci-identity',
  'credential',
  'state',
  'traces',
  'otlp-metrics',
] as const;

/** The name of a check. */
export type CheckId = (typeof checkIds)[number];

/** How a check ended. */
export type Status = 'ok' | 'warning' | 'problem';

/** What is behind a finding. */
export interface Advice {
  /** Likely causes, the likeliest first. */
  readonly cause: string;
  /** What to do: a line of the configuration, a policy statement, a command. */
  readonly solution: string;
}

/** What a check says. None of its texts holds a secret. */
export interface Verdict<T = unknown> {
  readonly status: Status;
  /** What was seen. */
  readonly seen: string;
  /** Present unless all is well. */
  readonly advice?: Advice;
  /** What later checks go on with; absent when they cannot. */
  readonly value?: T;
}

/** All is well. */
export function ok<T>(seen: string, value?: T): Verdict<T> {
  return { status: 'ok', seen, value };
}

/** It works, but may not be meant, or will not work for everybody. */
export function warning<T>(seen: string, advice: Advice, value?: T): Verdict<T> {
  return { status: 'warning', seen, advice, value };
}

/** It does not work. */
export function problem<T = never>(seen: string, advice: Advice, value?: T): Verdict<T> {
  return { status: 'problem', seen, advice, value };
}
