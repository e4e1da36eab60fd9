import { type SigningMethod, signingMethods } from '../config/backend.js';
import { ConfigError, type ConfigFault } from '../errors.js';

/** What `fetch-secrets` was told. */
export interface FetchArguments {
  readonly directory?: string;
  /** `FILE=OCID` each. */
  readonly pairs: readonly string[];
  readonly authMethod: string;
  /** Seconds. */
  readonly timeout: string;
  /** Seconds. */
  readonly refresh: string;
  readonly stay: boolean;
}

/** Which secrets become which files. */
export interface FetchPlan {
  readonly directory: string;
  /** File name to the OCID of a secret. */
  readonly files: ReadonlyMap<string, string>;
  readonly method: SigningMethod;
  readonly timeoutMs: number;
  readonly refreshMs: number;
  readonly stay: boolean;
}

/** A name below the directory, without hidden meanings. */
const fileName = /^(?!\.\.?$)[A-Za-z0-9_.-]{1,255}$/;

/** Days are enough for either, and timers take no more than 24. */
const mostSeconds = 86_400;

/** Checks what was told. @throws {ConfigError} with everything that is wrong */
export function planFetch(given: FetchArguments): FetchPlan {
  const faults: ConfigFault[] = [];
  const fault = (path: string, message: string) => void faults.push({ path, message });
  if (!given.directory) fault('DIR', 'expected the directory for the files');
  if (given.pairs.length === 0) fault('FILE=OCID', 'expected at least one file and the secret it comes from');
  const files = new Map<string, string>();
  for (const pair of given.pairs) {
    const [name = '', secretId] = pair.split(/=(.*)/s);
    if (!fileName.test(name)) {
      fault(pair, 'expected a file name of 1 to 255 letters, digits, ".", "-" or "_", without a path, before the "="');
    } else if (files.has(name)) fault(pair, `${name} is given twice; files need names of their own`);
    if (!secretId?.startsWith('ocid1.vaultsecret.')) fault(pair, 'expected the OCID of a Vault secret after the "="');
    files.set(name, secretId ?? '');
  }
  const method = signingMethods.find((known) => known === given.authMethod);
  if (!method) fault('--auth-method', `expected one of ${signingMethods.join(', ')}, got "${given.authMethod}"`);
  const seconds = (option: string, text: string) => {
    if (!/^\d{1,5}$/.test(text) || Number(text) < 1 || Number(text) > mostSeconds) {
      fault(option, `expected a whole number of seconds from 1 to ${mostSeconds}, got "${text}"`);
    }
    return Number(text) * 1000;
  };
  const timeoutMs = seconds('--timeout', given.timeout);
  const refreshMs = seconds('--refresh', given.refresh);
  if (faults.length > 0 || !method) throw new ConfigError(faults);
  return { directory: given.directory ?? '', files, method, timeoutMs, refreshMs, stay: given.stay };
}
