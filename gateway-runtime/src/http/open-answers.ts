import type { ServerResponse } from 'node:http';

/** Answers that are not finished yet. */
export class OpenAnswers {
  readonly #open = new Set<ServerResponse>();
  #areLast = false;

  begin(response: ServerResponse): void {
    this.#open.add(response);
    if (this.#areLast) endConnectionWith(response);
  }

  end(response: ServerResponse): void {
    this.#open.delete(response);
  }

  /** From now on every answer is the last one on its connection, so that clients come back over others, to other replicas. */
  beLast(): void {
    this.#areLast = true;
    for (const response of this.#open) endConnectionWith(response);
  }
}

function endConnectionWith(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('connection', 'close');
}
