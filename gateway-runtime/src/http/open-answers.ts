import type { ServerResponse } from 'node:http';
import { LinkedList } from '../protocol/linked-list.js';

/** Answers that are not finished yet. */
export class OpenAnswers {
  readonly #open = new LinkedList<ServerResponse>();
  #areLast = false;

  /** @returns what to call when the answer is finished */
  begin(response: ServerResponse): { remove(): void } {
    if (this.#areLast) endConnectionWith(response);
    return this.#open.add(response);
  }

  /** From now on every answer is the last one on its connection, so that clients come back over others, to other replicas. */
  beLast(): void {
    this.#areLast = true;
    for (const response of this.#open.items()) endConnectionWith(response);
  }
}

function endConnectionWith(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('connection', 'close');
}
