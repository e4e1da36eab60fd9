import { readFileSync } from 'node:fs';
import { ConfigError, type ConfigFault } from '../errors.js';
import type { ConfigFlags } from '../loading/config-loader.js';

/** What `doctor` was told. */
export interface DoctorArguments extends ConfigFlags {
  readonly url?: string;
  readonly tokenEnv?: string;
  readonly tokenFile?: string;
  readonly origin?: string;
  /** Seconds. */
  readonly timeout: string;
  readonly json?: boolean;
}

/** What is to be looked at. */
export interface DoctorPlan {
  /** The MCP endpoint of a running gateway. */
  readonly url?: URL;
  /** Where the configuration is, when the set-up is to be checked from the inside. */
  readonly flags?: ConfigFlags;
  /** What the gateway is asked with. */
  readonly token?: string;
  /** A page's origin that is to be let in. */
  readonly origin?: string;
  /** Milliseconds that one check may take. */
  readonly timeoutMs: number;
  readonly json: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Where the token is looked for unless told otherwise. */
const usualVariable = 'MCP_GATEWAY_TOKEN';

/** The standard input, as a file descriptor. */
const stdin = 0;

/** Longest wait for one answer, in seconds. */
const mostSeconds = 300;

/** Checks what was told. @throws {ConfigError} with everything that is wrong */
export function planDoctor(given: DoctorArguments, environment: Environment): DoctorPlan {
  const faults: ConfigFault[] = [];
  const fault = (path: string, message: string) => void faults.push({ path, message });
  const { config, backendsDir, scan, timeout } = given;
  const url = given.url === undefined ? undefined : urlIn(given.url, fault);
  const origin = given.origin === undefined ? undefined : originIn(given.origin, fault);
  const token = tokenIn(given, environment, fault);
  if (!/^\d{1,3}$/.test(timeout) || Number(timeout) < 1 || Number(timeout) > mostSeconds) {
    fault('--timeout', `expected a whole number of seconds from 1 to ${mostSeconds}, got "${timeout}"`);
  }
  if (faults.length > 0) throw new ConfigError(faults);
  const isInside = given.url === undefined || [config, backendsDir, scan].some((flag) => flag !== undefined);
  return {
    url,
    ...(isInside && { flags: given }),
    token,
    origin,
    timeoutMs: Number(timeout) * 1000,
    json: given.json ?? false,
  };
}

type Fault = (path: string, message: string) => void;

function urlIn(text: string, fault: Fault): URL | undefined {
  const url = /^https?:\/\//i.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  // What stands there may be a secret, and is not repeated.
  if (!url) fault('URL', 'expected the http or https URL of an MCP endpoint, such as https://mcp.example.com/mcp');
  else if (url.username || url.password) fault('URL', 'expected no user and password in it; give a token by variable');
  return url;
}

function originIn(text: string, fault: Fault): string | undefined {
  const origin = URL.canParse(text) ? new URL(text).origin : undefined;
  if (origin === undefined || origin === 'null') {
    fault('--origin', 'expected the origin of a web page, such as https://app.example');
  }
  return origin;
}

/** Not on the command line, which every user of the machine can read. */
function tokenIn({ tokenEnv, tokenFile }: DoctorArguments, environment: Environment, fault: Fault): string | undefined {
  if (tokenEnv && tokenFile) fault('--token-file', '--token-env is given too; keep one of them');
  const token = tokenFile ? readToken(tokenFile, fault) : environment[tokenEnv ?? usualVariable];
  const word = token?.trim();
  if (tokenEnv && !word) fault('--token-env', `the variable ${tokenEnv} is not set`);
  if (word && !/^[\x21-\x7e]+$/.test(word)) fault('--token-file', 'what is there is not one token');
  return word || undefined;
}

function readToken(file: string, fault: Fault): string | undefined {
  try {
    return readFileSync(file === '-' ? stdin : file, 'utf8');
  } catch (error) {
    fault('--token-file', `cannot be read (${(error as NodeJS.ErrnoException).code})`);
    return undefined;
  }
}
