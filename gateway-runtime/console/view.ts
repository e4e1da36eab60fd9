import type { Overview } from './api.js';

/** One page of the console. */
export interface View {
  /** What stands in the address after #. */
  readonly name: string;
  readonly title: string;
  /**
   * Shows it.
   * @returns what to do every few seconds with the newest overview. @default - it stays as it is
   */
  show(main: HTMLElement, overview: Overview): Promise<((overview: Overview) => Promise<void> | void) | void>;
}
