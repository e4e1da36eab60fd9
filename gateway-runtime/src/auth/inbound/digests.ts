import { createHash, timingSafeEqual } from 'node:crypto';
import type { Identity } from '../../contracts/identity.js';

/** A caller that is known by the SHA-256 hash of a token. */
export interface KnownToken {
  readonly digest: Buffer;
  readonly identity: Identity;
}

export function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** Who a static token stands for. */
export function knownToken(digest: Buffer, client: { client_id: string; scopes: readonly string[] }): KnownToken {
  const key = `static ${digest.toString('base64url')}`;
  return { digest, identity: { key, clientId: client.client_id, scopes: new Set(client.scopes) } };
}

/** Finds the caller a token stands for; takes as long for a wrong token as for a right one. */
export function findByToken(known: readonly KnownToken[], token: string): Identity | undefined {
  const digest = digestOf(token);
  let found: Identity | undefined;
  for (const candidate of known) {
    if (timingSafeEqual(candidate.digest, digest)) found = candidate.identity;
  }
  return found;
}
