import { normalIssuer } from '../../config/issuer.js';
import { type Advice, ok, problem, type Verdict, warning } from '../verdict.js';
import { type Claims, claimsOf } from './claims.js';

/** What a gateway accepts, as far as it is known; empty lists say nothing. */
export interface Expectations {
  readonly issuers: readonly string[];
  readonly audiences: readonly string[];
  readonly algorithms: readonly string[];
  /** Seconds by which clocks may differ. */
  readonly clockSkew: number;
}

/** Seconds before its end at which a token is about to be replaced. */
const soon = 60;

/**
 * What a token says of itself, without verifying it. Never says anything of the token but its times, issuer, audiences and
 * algorithm.
 *
 * @param nowMs The gateway's clock.
 */
export function fits(token: string, expected: Expectations, nowMs: number): Verdict<Claims> {
  const claims = claimsOf(token);
  if (!claims) return ok('is no JWT, so it says nothing of itself');
  const fault = timeFault(claims, expected, nowMs / 1000) ?? identityFault(claims, expected);
  if (fault) return problem(...fault, claims);
  const left = Math.round((claims.expires ?? 0) - nowMs / 1000);
  if (left < soon) {
    const advice = { cause: 'tokens of this issuer live for a short time', solution: 'refresh it before long runs' };
    return warning(`expires in ${left} s`, advice, claims);
  }
  return ok(`of ${claims.issuer ?? 'no issuer'}, for ${listed(claims.audiences)}, valid for ${duration(left)}`, claims);
}

type Fault = [seen: string, advice: Advice];

function timeFault({ expires, begins }: Claims, { clockSkew }: Expectations, now: number): Fault | undefined {
  if (expires === undefined) {
    return [
      'the token does not say when it expires',
      {
        cause: 'it was not made for calls: the gateway accepts no token without "exp"',
        solution: 'get an access token',
      },
    ];
  }
  if (expires + clockSkew <= now) {
    return [
      `the token expired ${duration(now - expires)} ago, at ${timeOf(expires)}`,
      {
        cause: 'it is an old one: access tokens live for an hour or so, and nothing has refreshed it',
        solution: 'get a new token from the authorization server, with the refresh token or by logging in again',
      },
    ];
  }
  if (begins === undefined || begins - clockSkew <= now) return undefined;
  return [
    `the token is not valid before ${timeOf(begins)}, in ${duration(begins - now)}`,
    {
      cause: 'the clock of the issuer is ahead of that of the gateway',
      solution: 'synchronize both clocks; auth.jwt_clock_skew allows up to 120 s',
    },
  ];
}

function identityFault({ issuer, audiences, algorithm }: Claims, expected: Expectations): Fault | undefined {
  const isTrusted = expected.issuers.some((known) => normalIssuer(known) === normalIssuer(issuer ?? ''));
  if (expected.issuers.length > 0 && !isTrusted) {
    return [
      `the issuer of the token is ${issuer ?? 'missing'}, expected ${expected.issuers.join(' or ')}`,
      {
        cause: 'the token comes from another authorization server than the gateway trusts',
        solution:
          'get the token from the authorization server that the gateway names, or add the issuer to auth.issuers, with its keys',
      },
    ];
  }
  if (expected.audiences.length > 0 && !audiences.some((audience) => expected.audiences.includes(audience))) {
    return [
      `the audience of the token is ${listed(audiences)}, expected ${expected.audiences.join(' or ')}`,
      {
        cause: 'the token was asked for another service',
        solution: `ask for a token with the audience ${expected.audiences[0]} (parameter resource or audience, or the scopes of that API), or change auth.jwt_audience`,
      },
    ];
  }
  if (expected.algorithms.length === 0 || expected.algorithms.includes(algorithm)) return undefined;
  return [
    `the token is signed with ${algorithm.slice(0, 20)}, expected ${expected.algorithms.join(', ')}`,
    {
      cause: 'the issuer signs otherwise than auth.jwt_algorithms allows',
      solution: 'choose an asymmetric algorithm at the issuer, and name it in auth.jwt_algorithms',
    },
  ];
}

function listed(audiences: readonly string[]): string {
  return audiences.length > 0 ? audiences.join(', ') : 'no audience';
}

function timeOf(seconds: number): string {
  const time = new Date(seconds * 1000);
  return Number.isNaN(time.getTime()) ? 'no time that can be read' : time.toISOString();
}

function duration(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} minutes`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} hours` : `${Math.round(seconds / 86_400)} days`;
}
