/** Says when nobody waits for an answer any more. Every AbortSignal does. */
export interface Abortable {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

const none: readonly (() => void)[] = [];

/**
 * Tells whoever works on a request that nobody waits for its answer any more. An AbortController does the same, and costs each
 * request more than reading its answer.
 */
export class Cancellation implements Abortable {
  #aborted = false;
  /** Most have one listener at most. */
  #first: (() => void) | undefined;
  #others: readonly (() => void)[] = none;

  get aborted(): boolean {
    return this.#aborted;
  }

  abort(): void {
    if (this.#aborted) return;
    this.#aborted = true;
    const [first, others] = [this.#first, this.#others];
    this.#first = undefined;
    this.#others = none;
    first?.();
    for (const listener of others) listener();
  }

  addEventListener(_: 'abort', listener: () => void): void {
    if (this.#first === undefined && this.#others.length === 0) this.#first = listener;
    else this.#others = [...this.#others, listener];
  }

  removeEventListener(_: 'abort', listener: () => void): void {
    if (this.#first === listener) this.#first = undefined;
    else if (this.#others.length > 0) this.#others = this.#others.filter((other) => other !== listener);
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
