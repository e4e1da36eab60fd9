import { optional, strict, text } from './field.js';
import { choiceOfPlaces, isSetToo, placesOf } from './secret-places.js';

/** Fewer characters could be guessed. */
const leastCharacters = 32;

/** The key with which the gateway seals what clients keep for it between two requests. Replicas need the same one. */
export const SealingSchema = strict({
  key: optional(text().min(leastCharacters, { error: `at least ${leastCharacters} characters` })).describe(
    'The key, at least 32 random characters; prefer key_env or key_file',
  ),
  key_env: optional(text()).describe("Variable of the gateway's environment that holds the key"),
  key_file: optional(text()).describe('File that holds the key'),
  key_secret_id: optional(text('the OCID of a Vault secret')).describe('OCID of the Vault secret that holds the key'),
}).superRefine(
  (sealing, context) => {
    const [first, second] = placesOf('key').filter((field) => sealing[field]);
    if (first && !second) return;
    const [path, message] = first && second ? [second, isSetToo(first)] : ['key', `needs ${choiceOfPlaces('key')}`];
    context.addIssue({ code: 'custom', path: [path], message });
  },
  { when: ({ value }) => typeof value === 'object' && value !== null },
);
