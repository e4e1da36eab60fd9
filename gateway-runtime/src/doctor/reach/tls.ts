import { isIP } from 'node:net';
import { connect, type PeerCertificate, type TLSSocket } from 'node:tls';
import { type Advice, ok, problem, type Verdict, warning } from '../verdict.js';
import type { Place } from './tcp.js';

const dayMs = 86_400_000;

/** Days before its end at which a certificate should have been replaced. */
const fewDays = 14;

/** Whether the certificate of a server is trusted, for this name, and for how long. */
export async function isTrusted({ host, port }: Place, signal: AbortSignal): Promise<Verdict<true>> {
  const { code, certificate } = await shake({ host, port }, signal);
  if (!certificate?.valid_to) {
    return problem(`no TLS with ${host}:${port} (${code ?? 'no certificate'})`, {
      cause: 'the server speaks plain HTTP on this port, or a proxy in between does not pass TLS on',
      solution: 'write http:// in the url if the way there is private, or give the server a certificate',
    });
  }
  const days = Math.floor((Date.parse(certificate.valid_to) - Date.now()) / dayMs);
  if (code !== undefined) {
    return problem(`certificate of ${host} not accepted: ${reasonOf(code, certificate)}`, adviceFor(code, host));
  }
  const seen = `certificate of ${host} is trusted and valid for ${days} more day${days === 1 ? '' : 's'}`;
  if (days >= fewDays) return ok(seen, true);
  return warning(seen, { cause: 'it has not been renewed', solution: `renew it before ${certificate.valid_to}` }, true);
}

interface Handshake {
  /** Why it would have failed. */
  readonly code?: string;
  readonly certificate?: PeerCertificate;
}

/** Sees the certificate whatever it is worth: nothing is sent over this connection. */
function shake({ host, port }: Place, signal: AbortSignal): Promise<Handshake> {
  return new Promise((resolve) => {
    const servername = isIP(host) ? undefined : host;
    const socket: TLSSocket = connect({ host, port, servername, rejectUnauthorized: false });
    const finish = (handshake: Handshake) => {
      socket.destroy();
      resolve(handshake);
    };
    signal.addEventListener('abort', () => finish({ code: 'timeout' }), { once: true });
    socket.once('error', (error: NodeJS.ErrnoException) => finish({ code: error.code ?? error.name }));
    socket.once('secureConnect', () => {
      const reason = socket.authorizationError as Error | string | null;
      const code = reason instanceof Error ? ((reason as NodeJS.ErrnoException).code ?? reason.name) : reason;
      finish({ certificate: socket.getPeerCertificate(), code: code ?? undefined });
    });
  });
}

function reasonOf(code: string, { valid_to, valid_from, subjectaltname }: PeerCertificate): string {
  if (code === 'CERT_HAS_EXPIRED') return `expired on ${valid_to}`;
  if (code === 'CERT_NOT_YET_VALID') return `not valid before ${valid_from}`;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return `it is for another name (${subjectaltname ?? 'it names none'})`;
  if (code === 'DEPTH_ZERO_SELF_SIGNED_CERT') return 'self-signed';
  if (code === 'SELF_SIGNED_CERT_IN_CHAIN') return 'signed by an authority that is not trusted here';
  return `its chain is incomplete or its authority not trusted (${code})`;
}

function adviceFor(code: string, host: string): Advice {
  if (code === 'CERT_HAS_EXPIRED') {
    return { cause: 'it has not been renewed, or not been loaded', solution: 'renew it, and restart what holds it' };
  }
  if (code === 'CERT_NOT_YET_VALID') {
    return { cause: 'the clock of this machine is behind', solution: 'set the clock (chronyc tracking)' };
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return {
      cause: 'the url names the host otherwise than its certificate does, or another server answers here',
      solution: `use a name of the certificate in the url, or have ${host} added to it`,
    };
  }
  return {
    cause: 'the certificate comes from a private authority, or the server does not send the certificates in between',
    solution:
      'let the server send its whole chain; for a private authority, set NODE_EXTRA_CA_CERTS to the PEM file of that authority for the gateway',
  };
}
