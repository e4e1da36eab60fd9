import { isObject, type JsonObject } from '../../contracts/json-rpc.js';

/** What a token says of itself, read without verifying it. */
export interface Claims {
  readonly algorithm: string;
  readonly issuer?: string;
  readonly audiences: readonly string[];
  readonly scopes: readonly string[];
  /** Seconds since 1970. */
  readonly expires?: number;
  /** The later of `nbf` and `iat`, in seconds since 1970. */
  readonly begins?: number;
}

/** Reads a JSON Web Token; `undefined` for any other token. */
export function claimsOf(token: string): Claims | undefined {
  const [header, payload, signature] = token.split('.').map(decode);
  if (!header || !payload || signature === undefined) return undefined;
  const { iss, aud, exp, nbf, iat, scope, scp } = payload;
  const begins = [nbf, iat].filter((time) => typeof time === 'number');
  return {
    algorithm: String(header.alg),
    issuer: typeof iss === 'string' ? iss : undefined,
    audiences: words(aud),
    scopes: [...words(scope), ...words(scp)].flatMap((word) => word.split(' ').filter(Boolean)),
    expires: typeof exp === 'number' ? exp : undefined,
    begins: begins.length > 0 ? Math.max(...begins) : undefined,
  };
}

function decode(part: string, index: number): JsonObject | undefined {
  if (index > 1) return {};
  try {
    const value = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function words(claim: unknown): string[] {
  return [claim].flat().filter((word) => typeof word === 'string');
}
