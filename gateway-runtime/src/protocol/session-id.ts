import { randomBytes } from 'node:crypto';

/** An id for a session: 192 random bits. It must not be guessed, though it alone gives no access. */
export function newSessionId(): string {
  return randomBytes(24).toString('base64url');
}

/** Whether a text has the form of such an id. */
export function isSessionId(text: string): boolean {
  return /^[\w-]{32}$/.test(text);
}
