import { z } from 'zod';
import { PromptScopesSchema, ResourceScopesSchema, Scopes, scopeForm, ToolScopesSchema } from './access-rules.js';
import { oneOrMore, optional, pattern, secureUrl, strict, text, webUrl } from './field.js';
import { ScopeHierarchySchema } from './scope-hierarchy.js';

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

const servers = 'an http or https URL or a list of them';
const clockSkew = 'a whole number of seconds from 0 to 120';

/** Claims that have a field of their own or are always checked. */
const otherwiseChecked = new Map([
  ['iss', 'jwt_issuer says which issuers are accepted'],
  ['aud', 'jwt_audience says which audiences are accepted'],
  ['scope', 'required_scopes and tool_scopes say which scopes are needed'],
  ['scp', 'required_scopes and tool_scopes say which scopes are needed'],
  ...['exp', 'nbf', 'iat'].map((claim) => [claim, 'times are always checked, as jwt_clock_skew allows'] as const),
]);

const Claims = z
  .record(z.string().min(1, { error: 'the name of a claim' }), oneOrMore('a value or a list of values'), {
    error: 'an object of claim: [accepted values]',
  })
  .superRefine((claims, context) => {
    for (const claim of Object.keys(claims)) {
      const instead = otherwiseChecked.get(claim);
      if (instead) context.addIssue({ code: 'custom', path: [claim], message: `is not checked here; ${instead}` });
    }
  });

/** Who a static token stands for. */
export const StaticTokensSchema = z
  .record(
    z.string().min(1, { error: 'a token that is not empty' }),
    strict({
      client_id: text('the name of the client').describe('Identity of the caller, as the audit log shows it'),
      scopes: Scopes.default([]).describe('Scopes of the caller; "*" stands for every scope'),
    }),
    { error: 'an object of token: { client_id, scopes }' },
  )
  .describe('Static tokens and who they stand for: { token: { client_id, scopes } }');

/** How callers prove who they are. Enabled unless switched off. */
export const AuthSchema = strict({
  enabled: z
    .boolean({ error: 'true or false' })
    .default(true)
    .describe('Ask every caller for a token. false accepts unauthenticated calls'),
  jwt_public_key_file: optional(text()).describe('Path of the PEM public key or certificate that verifies JWTs'),
  jwt_public_key: optional(pattern(/^-----BEGIN [A-Z ]+-----/, 'a PEM public key or certificate')).describe(
    'The PEM public key or certificate itself',
  ),
  jwt_jwks_uri: optional(secureUrl()).describe(
    'URL of the key set that verifies JWTs; keys are fetched when first needed and cached',
  ),
  jwt_issuer: optional(oneOrMore('an issuer or a list of them')).describe('Accepted "iss" claims, compared exactly'),
  jwt_audience: optional(oneOrMore('an audience or a list of them')).describe(
    'Accepted "aud" claims; a token needs one of them. Required with JWT',
  ),
  jwt_algorithms: z
    .array(Algorithm, { error: 'a list of signature algorithms' })
    .min(1, { error: 'at least one signature algorithm' })
    .default(['RS256'])
    .describe(`Accepted signature algorithms, of ${jwtAlgorithms.join(', ')}`),
  jwt_clock_skew: z
    .int({ error: clockSkew })
    .min(0, { error: clockSkew })
    .max(120, { error: clockSkew })
    .default(30)
    .describe('Seconds by which the clocks of issuer and gateway may differ'),
  jwt_claims: optional(Claims).describe(
    'Further claims every token needs: { claim: [accepted values] }; each claim must have one of its values',
  ),
  static_tokens: StaticTokensSchema.nullable()
    .transform((tokens) => tokens ?? {})
    .default({}),
  static_tokens_file: optional(text()).describe('Path of a JSON file with more static tokens, same shape'),
  required_scopes: Scopes.default([]).describe('Scopes every caller needs'),
  tool_scopes: ToolScopesSchema.default({}).describe(
    'What a tool needs besides required_scopes, by the name clients see, in which * stands for any characters: a list of ' +
      'scopes that are all needed, or { all_of, any_of, claims, read, write }. Once there is a rule, a tool that none ' +
      'matches is denied',
  ),
  prompt_scopes: PromptScopesSchema.default({}).describe(
    'The same for prompts, by the name clients see, without read and write',
  ),
  resource_scopes: ResourceScopesSchema.default({}).describe(
    'The same for resources, by their URI, and for templates, by their text',
  ),
  scope_hierarchy: ScopeHierarchySchema.default({}).describe(
    'Scopes that hold others: { broad: [narrow] }; whoever has the broad one has what it holds, and what that holds',
  ),
  cors_origins: z
    .array(text('an origin such as "https://app.example" or "*"'), { error: 'a list of origins' })
    .default([])
    .describe('Browser origins that may call, besides the gateway itself; ["*"] allows all'),
  resource_url: optional(webUrl()).describe(
    'Public URL of the MCP endpoint, published as the protected resource (RFC 9728)',
  ),
  authorization_servers: optional(oneOrMore(servers, webUrl(servers))).describe(
    'Where clients get tokens, as the protected resource tells them; the issuers unless said otherwise',
  ),
  scope_prefix: optional(pattern(scopeForm, 'the beginning of a scope')).describe(
    'What clients have to put in front of a scope when they ask for it, and tokens do not carry',
  ),
}).superRefine(
  (auth, context) => {
    const fault = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    const keys = (['jwt_jwks_uri', 'jwt_public_key', 'jwt_public_key_file'] as const).filter((field) => auth[field]);
    if (keys.length > 1) {
      fault(keys[1] as string, `only one source of keys can be used, and ${keys[0]} is set too; remove one of them`);
    }
    if (keys.length > 0 && !auth.jwt_audience) {
      fault(
        'jwt_audience',
        'JWT auth without an audience accepts tokens meant for other services; set it, for example "mcp"',
      );
    }
    if (keys.length === 0) {
      for (const field of ['jwt_issuer', 'jwt_audience', 'jwt_claims'] as const) {
        if (auth[field]) {
          fault(field, 'no key verifies JWTs; set jwt_jwks_uri, jwt_public_key_file or jwt_public_key as well');
        }
      }
    }
  },
  { when: ({ value }) => typeof value === 'object' && value !== null },
);
