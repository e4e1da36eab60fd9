import * as z from 'zod';
import { Scopes } from './access-rules.js';
import { optional, strict } from './field.js';
import { isLoopback } from './loopback.js';

/** Where the console is. */
export const consolePath = '/console';

/** The web page by which operators look into the gateway. */
export const ConsoleSchema = strict({
  enabled: optional(z.boolean({ error: 'true or false' })).describe(
    'Serve it; unless said otherwise, only where no other machine reaches the gateway',
  ),
  required_scopes: optional(Scopes).describe(
    'Scopes it needs besides those of auth; [] opens it to every caller. Required with auth',
  ),
});

/** The web page by which operators look into the gateway. */
export type ConsoleConfig = z.output<typeof ConsoleSchema>;

/** What decides whether it is served. */
interface Placed {
  readonly host: string;
  readonly path: string;
  readonly auth: { readonly enabled: boolean };
  readonly console: ConsoleConfig;
}

/** Whether the console is served. */
export function servesConsole({ host, path, auth, console: { enabled, required_scopes } }: Placed): boolean {
  if (enabled !== undefined) return enabled;
  return isLoopback(host) && !isBelowConsole(path) && (!auth.enabled || required_scopes !== undefined);
}

/** What is wrong with where it is to be served. */
export function consoleFaults({ host, path, auth, console: { enabled, required_scopes } }: Placed) {
  const faults: { path: string[]; message: string }[] = [];
  if (!enabled) return faults;
  if (auth.enabled && !required_scopes) {
    const message = 'say which scopes it needs, such as ["operations"]; [] opens it to every caller';
    faults.push({ path: ['console', 'required_scopes'], message });
  }
  if (!auth.enabled && !isLoopback(host)) {
    const message = `everybody who reaches ${host} could look into the gateway; enable auth, or listen on 127.0.0.1`;
    faults.push({ path: ['console', 'enabled'], message });
  }
  if (isBelowConsole(path)) {
    faults.push({ path: ['path'], message: `the console is served at ${consolePath}; choose another path` });
  }
  return faults;
}

function isBelowConsole(path: string): boolean {
  return path === consolePath || path.startsWith(`${consolePath}/`);
}
