import { ask } from '../http.js';
import { type Advice, ok, problem, type Verdict } from '../verdict.js';
import { type Challenge, challengeIn } from './challenge.js';
import type { Claims } from './claims.js';
import { messageHeaders, messageOf, pingBody } from './endpoint.js';
import type { ResourceMetadata } from './protected-resource.js';

/** What is known of the token, besides the token. */
export interface TokenKnowledge {
  readonly claims?: Claims;
  /** What the gateway tells of where tokens come from. */
  readonly metadata?: ResourceMetadata;
  /** Whether a check of the claims has found a fault already. */
  readonly isFaulty: boolean;
}

/** Whether the gateway lets the caller in who has this token. */
export async function admits(
  url: URL,
  token: string,
  knowledge: TokenKnowledge,
  signal: AbortSignal,
): Promise<Verdict<true>> {
  const headers = { ...messageHeaders, authorization: `Bearer ${token}` };
  const answer = await ask(url, { method: 'POST', headers, body: pingBody, signal });
  const { status } = answer;
  if (status < 400 || (status === 400 && answer.json.jsonrpc === '2.0')) return ok('the token is accepted', true);
  const challenge = challengeIn(answer);
  const reason = challenge?.description ?? messageOf(answer.json);
  const seen = `${status} ${names[status] ?? ''}`.trim() + (reason && `: ${reason}`);
  if (status === 403) return problem(seen, forbidden(challenge, knowledge.claims));
  if (status === 401) return problem(seen, unauthorized(reason, knowledge));
  return problem(seen, {
    cause: /keys/.test(reason)
      ? 'the gateway cannot fetch the keys of the issuer (auth.jwt_jwks_uri)'
      : 'the gateway or a proxy in front of it is in trouble',
    solution: 'check it from the inside: oci-mcp-gateway doctor where the gateway runs, which asks for the keys itself',
  });
}

const names: Record<number, string> = { 401: 'Unauthorized', 403: 'Forbidden', 503: 'Service Unavailable' };

function unauthorized(reason: string, { claims, metadata, isFaulty }: TokenKnowledge): Advice {
  if (isFaulty) {
    return { cause: 'what the check of the token says', solution: 'correct that first, then run the doctor again' };
  }
  if (/signature/.test(reason)) {
    return {
      cause:
        'the keys of the gateway are not those of the issuer: another jwt_jwks_uri, an old PEM key, or a token of another environment',
      solution: "set auth.jwt_jwks_uri to the jwks_uri of the issuer's discovery document",
    };
  }
  if (/audience|'aud'/.test(reason)) {
    return {
      cause: `the token was asked for another service: its audience is ${claims?.audiences.join(', ') || 'missing'}`,
      solution: `ask for a token for ${metadata?.resource ?? 'the audience of auth.jwt_audience'}, or add that audience to auth.jwt_audience`,
    };
  }
  const servers = metadata?.authorizationServers ?? [];
  const isForeign = claims?.issuer !== undefined && servers.length > 0 && !servers.includes(claims.issuer);
  if (isForeign || /issuer|'iss'/.test(reason)) {
    return {
      cause: `the token comes from ${claims?.issuer ?? 'another issuer'}, and the gateway wants one of ${servers.join(', ') || 'its own issuers'}`,
      solution: 'get the token there, or set auth.jwt_issuer to the "iss" of the token, letter by letter',
    };
  }
  return {
    cause:
      'invalid or expired token, another issuer or audience than the gateway expects, or a proxy in front that checks it, too',
    solution:
      'refresh the token; compare it with auth.jwt_issuer and auth.jwt_audience: oci-mcp-gateway doctor --config FILE where the gateway runs does',
  };
}

function forbidden(challenge: Challenge | undefined, claims: Claims | undefined): Advice {
  if (challenge?.error !== 'insufficient_scope') {
    return {
      cause: 'a firewall or proxy in front refuses the request, or the gateway does not serve this host name',
      solution:
        'look at the log of what is in front of the gateway; set auth.resource_url to the address that clients use',
    };
  }
  const needed = challenge.scopes.join(' ');
  const held = claims ? `; the token has ${claims.scopes.join(' ') || 'none'}` : '';
  return {
    cause: `the token lacks scopes: the gateway asks for ${needed || 'more'}${held}`,
    solution: `ask the authorization server for the scopes ${needed}, and let it grant them to this client; or change auth.required_scopes`,
  };
}
