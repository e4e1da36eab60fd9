import type { HttpAnswer } from '../outgoing/http-answer.js';

/** An answer of a service, in one piece. */
export interface ServiceAnswer extends Omit<HttpAnswer, 'body'> {
  readonly body: Buffer;
}
