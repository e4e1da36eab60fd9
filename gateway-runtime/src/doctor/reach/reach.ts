import { isIP } from 'node:net';
import type { Subject } from '../subject.js';
import { resolves } from './dns.js';
import { accepts, type Place } from './tcp.js';
import { isTrusted } from './tls.js';

const usualPorts: Record<string, number> = { 'http:': 80, 'https:': 443, 'redis:': 6379, 'rediss:': 6379 };

/** Whether the server of a URL can be talked to: name, port, certificate. */
export async function isReachable(subject: Subject, url: URL): Promise<boolean> {
  const place = placeOf(url);
  const hasAddress = isIP(place.host) !== 0 || (await subject.check('dns', () => resolves(place.host)));
  if (!hasAddress) return false;
  if (!(await subject.check('tcp', () => accepts(place, subject.timeoutMs)))) return false;
  if (url.protocol !== 'https:' && url.protocol !== 'rediss:') return true;
  return (await subject.check('tls', (signal) => isTrusted(place, signal))) === true;
}

function placeOf({ hostname, port, protocol }: URL): Place {
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || (usualPorts[protocol] ?? 443) };
}
