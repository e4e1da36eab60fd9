import { Token, Tokenization } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';
import { reportFault } from './validation';

interface SecretForm {
  /** What text of this form is, with its article. */
  readonly kind: string;
  readonly pattern: RegExp;
}

/**
 * Forms that only secrets have, wherever they stand.
 * @see https://www.rfc-editor.org/rfc/rfc7519#section-3
 * @see https://www.rfc-editor.org/rfc/rfc7468#section-10
 * @see https://docs.oracle.com/en-us/iaas/Content/Object/Tasks/usingpreauthenticatedrequests.htm
 * @see https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
 */
const forms: readonly SecretForm[] = [
  { kind: 'a JSON Web Token', pattern: /\beyJ[\w-]{8,}\.[\w-]{8,}(\.[\w-]*)+/ },
  { kind: 'a private key', pattern: /-----BEGIN ([A-Z0-9]+ )*PRIVATE KEY( BLOCK)?-----/ },
  { kind: 'a value of an Authorization header', pattern: /\b(bearer|datakey)\s+(?=\S*\d)[\w.~+/=-]{20,}/i },
  { kind: 'a value of an Authorization header', pattern: /\bbasic\s+(?=\S*[A-Z])[A-Za-z0-9+/]{16,}={0,2}(\s|$)/i },
  { kind: 'a URL with a password', pattern: /\b[a-z][a-z0-9+.-]*:\/\/[^\s/?#@:]*:[^\s/?#@]+@/i },
  { kind: 'a connection string with a password', pattern: /(^|\s|")[\w$#]+\/[^\s/@]+@(\/\/)?[\w.-]+:\d+\/[\w.$#]+/ },
  { kind: 'a URL with a key', pattern: /[?&](access_token|api_?key|client_secret|password|sig)=[^&\s]{8,}/i },
  { kind: 'a pre-authenticated request', pattern: /\/\/[\w.-]*objectstorage[\w.-]*\/p\/[\w-]{16,}\/n\// },
  { kind: 'a token of GitHub', pattern: /\b(gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,})/ },
  { kind: 'a token of GitLab', pattern: /\bglpat-[\w-]{20,}/ },
  { kind: 'a key of AWS', pattern: /\b(AKIA|ASIA)[A-Z0-9]{16}\b/ },
  { kind: 'a key of Google', pattern: /\bAIza[\w-]{35}/ },
  { kind: 'a token of Slack', pattern: /\bxox[abeoprs]-[\w-]{10,}/ },
  { kind: 'a key of a model provider', pattern: /\bsk-(?=[\w-]*\d)[\w-]{20,}/ },
  { kind: 'a key of Stripe', pattern: /\b[rs]k_(live|test)_[A-Za-z0-9]{16,}/ },
  { kind: 'a token of npm', pattern: /\bnpm_[A-Za-z0-9]{36}\b/ },
  { kind: 'a token of PyPI', pattern: /\bpypi-[\w-]{50,}/ },
  { kind: 'a token of Docker Hub', pattern: /\bdckr_[a-z]+_[\w-]{20,}/ },
  { kind: 'a token of Hugging Face', pattern: /\bhf_[A-Za-z0-9]{30,}/ },
  { kind: 'a token of HashiCorp Vault', pattern: /\bhv[bsr]\.[\w-]{20,}/ },
];

/** Names whose values are passwords, whatever they look like: `DB_PASSWORD`. */
const passwordName = /(^|_)(password|passwd|passphrase|pwd)$/;

/** Names whose values are secrets, if they look like it: `clientSecret`. Not `tokenUrl`, `secretName` or `maxTokens`. */
const secretName = /(^|_)(secret|token|credentials?|(api|access|auth|data|private|secret|signing)_?key)$/;

/** Values that say where a secret is, or that there is none yet. */
const places = [/^none$/, /^ocid1\./, /^[a-z][a-z0-9+.-]*:\/\//i, /^\.{0,2}\//, /^(<.*>|\{\{.*\}\}|\$\w+)$/, /^$/];

/** Values of secrets' names that no machine made: words and numbers, files, digests, addresses. */
const words = [
  /^([A-Za-z]+\d{0,2}|\d{1,2})([-_.:/ ]([A-Za-z]+\d{0,2}|\d{1,2}))*$/,
  /^[\w./-]+\.[a-z]{2,5}$/i,
  /^sha(256|512):[0-9a-f]+$/,
  /^\d+(\.\d+)*(\/\d+)?$/,
];

/** The least characters of what a machine made. */
const madeLength = 8;

/**
 * What a text known at synth looks like, if it looks like a secret. References in it are left out.
 * @param name Name of the prop or variable that holds it, which tells a password from any other word.
 * @returns `a JSON Web Token`, `a password or a key`; undefined for text that is no secret
 */
export function secretKindOf(text: string, name = ''): string | undefined {
  const literal = text.replace(/\$\{[^}]*\}/g, '');
  const form = forms.find(({ pattern }) => pattern.test(literal));
  if (form !== undefined) return form.kind;
  const [, flag, value] = /^--?([\w-]+)=(.+)$/s.exec(literal) ?? [];
  if (flag !== undefined && value !== undefined) return secretKindOf(value, flag);
  return literal === text && isNamedSecret(literal, snakeCase(name)) ? 'a password or a key' : undefined;
}

function isNamedSecret(value: string, name: string): boolean {
  const matches = (pattern: RegExp) => pattern.test(value);
  if (places.some(matches)) return false;
  if (passwordName.test(name)) return true;
  return secretName.test(name) && value.length >= madeLength && !words.some(matches);
}

/**
 * Reports every text in `props` that looks like a secret, without showing it: it would stand in the synthesized stack and in
 * Terraform's state. Constructs have their own props, and references are no text yet.
 *
 * @example
 * refuseSecrets(this, props);
 * // [Prod/Logs] environment.API_TOKEN: got "text that looks like a JSON Web Token"; allowed: …
 */
export function refuseSecrets(scope: IConstruct, props: object): void {
  for (const { path, kind } of secretsIn(props)) {
    reportFault(scope, {
      prop: path,
      got: `text that looks like ${kind}`,
      allowed: 'references to secrets: their values would land in the state',
      fix: 'put the value into a secret in Vault and pass { secretId, compartmentId } where a secret can go, such as secretEnvironment',
    });
  }
}

/** A text that looks like a secret, and where it stands. */
export interface FoundSecret {
  /** Path of the value: `environment.API_TOKEN`. */
  readonly path: string;
  readonly kind: string;
}

/** Finds every text in a value that looks like a secret: props of a construct, or a block of a synthesized stack. */
export function secretsIn(value: unknown): FoundSecret[] {
  return walk(value, { path: '', name: '' }, new Set());
}

interface Place {
  readonly path: string;
  readonly name: string;
}

function walk(value: unknown, place: Place, seen: Set<object>): FoundSecret[] {
  if (typeof value === 'string') {
    const kind = secretKindOf(value, place.name);
    return kind === undefined ? [] : [{ path: place.path, kind }];
  }
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || seen.has(value)) return [];
  if (Construct.isConstruct(value) || Tokenization.isResolvable(value) || Token.isUnresolved(value)) return [];
  seen.add(value);
  if (Array.isArray(value)) return value.flatMap((member, i) => walk(member, memberPlace(place, value, i), seen));
  return Object.entries(value).flatMap(([key, member]) => {
    const kind = secretKindOf(key);
    if (kind !== undefined) return [{ path: place.path, kind }];
    // A hosting keeps what it was given in a field that nobody who reads the fault knows of.
    const segments = key === 'props' && place.path !== '' ? [place.path] : [place.path, key].filter(Boolean);
    return walk(member, { path: segments.join('.'), name: key }, seen);
  });
}

/** The place of a member of a list. What follows a flag of a command line is its value. */
function memberPlace(list: Place, members: readonly unknown[], i: number): Place {
  const flag = i > 0 ? members[i - 1] : undefined;
  const isFlag = typeof flag === 'string' && /^--?[\w-]+$/.test(flag);
  return { path: `${list.path}[${i}]`, name: isFlag ? flag : list.name };
}

function snakeCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[-.\s]/g, '_')
    .toLowerCase();
}
