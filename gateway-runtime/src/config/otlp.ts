import type { z } from 'zod';
import { optional, secureUrl, text } from './field.js';
import { isLoopback } from './loopback.js';
import { choiceOfPlaces, isSetToo, placesOf } from './secret-places.js';

/** What OTLP carries, as the end of an address names it. */
type Signal = 'traces' | 'metrics';

const subjects = { traces: 'spans', metrics: 'metrics' } as const;

/** Fields that say who takes OTLP over HTTP, and with which key. */
export function otlpFields(signal: Signal) {
  const ending = { error: `a URL that ends in /v1/${signal}, as that of an APM domain does` };
  return {
    otlp_url: secureUrl()
      .regex(new RegExp(`^[^?#]*/v1/${signal}$`), ending)
      .describe(`The whole address that takes ${subjects[signal]}, which ends in /v1/${signal}`),
    data_key: optional(text()).describe('Private data key of the APM domain; prefer data_key_env or data_key_file'),
    data_key_env: optional(text()).describe("Variable of the gateway's environment that holds the key"),
    data_key_file: optional(text()).describe('File that holds the key; read again after a 401'),
    data_key_secret_id: optional(text('the OCID of a Vault secret')).describe(
      'OCID of the Vault secret that holds the key; read again after a 401',
    ),
  };
}

type Fields = { readonly [field in keyof ReturnType<typeof otlpFields>]?: string | undefined };

/** Reports a key that is in two places, and one that is nowhere although it is needed. */
export function checkDataKey(fields: Fields, context: z.RefinementCtx): void {
  const [first, second] = placesOf('data_key').filter((field) => fields[field]);
  const fault = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
  if (first && second) fault(second, isSetToo(first));
  if (first || typeof fields.otlp_url !== 'string' || !URL.canParse(fields.otlp_url)) return;
  // A collector beside the gateway asks for no key.
  const { hostname } = new URL(fields.otlp_url);
  if (!isLoopback(hostname.replace(/^\[|\]$/g, ''))) fault('data_key', `needs ${choiceOfPlaces('data_key')}`);
}
