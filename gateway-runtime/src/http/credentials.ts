import type { IncomingMessage } from 'node:http';
import type { Credentials } from '../contracts/identity.js';
import { certificateOf } from './client-certificate.js';

/** What a request brings along to say who makes it. */
export function credentialsOf({ headers, socket }: IncomingMessage): Credentials {
  return { authorization: headers.authorization, certificate: certificateOf(socket), connection: socket };
}

/**
 * What is wrong with the way in which a request carries a token: addresses end up in logs and histories, and of two tokens
 * whatever stands in front may have looked at the other one.
 * https://www.rfc-editor.org/rfc/rfc6750#section-2
 *
 * @returns `undefined` when nothing is.
 */
export function misplacedToken({ url = '', headers, rawHeaders }: IncomingMessage): string | undefined {
  const query = url.indexOf('?');
  if (query >= 0 && new URLSearchParams(url.slice(query)).has('access_token')) {
    return 'a token in the URL is not accepted, and is to be revoked; send it in the Authorization header';
  }
  if (headers.authorization !== undefined && rawHeaders.filter(isAuthorization).length > 1) {
    return 'only one Authorization header is accepted';
  }
  if (/^application\/x-www-form-urlencoded\s*(;|$)/i.test(headers['content-type'] ?? '')) {
    return 'a form is not accepted; send the token in the Authorization header and JSON in the body';
  }
  return undefined;
}

/** Names and values of raw headers take turns. */
function isAuthorization(text: string, index: number): boolean {
  return index % 2 === 0 && text.length === 13 && text.toLowerCase() === 'authorization';
}
