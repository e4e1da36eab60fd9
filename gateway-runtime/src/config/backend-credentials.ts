import * as z from 'zod';
import { optional, pattern, secureUrl, text } from './field.js';
import { headerName, ownHeaders } from './header-names.js';
import { choiceOfPlaces, isSetToo, placesOf } from './secret-places.js';

const secretId = () => text('the OCID of a Vault secret');
const tokenType = () => pattern(/^[a-z][a-z0-9+.-]*:\S+$/i, 'the URI of a token type');

/** What callers' tokens can be called, the first one by default. https://www.rfc-editor.org/rfc/rfc8693#section-3 */
export const subjectTokenTypes = [
  'urn:ietf:params:oauth:token-type:access_token',
  'urn:ietf:params:oauth:token-type:jwt',
] as const;

/** Fields that say what the gateway proves itself to a backend with. */
export const credentialFields = {
  bearer_token: optional(text()).describe('Token for bearer_token; prefer bearer_token_env or bearer_token_file'),
  bearer_token_env: optional(text()).describe("Variable of the gateway's environment that holds the token"),
  bearer_token_file: optional(text()).describe('File that holds the token; read again after a 401'),
  bearer_token_secret_id: optional(secretId()).describe('OCID of the Vault secret that holds the token'),
  api_key: optional(text()).describe('Key for api_key; prefer api_key_env or api_key_file'),
  api_key_env: optional(text()).describe("Variable of the gateway's environment that holds the key"),
  api_key_file: optional(text()).describe('File that holds the key; read again after a 401'),
  api_key_secret_id: optional(secretId()).describe('OCID of the Vault secret that holds the key'),
  api_key_header: pattern(headerName, 'a header name')
    .refine((name) => !ownHeaders.has(name.toLowerCase()), { error: 'this header is set by the gateway; name another' })
    .default('x-api-key')
    .describe('Header that carries the key'),
  token_url: optional(secureUrl()).describe(
    'Where a token is asked for (oauth_client_credentials, token_exchange, autonomous_database)',
  ),
  client_id: optional(text()).describe('OAuth client (oauth_client_credentials, token_exchange)'),
  client_secret: optional(text()).describe('Its secret; prefer client_secret_env or client_secret_file'),
  client_secret_env: optional(text()).describe("Variable of the gateway's environment that holds the secret"),
  client_secret_file: optional(text()).describe('File that holds the secret; read again after a 401'),
  client_secret_secret_id: optional(secretId()).describe('OCID of the Vault secret that holds the secret'),
  scope: optional(text()).describe('Scopes to ask for, separated by spaces (oauth_client_credentials, token_exchange)'),
  audience: optional(text()).describe(
    'Name of the service that a token is for (oauth_client_credentials, token_exchange)',
  ),
  resource: optional(pattern(/^[a-z][a-z0-9+.-]*:[^\s#]+$/i, 'an absolute URI without a fragment')).describe(
    'URI of the service that a token is for; sent only when set (oauth_client_credentials, token_exchange)',
  ),
  client_auth: optional(z.enum(['basic', 'post'], { error: 'basic or post' })).describe(
    'Whether id and secret of the OAuth client are sent by HTTP Basic, the default, or in the body of the request',
  ),
  subject_token_type: optional(z.enum(subjectTokenTypes)).describe("What callers' tokens are called (token_exchange)"),
  requested_token_type: optional(tokenType()).describe('Which kind of token to ask for (token_exchange)'),
  username: optional(text()).describe('User (basic), or database user (autonomous_database)'),
  password: optional(text()).describe('Password; prefer password_env or password_file'),
  password_env: optional(text()).describe("Variable of the gateway's environment that holds the password"),
  password_file: optional(text()).describe('File that holds the password; read again after a 401'),
  password_secret_id: optional(secretId()).describe('OCID of the Vault secret that holds the password'),
};

type Field = keyof typeof credentialFields;

/** A backend as far as these rules look at it. */
interface Configured extends Partial<Record<Field, unknown>> {
  readonly auth_method?: string;
  readonly enabled?: boolean;
  readonly sessions?: string;
}

type ConfiguredField = keyof Configured;

const oauthOptions = ['scope', 'audience', 'resource', 'client_auth'] as const;

interface Method {
  readonly secret: Secret;
  readonly needs: readonly Field[];
  readonly takes: readonly Field[];
}

/** What each method that carries a secret is configured with, besides where the secret is. */
const methods: Record<string, Method> = {
  bearer_token: { secret: 'bearer_token', needs: [], takes: [] },
  api_key: { secret: 'api_key', needs: [], takes: [] },
  basic: { secret: 'password', needs: ['username'], takes: [] },
  oauth_client_credentials: { secret: 'client_secret', needs: ['token_url', 'client_id'], takes: oauthOptions },
  token_exchange: {
    secret: 'client_secret',
    needs: ['token_url', 'client_id'],
    takes: [...oauthOptions, 'subject_token_type', 'requested_token_type'],
  },
  autonomous_database: { secret: 'password', needs: ['token_url', 'username'], takes: [] },
};

/** What is configured may be anything, and a fault elsewhere. */
function methodOf({ auth_method }: Configured): Method | undefined {
  return typeof auth_method === 'string' && Object.hasOwn(methods, auth_method) ? methods[auth_method] : undefined;
}

type Secret = 'bearer_token' | 'api_key' | 'client_secret' | 'password';

/** What is wrong with how a backend is to be given a credential. */
export function* credentialFaults(backend: Configured, overHttp: boolean): Generator<[ConfiguredField, string]> {
  const chosen = methodOf(backend);
  yield* secretFaults(backend, chosen?.secret);
  yield* unusedFields(backend);
  if (!chosen || backend.enabled === false) return;
  const method = `"auth_method": "${backend.auth_method}"`;
  if (!overHttp) {
    yield [
      'auth_method',
      `"${backend.auth_method}" is sent over HTTP; give a child process its secrets in env instead`,
    ];
    return;
  }
  for (const field of chosen.needs.filter((needed) => !backend[needed])) yield [field, `is required with ${method}`];
  if (!placesOf(chosen.secret).some((place) => backend[place])) {
    yield [chosen.secret, `${method} needs ${choiceOfPlaces(chosen.secret)}`];
  }
  const { username } = backend;
  if (backend.auth_method === 'basic' && typeof username === 'string' && /[:\p{Cc}]/u.test(username)) {
    yield ['username', 'a user name for HTTP Basic has no colon and no control characters'];
  }
  if (backend.auth_method === 'token_exchange' && backend.sessions === 'shared') {
    yield ['sessions', `"shared" would let callers share a session, and ${method} keeps them apart; remove the field`];
  }
}

function* secretFaults(backend: Configured, used: Secret | undefined): Generator<[ConfiguredField, string]> {
  for (const secret of new Set(Object.values(methods).map(({ secret }) => secret))) {
    const [first, second] = placesOf(secret).filter((field) => backend[field]);
    if (first && second) yield [second, isSetToo(first)];
    if (first && secret !== used) yield [first, onlyWith((method) => method.secret === secret)];
  }
}

function* unusedFields(backend: Configured): Generator<[ConfiguredField, string]> {
  const usesOf = ({ needs, takes }: Method) => [...needs, ...takes];
  for (const field of new Set(Object.values(methods).flatMap(usesOf))) {
    const chosen = methodOf(backend);
    if (!backend[field] || (chosen && usesOf(chosen).includes(field))) continue;
    yield [field, onlyWith((method) => usesOf(method).includes(field))];
  }
}

function onlyWith(isUser: (method: Method) => boolean): string {
  const users = Object.entries(methods).filter(([, method]) => isUser(method));
  const which = users.map(([name]) => `"${name}"`).join(' or ');
  return `is only used with "auth_method": ${which}; set that or remove the field`;
}
