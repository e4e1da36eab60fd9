/** A service of OCI that takes what the gateway sends. */
export interface OciService {
  readonly name: string;
  /** What the identity may lack: `use metrics in the compartment`. */
  readonly permission: string;
}

/** An answer that will be the same however often a request is sent. */
export function isFinal(status: number): boolean {
  return status === 400 || status === 413;
}

/** Why a service did not take a request. OCI names what was wrong in a code; its message might hold anything. */
export function refusalOf({ name, permission }: OciService, status: number, code: unknown): string {
  const named = typeof code === 'string' && /^[A-Za-z]{1,64}$/.test(code) ? ` (${code})` : '';
  const hint = [401, 403, 404].includes(status)
    ? `; no policy allows this identity to ${permission}, or it does not exist`
    : '';
  return `${name} answered HTTP ${status}${named}${hint}`;
}
