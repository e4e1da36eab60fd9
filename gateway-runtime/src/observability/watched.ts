/** States of a backend in which it is called. */
const usable = ['connected', 'degraded'];

/** What is looked at when somebody asks, and not counted. */
export interface Watched {
  readonly backends: readonly { readonly name: string; readonly state: string }[];
  readonly sessionCount: number;
  /** Requests of clients that wait for their answers. */
  readonly inFlight: number;
}

/** Whether a backend in this state is called. */
export function isUp(state: string): boolean {
  return usable.includes(state);
}
