import type { HttpBackend } from '../config/backend.js';
import type { OutboundHeaders } from '../contracts/identity.js';
import type { ServiceAnswer } from './service-answer.js';

/** Characters below which a text is too common to be looked for. */
const shortest = 8;

const hidden = '[hidden]';

/** Headers that prove something, and are no secret. */
const publicName = /^(host|date|x-date|content-.*|x-content-.*)$/;

/** Configured headers that hold secrets. */
const secretName = /auth|key|token|secret|cookie|passw/i;

/** What is configured for a backend and is nobody's business. */
export function configuredSecrets({ url, headers }: HttpBackend): string[] {
  const { username, password } = new URL(url);
  const basic = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
  const named = Object.entries(headers).filter(([name]) => secretName.test(name));
  return [password, basic, ...named.map(([, value]) => value)];
}

/** An answer without the credentials that it repeats: some services tell what they were asked, with all headers. */
export function withoutSecrets(
  answer: ServiceAnswer,
  proof: OutboundHeaders,
  configured: readonly string[],
): ServiceAnswer {
  const proving = Object.entries(proof).filter(([name]) => !publicName.test(name));
  const secrets = [...proving.map(([, value]) => value), ...configured];
  const words = secrets.flatMap((value) => [value, value.replace(/^\w+ /, '')]);
  const known = [...new Set(words.flatMap((word) => [word, word.replaceAll('/', '\\/')]))];
  const repeated = known.filter((word) => word.length >= shortest && answer.body.includes(word));
  if (repeated.length === 0) return answer;
  const body = repeated
    .sort((a, b) => b.length - a.length)
    .reduce((text, word) => text.replaceAll(word, hidden), answer.body.toString('latin1'));
  return { ...answer, body: Buffer.from(body, 'latin1') };
}
