import * as z from 'zod';
import { optional, pattern, strict, text } from './field.js';
import { isLoopback } from './loopback.js';
import { choiceOfPlaces, isSetToo, placesOf } from './secret-places.js';

/** A host and nothing else: neither a user nor a number of a database. */
const form = /^rediss?:\/\/([^\s/@?#:[\]]+|\[[0-9a-f:]+\])(:\d{1,5})?\/?$/i;

const expected = 'a URL such as "rediss://cache.example:6379": a host, a port and nothing else';

/** Where replicas of one gateway share what they know of sessions: a Redis or Valkey server. */
export const StateSchema = strict({
  url: pattern(form, expected)
    .refine((url) => URL.canParse(url), { error: `expected ${expected}` })
    .describe('Redis or Valkey server; rediss is Redis over TLS'),
  username: optional(text()).describe('User to log in as; without one, the server takes its user "default"'),
  password: optional(text()).describe('Password; prefer password_env or password_file'),
  password_env: optional(text()).describe("Variable of the gateway's environment that holds the password"),
  password_file: optional(text()).describe('File that holds the password; read again when it is refused'),
  password_secret_id: optional(text('the OCID of a Vault secret')).describe(
    'OCID of the Vault secret that holds the password; read again when it is refused',
  ),
  allow_plain_text: z
    .boolean({ error: 'true or false' })
    .default(false)
    .describe('Permit redis:// to other machines: sessions and the password travel unencrypted'),
}).superRefine(
  (state, context) => {
    const fault = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    const [first, second] = placesOf('password').filter((field) => state[field]);
    if (first && second) fault(second, isSetToo(first));
    if (state.username && !first) fault('username', `needs ${choiceOfPlaces('password')}`);
    if (typeof state.url !== 'string' || !/^redis:/i.test(state.url) || state.allow_plain_text === true) return;
    if (
      form.test(state.url) &&
      URL.canParse(state.url) &&
      !isLoopback(new URL(state.url).hostname.replace(/^\[|\]$/g, ''))
    ) {
      fault('url', 'is not encrypted; use rediss://, or say "allow_plain_text": true');
    }
  },
  { when: ({ value }) => typeof value === 'object' && value !== null },
);

/** Where replicas share sessions, checked and with every default filled in. */
export type StateConfig = z.output<typeof StateSchema>;
