import type { Dispatcher } from 'undici';
import { EventParser, type ServerSentEvent } from './event-stream.js';

/** The events of an answer, one after the other. */
export class AnswerStream {
  readonly #controller: Dispatcher.DispatchController;
  #parser: EventParser | undefined;
  /** What came before somebody read. */
  #early: Buffer[] = [];
  /** Settles `read`. */
  #done: { resolve(): void; reject(error: unknown): void } | undefined;
  #outcome: { error?: unknown } | undefined;

  constructor(controller: Dispatcher.DispatchController) {
    this.#controller = controller;
  }

  /**
   * Reads to the end. To be called once.
   * @throws whatever the connection fails with, UpstreamError when an event is too large, or what `onEvent` throws, in the promise
   */
  read(onEvent: (event: ServerSentEvent) => void): Promise<void> {
    this.#parser = new EventParser(onEvent);
    return new Promise((resolve, reject) => {
      this.#done = { resolve, reject };
      for (const chunk of this.#early) this.push(chunk);
      this.#early = [];
      if (this.#outcome) this.#settle(this.#outcome);
      else this.#controller.resume();
    });
  }

  /** Lets go of it: a stream that nobody reads would keep its connection. */
  end(): void {
    this.#settle({});
    this.#controller.abort(new DOMException('This operation was aborted', 'AbortError'));
  }

  /** More of it came. */
  push(chunk: Buffer): void {
    if (!this.#parser) {
      this.#early.push(chunk);
      this.#controller.pause();
      return;
    }
    try {
      this.#parser.push(chunk);
    } catch (error) {
      this.#settle({ error });
      this.#controller.abort(error as Error);
    }
  }

  /** Its end came. */
  ended(): void {
    this.#settle({});
  }

  /** It broke. */
  failed(error: unknown): void {
    this.#settle({ error });
  }

  /** The first outcome counts. */
  #settle(outcome: { error?: unknown }): void {
    this.#outcome ??= outcome;
    if (!this.#done) return;
    if ('error' in this.#outcome) this.#done.reject(this.#outcome.error);
    else this.#done.resolve();
  }
}
