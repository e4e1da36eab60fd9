import type { GatewayConfig } from '../config/index.js';
import { resourceOf } from '../config/resource-url.js';
import { ConfigError, type ConfigFault } from '../errors.js';
import { type ClientAuth, type ClientName, type ClientTarget, clientNames } from './index.js';

/** What `clients` was told. */
export interface ClientsArguments {
  readonly url?: string;
  readonly for?: readonly string[];
  readonly name?: string;
  readonly view?: string;
  readonly clientAuth?: string;
  readonly tokenEnv?: string;
  readonly stdio?: boolean;
  readonly config?: string;
  readonly json?: boolean;
}

/** What is to be printed. */
export interface ClientsPlan {
  readonly clients: readonly ClientName[];
  readonly target: ClientTarget;
  readonly json: boolean;
}

const auths: readonly ClientAuth[] = ['oauth', 'token', 'none'];

/** As strict as the strictest of them. */
const nameForm = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

/** What shells and Python take. */
const variableForm = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Addresses that stand for every one of a machine. */
const everyAddress = ['0.0.0.0', '::', ''];

/**
 * Checks what was told.
 * @param load Reads the configuration, which is of no interest where a URL is given.
 * @param program This program, as a client can start it.
 * @throws {ConfigError} with everything that is wrong
 */
export function planClients(
  given: ClientsArguments,
  load: () => GatewayConfig,
  program: readonly string[],
): ClientsPlan {
  const faults: ConfigFault[] = [];
  const fault = (path: string, message: string) => void faults.push({ path, message });
  const { name = 'oci', view, clientAuth: auth, tokenEnv: tokenVariable } = given;
  const unknown = (given.for ?? []).filter((client) => !clientNames.includes(client as ClientName));
  for (const client of unknown) fault('--for', `expected one of ${clientNames.join(', ')}, got "${client}"`);
  if (!nameForm.test(name)) fault('--name', 'expected a letter, then at most 63 letters, digits, "-" and "_"');
  if (auth !== undefined && !auths.includes(auth as ClientAuth)) {
    fault('--client-auth', `expected one of ${auths.join(', ')}, got "${auth}"`);
  }
  if (tokenVariable !== undefined && !variableForm.test(tokenVariable)) {
    fault('--token-env', `expected the name of an environment variable, got "${tokenVariable}"`);
  }
  if (given.url !== undefined && !isEndpoint(given.url)) {
    fault('URL', 'expected the http or https URL of an MCP endpoint, such as https://mcp.example.com/mcp');
  }
  if (given.stdio && given.url !== undefined)
    fault('--stdio', 'a client that starts the gateway needs no URL; drop one');
  if (given.stdio && view !== undefined) fault('--view', 'there are no views over stdio; drop one of the two');
  if (faults.length > 0) throw new ConfigError(faults);
  const config = given.url === undefined ? load() : undefined;
  if (config && view !== undefined && config.views[view] === undefined) {
    const known = Object.keys(config.views).join(', ') || 'none';
    throw new ConfigError([
      { path: '--view', message: `expected a view of the configuration (${known}), got "${view}"` },
    ]);
  }
  const target = {
    name,
    url: resourceOf(given.url ?? urlOf(config as GatewayConfig), view),
    auth: (auth as ClientAuth) ?? (config ? authOf(config) : 'oauth'),
    ...(tokenVariable !== undefined && { tokenVariable }),
    ...(given.stdio && { command: [...program, '--stdio', ...(given.config ? ['--config', given.config] : [])] }),
  };
  return { clients: (given.for ?? clientNames) as ClientName[], target, json: given.json ?? false };
}

function isEndpoint(text: string): boolean {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return false;
  const { username, password } = new URL(text);
  return username === '' && password === '';
}

function urlOf({ auth, host, port, path, tls }: GatewayConfig): string {
  if (auth.resource_url) return auth.resource_url;
  const address = everyAddress.includes(host) ? 'localhost' : host;
  return `${tls ? 'https' : 'http'}://${address.includes(':') ? `[${address}]` : address}:${port}${path}`;
}

/** Clients find out by themselves where to log in as soon as the gateway can tell them. */
function authOf({ auth }: GatewayConfig): ClientAuth {
  if (!auth.enabled) return 'none';
  const hasIssuer =
    auth.jwt_issuer !== undefined || auth.issuers.length > 0 || auth.authorization_servers !== undefined;
  return auth.resource_url !== undefined && hasIssuer ? 'oauth' : 'token';
}
