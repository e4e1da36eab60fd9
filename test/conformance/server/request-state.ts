import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { type Json, Refusal } from './call';

const key = randomBytes(32);
const signature = (payload: string) => createHmac('sha256', key).update(payload).digest('base64url');

/** A state to hand out: readable, but not to be changed. */
export function sealState(state: Json): string {
  const payload = Buffer.from(JSON.stringify({ ...state, nonce: randomBytes(8).toString('hex') })).toString(
    'base64url',
  );
  return `${payload}.${signature(payload)}`;
}

/** A state that came back. @throws Refusal for one that is not as it was handed out */
export function openState(sealed: string): Json {
  const [payload = '', given = ''] = sealed.split('.');
  const [expected, actual] = [Buffer.from(signature(payload)), Buffer.from(given)];
  if (expected.length !== actual.length || !timingSafeEqual(expected, actual)) {
    throw new Refusal(-32602, 'the request state was changed');
  }
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as Json;
}
