/** One thing wrong with a configuration. */
export interface ConfigFault {
  /** Where it is, for example `backends[2].url`; empty when it concerns the whole document. */
  readonly path: string;
  /** What was found, what is allowed and how to fix it, in lower case and without a full stop. */
  readonly message: string;
}

/**
 * The one-line form of a fault.
 *
 * @example
 * formatFault({ path: 'backends[2].url', message: 'expected an http or https URL, got "ftp://x"' });
 * // backends[2].url: expected an http or https URL, got "ftp://x"
 */
export function formatFault(fault: ConfigFault): string {
  return fault.path === '' ? fault.message : `${fault.path}: ${fault.message}`;
}

/** A configuration that cannot be used; carries every fault found, not only the first. */
export class ConfigError extends Error {
  readonly code = 'InvalidConfig';
  readonly faults: readonly ConfigFault[];

  constructor(faults: readonly ConfigFault[]) {
    super(faults.map(formatFault).join('\n'));
    this.name = 'ConfigError';
    this.faults = faults;
  }
}
