import type { z } from 'zod';
import { oneOrMore, optional, secureUrl, strict, text } from './field.js';
import { Algorithms, claimsSchema, PublicKey } from './token-checks.js';

const pem = 'a PEM public key or certificate, or a list of them';

/** One issuer of JWTs. Its tokens are verified with its own keys, audiences and algorithms, and with no others. */
export const IssuerSchema = strict({
  issuer: text().describe('The "iss" claim of its tokens; a slash at the end makes no difference'),
  jwks_uri: optional(secureUrl()).describe('URL of its key set; keys are fetched when first needed and cached'),
  public_key: optional(oneOrMore(pem, PublicKey)).describe(
    'Its PEM public keys or certificates, in place of a key set',
  ),
  public_key_file: optional(text()).describe('Path of a file that holds them'),
  audience: oneOrMore('an audience or a list of them').describe('Accepted "aud" claims; a token needs one of them'),
  algorithms: Algorithms,
  claims: optional(claimsSchema('issuer', 'audience')),
  scope_claim: optional(text()).describe('The claim that holds the scopes. Default: "scope" and "scp"'),
}).superRefine(
  (issuer, context) => {
    const keys = (['jwks_uri', 'public_key', 'public_key_file'] as const).filter((field) => issuer[field]);
    if (keys.length === 1) return;
    const [path, message] =
      keys.length === 0
        ? ['jwks_uri', 'no key verifies its tokens; set jwks_uri, public_key_file or public_key']
        : [keys[1] as string, `only one source of keys can be used, and ${keys[0]} is set too; remove one of them`];
    context.addIssue({ code: 'custom', path: [path], message });
  },
  { when: ({ value }) => typeof value === 'object' && value !== null },
);

/** An issuer, checked and with every default filled in. */
export type IssuerConfig = z.output<typeof IssuerSchema>;

/** What two ways to write an issuer have in common: identity domains put a slash at the end of some, and not of others. */
export function normalIssuer(issuer: string): string {
  return issuer.replace(/\/$/, '');
}
