/** How a backend is doing: `degraded` is connected, but what was last asked of it failed. */
export const backendStates = ['connecting', 'connected', 'degraded', 'down'] as const;

/** How a backend is doing. */
export type BackendState = (typeof backendStates)[number];

/** Whether a backend in this state is called. */
export function isUp(state: BackendState): boolean {
  return state === 'connected' || state === 'degraded';
}
