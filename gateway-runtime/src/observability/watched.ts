import type { BackendState } from '../contracts/backend-state.js';

/** What is looked at when somebody asks, and not counted. */
export interface Watched {
  readonly backends: readonly { readonly name: string; readonly state: BackendState }[];
  readonly sessionCount: number;
  /** Requests of clients that wait for their answers. */
  readonly inFlight: number;
}
