import { EventEmitter } from 'node:events';

/**
 * Tells whoever works on a request that its answer is not wanted any more. An AbortSignal says the same, and costs each request
 * more than reading its answer does.
 */
export class Abandonment extends EventEmitter {
  aborted = false;

  abort(): void {
    if (this.aborted) return;
    this.aborted = true;
    this.emit('abort');
  }
}

/** The same for those who take nothing else. */
export function toAbortSignal(end: AbortSignal | Abandonment | undefined): AbortSignal | undefined {
  if (!(end instanceof Abandonment)) return end;
  const controller = new AbortController();
  if (end.aborted) controller.abort();
  else end.once('abort', () => controller.abort());
  return controller.signal;
}
