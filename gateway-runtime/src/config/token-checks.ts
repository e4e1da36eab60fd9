import * as z from 'zod';
import { oneOrMore, pattern } from './field.js';

/**
 * Signature algorithms a token may use. Only asymmetric ones: the gateway holds a public key, so a shared-secret
 * algorithm would let anybody who knows the public key sign tokens.
 * https://www.rfc-editor.org/rfc/rfc8725#section-3.1
 */
export const jwtAlgorithms = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
] as const;

const Algorithm = z.string({ error: 'the name of a signature algorithm' }).superRefine((name, context) => {
  if ((jwtAlgorithms as readonly string[]).includes(name)) return;
  const allowed = `allowed: ${jwtAlgorithms.join(', ')}`;
  if (name.toLowerCase() === 'none') {
    context.addIssue(`"none" would accept unsigned tokens; ${allowed}`);
  } else if (/^hs\d+$/i.test(name)) {
    context.addIssue(`"${name}" signs with a shared secret, which a public key is not; ${allowed}`);
  } else {
    context.addIssue(`unknown signature algorithm ${JSON.stringify(name.slice(0, 20))}; ${allowed}`);
  }
});

/** Signature algorithms that an issuer uses. */
export const Algorithms = z
  .array(Algorithm, { error: 'a list of signature algorithms' })
  .min(1, { error: 'at least one signature algorithm' })
  .default(['RS256'])
  .describe(`Accepted signature algorithms, of ${jwtAlgorithms.join(', ')}`);

/** Keys of an issuer: one block of PEM, or several that follow each other. */
export const PublicKey = pattern(/^-----BEGIN [A-Z ]+-----/, 'a PEM public key or certificate');

/**
 * Further claims that every token needs.
 *
 * @param issuer Name of the field that says which issuers are accepted.
 * @param audience Name of the field that says which audiences are accepted.
 */
export function claimsSchema(issuer: string, audience: string) {
  const otherwiseChecked = new Map([
    ['iss', `${issuer} says which issuers are accepted`],
    ['aud', `${audience} says which audiences are accepted`],
    ['scope', 'required_scopes and tool_scopes say which scopes are needed'],
    ['scp', 'required_scopes and tool_scopes say which scopes are needed'],
    ...['exp', 'nbf', 'iat'].map((claim) => [claim, 'times are always checked, as jwt_clock_skew allows'] as const),
  ]);
  return z
    .record(z.string().min(1, { error: 'the name of a claim' }), oneOrMore('a value or a list of values'), {
      error: 'an object of claim: [accepted values]',
    })
    .superRefine((claims, context) => {
      for (const claim of Object.keys(claims)) {
        const instead = otherwiseChecked.get(claim);
        if (instead) context.addIssue({ code: 'custom', path: [claim], message: `is not checked here; ${instead}` });
      }
    })
    .describe('Further claims every token needs: { claim: [accepted values] }; each claim must have one of its values');
}
