import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { type PeerCertificate, TLSSocket } from 'node:tls';
import type { ClientCertificate } from '../contracts/identity.js';

/** A connection keeps its certificate: the session may not be renegotiated. */
const known = new WeakMap<TLSSocket, ClientCertificate>();

/** The certificate that the other end of a connection showed and that was verified; `undefined` without one. */
export function certificateOf(socket: Socket): ClientCertificate | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const found = known.get(socket) ?? toCertificate(socket.getPeerCertificate());
  if (found) known.set(socket, found);
  return found;
}

function toCertificate({ raw, subject, subjectaltname }: PeerCertificate): ClientCertificate | undefined {
  if (!raw) return undefined;
  const alternatives = alternativeNames(subjectaltname ?? '');
  const named = (kind: string) => alternatives.filter(([type]) => type === kind).map(([, value]) => value);
  // Several common names come as a list, of which none says who it is.
  const commonName: unknown = subject?.CN;
  return {
    thumbprint: createHash('sha256').update(raw).digest('base64url'),
    names: [...named('URI'), ...named('DNS'), ...(typeof commonName === 'string' ? [commonName] : [])],
  };
}

/**
 * The names in a text such as `URI:spiffe://mcp/agent, DNS:agent.example`. A value in quotes holds characters by which it could
 * pass as several names; it is stepped over as one and left out.
 * https://nodejs.org/api/tls.html#tlssocketgetpeercertificatedetailed
 */
export function alternativeNames(text: string): (readonly [type: string, value: string])[] {
  const entries = text.matchAll(/(?<type>[^:,]+):(?:"(?:[^"\\]|\\.)*"|(?<value>[^,]*))(?:, |$)/gy);
  return [...entries].flatMap(({ groups = {} }) =>
    groups.value === undefined ? [] : [[String(groups.type), groups.value] as const],
  );
}
