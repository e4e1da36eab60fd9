/** Says when nobody waits for an answer any more. Every AbortSignal does. */
export interface Abortable {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/**
 * Tells whoever works on a request that nobody waits for its answer any more. An AbortController does the same, and costs each
 * request more than reading its answer.
 */
export class Cancellation implements Abortable {
  #aborted = false;
  #listeners: readonly (() => void)[] = [];

  get aborted(): boolean {
    return this.#aborted;
  }

  abort(): void {
    if (this.#aborted) return;
    this.#aborted = true;
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener();
  }

  addEventListener(_: 'abort', listener: () => void): void {
    this.#listeners = [...this.#listeners, listener];
  }

  removeEventListener(_: 'abort', listener: () => void): void {
    this.#listeners = this.#listeners.filter((other) => other !== listener);
  }
}

/** The same for those who take nothing else. */
export function toAbortSignal(abortable: Abortable): AbortSignal {
  if (abortable instanceof AbortSignal) return abortable;
  const controller = new AbortController();
  if (abortable.aborted) controller.abort();
  else abortable.addEventListener('abort', () => controller.abort());
  return controller.signal;
}
