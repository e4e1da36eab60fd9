import * as z from 'zod';
import { PromptScopesSchema, ResourceScopesSchema, Scopes, scopeForm, ToolScopesSchema } from './access-rules.js';
import { ClientCertificatesSchema } from './client-certificates.js';
import { oneOrMore, optional, pattern, secureUrl, strict, text, webUrl } from './field.js';
import { IntrospectionSchema } from './introspection.js';
import { IssuerSchema, normalIssuer } from './issuer.js';
import { ScopeHierarchySchema } from './scope-hierarchy.js';
import { StaticClientSchema, StaticTokensSchema } from './static-clients.js';
import { Algorithms, claimsSchema, PublicKey } from './token-checks.js';

const servers = 'an http or https URL or a list of them';
const clockSkew = 'a whole number of seconds from 0 to 120';

/** How callers prove who they are. Enabled unless switched off. */
export const AuthSchema = strict({
  enabled: z
    .boolean({ error: 'true or false' })
    .default(true)
    .describe('Ask every caller for a token. false accepts unauthenticated calls'),
  issuers: z
    .array(IssuerSchema, { error: 'a list of issuers' })
    .default([])
    .describe('Issuers of JWTs, each with keys and audiences of its own, besides the one of the jwt_ fields'),
  jwt_public_key_file: optional(text()).describe(
    'Path of the PEM public key or certificate that verifies JWTs; several may follow each other',
  ),
  jwt_public_key: optional(PublicKey).describe('The PEM public key or certificate itself'),
  jwt_jwks_uri: optional(secureUrl()).describe(
    'URL of the key set that verifies JWTs; keys are fetched when first needed and cached',
  ),
  jwt_issuer: optional(oneOrMore('an issuer or a list of them')).describe(
    'Accepted "iss" claims; a slash at the end makes no difference',
  ),
  jwt_audience: optional(oneOrMore('an audience or a list of them')).describe(
    'Accepted "aud" claims; a token needs one of them. Required with JWT',
  ),
  jwt_algorithms: Algorithms,
  jwt_clock_skew: z
    .int({ error: clockSkew })
    .min(0, { error: clockSkew })
    .max(120, { error: clockSkew })
    .default(30)
    .describe('Seconds by which the clocks of issuer and gateway may differ'),
  jwt_claims: optional(claimsSchema('jwt_issuer', 'jwt_audience')),
  introspection: optional(IntrospectionSchema).describe('Where tokens are looked up that are no JWT of a known issuer'),
  static_tokens: StaticTokensSchema.nullable()
    .transform((tokens) => tokens ?? {})
    .default({}),
  static_tokens_file: optional(text()).describe('Path of a JSON file with more static tokens, same shape'),
  static_clients: z
    .array(StaticClientSchema, { error: 'a list of clients' })
    .default([])
    .describe('Clients with a static token that is kept elsewhere'),
  client_certificates: ClientCertificatesSchema.default({}),
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
    const known = new Map<string, string>();
    const claim = (issuer: unknown, where: string): string | undefined => {
      if (typeof issuer !== 'string') return undefined;
      const first = known.get(normalIssuer(issuer));
      if (first === undefined) known.set(normalIssuer(issuer), where);
      return first;
    };
    for (const issuer of [auth.jwt_issuer].flat()) claim(issuer, 'jwt_issuer');
    for (const [index, named] of [auth.issuers].flat().entries()) {
      const first = claim(named?.issuer, `issuers[${index}]`);
      if (first === undefined) continue;
      const message = `is also in ${first}; each issuer has its keys in one place`;
      context.addIssue({ code: 'custom', path: ['issuers', index, 'issuer'], message });
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

/** What `auth` says, checked and with every default filled in. */
export type AuthConfig = z.output<typeof AuthSchema>;

/** Whether there is anything by which callers could prove who they are. */
export function canVerify(auth: AuthConfig): boolean {
  return (
    (auth.jwt_jwks_uri ?? auth.jwt_public_key ?? auth.introspection) !== undefined ||
    auth.issuers.length > 0 ||
    auth.static_clients.length > 0 ||
    Object.keys(auth.static_tokens).length > 0 ||
    Object.keys(auth.client_certificates).length > 0
  );
}

/** Everybody whose tokens are accepted, as tokens name them. */
export function issuersOf({ jwt_issuer = [], issuers, introspection }: AuthConfig): readonly string[] {
  return [...jwt_issuer, ...issuers.map(({ issuer }) => issuer), introspection?.issuer ?? []].flat();
}

/** Where clients get tokens: the servers that are named, else the issuers; each once, however it is written. */
export function authorizationServersOf(auth: AuthConfig): readonly string[] {
  if (auth.authorization_servers) return auth.authorization_servers;
  const all = issuersOf(auth);
  // The issuer of a token may be any text, a server to go to is a URL.
  const urls = all.filter((issuer) => /^https?:/i.test(issuer) && URL.canParse(issuer));
  return urls.filter((url, index) => urls.findIndex((other) => normalIssuer(other) === normalIssuer(url)) === index);
}
