import * as z from 'zod';
import { oneOrMore, optional, secureUrl, strict, text } from './field.js';
import { choiceOfPlaces, isSetToo, placesOf } from './secret-places.js';
import { claimsSchema } from './token-checks.js';

const cache = 'a whole number of seconds from 0 to 60';

/** An authorization server that is asked what a token means. https://www.rfc-editor.org/rfc/rfc7662 */
export const IntrospectionSchema = strict({
  url: secureUrl().describe('Its introspection endpoint'),
  client_id: text().describe('OAuth client as which the gateway asks'),
  client_secret: optional(text()).describe('Secret of that client; prefer client_secret_env or client_secret_file'),
  client_secret_env: optional(text()).describe("Variable of the gateway's environment that holds the secret"),
  client_secret_file: optional(text()).describe('File that holds the secret; read again when it is refused'),
  client_secret_secret_id: optional(text('the OCID of a Vault secret')).describe(
    'OCID of the Vault secret that holds the secret; read again when it is refused',
  ),
  audience: oneOrMore('an audience or a list of them').describe('Accepted "aud" members; an answer needs one of them'),
  issuer: optional(text()).describe('Who issues the tokens; an answer that names somebody else is refused'),
  claims: optional(claimsSchema('issuer', 'audience')),
  scope_claim: optional(text()).describe('The member that holds the scopes. Default: "scope" and "scp"'),
  cache_seconds: z
    .int({ error: cache })
    .min(0, { error: cache })
    .max(60, { error: cache })
    .default(30)
    .describe('Seconds for which an answer counts, so that a token revoked meanwhile is still accepted'),
}).superRefine(
  (introspection, context) => {
    const [first, second] = placesOf('client_secret').filter((field) => introspection[field]);
    if (first && !second) return;
    const [path, message] =
      first && second ? [second, isSetToo(first)] : ['client_secret', `needs ${choiceOfPlaces('client_secret')}`];
    context.addIssue({ code: 'custom', path: [path], message });
  },
  { when: ({ value }) => typeof value === 'object' && value !== null },
);

/** Where tokens are looked up, checked and with every default filled in. */
export type IntrospectionConfig = z.output<typeof IntrospectionSchema>;
