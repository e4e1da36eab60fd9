import { isObject } from '../contracts/json-rpc.js';

/** What stands in place of a secret. */
const hidden = '(hidden)';

/** Fields whose values may be secret, with everything below them. */
const secretFields = /(^|_)(token|tokens|secret|password|key|args|env|headers|credential|credentials)$/;

/** Fields that look so, and say only where a secret is, or what is public. */
const publicFields = /(_env|_file|_id|_uri|_url|_header|_parameter|public_key)$/;

/** A configuration that can be shown: what may be secret is hidden, names and places stay. */
export function withoutSecrets(value: unknown): unknown {
  if (typeof value === 'string') return withoutCredentials(value);
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([field, member]) => [
      field,
      isSecret(field) ? hiddenValues(field, member) : withoutSecrets(member),
    ]),
  );
}

function isSecret(field: string): boolean {
  return secretFields.test(field) && !publicFields.test(field);
}

/** Names of variables and headers may be seen. Static tokens are names themselves. */
function hiddenValues(field: string, value: unknown): unknown {
  if (field === 'static_tokens' && isObject(value)) {
    return Object.values(value).map(withoutSecrets);
  }
  if (typeof value === 'string') return hidden;
  if (Array.isArray(value)) return value.map((member) => hiddenValues('', member));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, hiddenValues('', member)]));
}

/** A URL without its user, its password and the values of its query. */
function withoutCredentials(text: string): string {
  if (!/^\w+:\/\//.test(text) || !URL.canParse(text)) return text;
  const url = new URL(text);
  if (url.username === '' && url.password === '' && url.search === '') return text;
  url.username = '';
  url.password = '';
  for (const name of [...url.searchParams.keys()]) url.searchParams.set(name, hidden);
  return url.href;
}
