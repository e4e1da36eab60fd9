import type { GatewayConfig } from '../../config/index.js';
import { accepts } from '../reach/tcp.js';
import { Subject } from '../subject.js';
import { ok, type Verdict, warning } from '../verdict.js';

/** Addresses that stand for all of a machine, and how it reaches itself then. */
const own: Record<string, string> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/** A gateway of this configuration that runs on this machine. */
export interface LocalGateway {
  /** What was found about it; absent when there is nothing to look for. */
  readonly subject?: Subject;
  /** Where it is; absent when it does not run here. */
  readonly place?: { readonly url: URL; readonly publicUrl?: URL };
}

/** Looks for the gateway where its configuration lets it listen. */
export async function localGateway(
  { host, port, path, auth, tls }: GatewayConfig,
  timeoutMs: number,
): Promise<LocalGateway> {
  // A certificate is for the name that clients use: whoever wants to know gives the URL.
  if (port === 0 || tls) return {};
  const address = own[host] ?? host;
  const subject = new Subject('gateway on this machine', timeoutMs);
  const isThere = await subject.check('listening', () => listens(address, port, timeoutMs));
  if (!isThere) return { subject };
  const url = new URL(`http://${address.includes(':') ? `[${address}]` : address}:${port}${path}`);
  return { subject, place: { url, publicUrl: auth.resource_url ? new URL(auth.resource_url) : undefined } };
}

async function listens(host: string, port: number, timeoutMs: number): Promise<Verdict<true>> {
  const { value, seen } = await accepts({ host, port }, timeoutMs);
  if (value) return ok(seen, true);
  return warning(`the gateway does not run here: ${seen}`, {
    cause: 'it was not started, ended at once, or runs on another machine or in another container',
    solution: 'start it, or look at its last log lines; to look at one that runs elsewhere, give its URL',
  });
}
