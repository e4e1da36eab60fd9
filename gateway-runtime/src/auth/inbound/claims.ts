import { normalIssuer } from '../../config/issuer.js';
import type { Identity } from '../../contracts/identity.js';
import type { JsonObject } from '../../contracts/json-rpc.js';
import { UnauthorizedError } from '../../errors.js';
import { hasAccepted } from '../claims.js';

/** Claims that a token needs, each with one of these values. */
export type NeededClaims = Readonly<Record<string, readonly string[]>>;

/** @throws {UnauthorizedError} that names the first claim without one of its values */
export function checkClaims(payload: JsonObject, needed: NeededClaims): void {
  for (const [claim, accepted] of Object.entries(needed)) {
    if (!hasAccepted(payload, claim, accepted)) throw notAccepted(claim);
  }
}

export function notAccepted(claim: string): UnauthorizedError {
  return new UnauthorizedError(`the claim "${claim}" of the token is not accepted`);
}

/** How the claims of a token become a caller. */
export interface IdentityOptions {
  /** How the token was verified; the same claims verified otherwise are another caller. */
  readonly kind: 'jwt' | 'introspected';
  readonly token: string;
  /** The claim that holds the scopes. @default - `scope` and `scp` */
  readonly scopeClaim?: string;
}

/** Who the claims of a verified token speak of. @throws {UnauthorizedError} when they name nobody */
export function identityOf(payload: JsonObject, { kind, token, scopeClaim }: IdentityOptions): Identity {
  const subject = text(payload.sub) ?? text(payload.client_id) ?? text(payload.azp);
  if (subject === undefined) throw new UnauthorizedError('the token names neither a subject nor a client');
  const issuer = text(payload.iss);
  return {
    key: `${kind} ${JSON.stringify([issuer && normalIssuer(issuer), subject, payload.client_id])}`,
    clientId: text(payload.client_id) ?? text(payload.azp) ?? subject,
    scopes: new Set(scopeClaim ? words(payload[scopeClaim]) : [...words(payload.scope), ...words(payload.scp)]),
    issuer,
    subject: text(payload.sub),
    claims: payload,
    token,
  };
}

/** Scopes come as one string (RFC 8693) or, from some issuers, as a list. */
function words(claim: unknown): string[] {
  if (Array.isArray(claim)) return claim.filter((word) => typeof word === 'string');
  return typeof claim === 'string' ? claim.split(' ').filter(Boolean) : [];
}

function text(claim: unknown): string | undefined {
  return typeof claim === 'string' && claim !== '' ? claim : undefined;
}
