import * as z from 'zod';
import { Scopes } from './access-rules.js';
import { optional, pattern, strict, text } from './field.js';
import { isSetToo } from './secret-places.js';

/** A client that is known by something else than a token of an issuer. */
export const KnownClient = {
  client_id: text('the name of the client').describe('Identity of the caller, as the audit log shows it'),
  scopes: Scopes.default([]).describe('Scopes of the caller; "*" stands for every scope'),
};

/** Who a static token stands for. */
export const StaticTokensSchema = z
  .record(
    z
      .string()
      .min(1, { error: 'a token that is not empty' })
      .regex(/^(?!sha256:)|^sha256:[0-9a-f]{64}$/i, {
        error: 'a token, or "sha256:" and the 64 hexadecimal digits of its hash',
      }),
    strict(KnownClient),
    { error: 'an object of token: { client_id, scopes }' },
  )
  .describe('Static tokens, or sha256:<hash of the token>, and who they stand for: { token: { client_id, scopes } }');

/** The hash that a key of `static_tokens` is, in place of a token. */
export function hashIn(key: string): string | undefined {
  return /^sha256:(.*)$/i.exec(key)?.[1];
}

/** Where the token of a client can be. The token itself has its place in `static_tokens`. */
const places = ['token_env', 'token_file', 'token_secret_id', 'token_sha256'] as const;

/** A client whose static token is not in the configuration. */
export const StaticClientSchema = strict({
  ...KnownClient,
  token_env: optional(text()).describe("Variable of the gateway's environment that holds the token"),
  token_file: optional(text()).describe('File that holds the token; read again every minute'),
  token_secret_id: optional(text('the OCID of a Vault secret')).describe(
    'OCID of the Vault secret that holds the token; read again every minute',
  ),
  token_sha256: optional(pattern(/^[0-9a-f]{64}$/i, '64 hexadecimal digits')).describe('SHA-256 hash of the token'),
}).superRefine(
  (client, context) => {
    const [first, second] = places.filter((field) => client[field]);
    if (first && !second) return;
    const [path, message] =
      first && second
        ? [second, isSetToo(first)]
        : ['token_env', `set ${places.slice(0, -1).join(', ')} or token_sha256`];
    context.addIssue({ code: 'custom', path: [path], message });
  },
  { when: ({ value }) => typeof value === 'object' && value !== null },
);

/** A client whose static token is not in the configuration, checked and with every default filled in. */
export type StaticClientConfig = z.output<typeof StaticClientSchema>;
