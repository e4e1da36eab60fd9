import type { z } from 'zod';
import { optional, strict, text } from './field.js';

/** Every place that a key can come from. */
const keyFields = ['key', 'key_env', 'key_file', 'key_secret_id'] as const;

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
    const sources = keyFields.filter((field) => sealing[field]);
    if (sources.length === 1) return;
    const [path, message] =
      sources.length === 0
        ? (['key', `needs ${keyFields.slice(1).join(', ')} or key`] as const)
        : ([sources[1] as string, `${sources[0]} is set too; keep one of them`] as const);
    context.addIssue({ code: 'custom', path: [path], message });
  },
  { when: ({ value }) => typeof value === 'object' && value !== null },
);

/** Where the key for sealing comes from. */
export type SealingConfig = z.output<typeof SealingSchema>;
