/** What the workers are told to do. */
export type Order = 'reload' | 'toggle debug' | 'end' | 'end now';

/** What the supervisor and its workers say to each other. */
export type WorkerMessage = { readonly order: Order; readonly reason?: string } | { readonly relayed: string };

/** Variables with which a worker is told its place. */
export const placeVariables = { number: 'GATEWAY_WORKER', key: 'GATEWAY_WORKER_KEY' } as const;
