import type { ReloadStatus } from '../contracts/reload-status.js';
import type { Readiness } from '../http/listener.js';
import type { Router } from '../routing/router.js';
import type { RedisConnection } from '../state/redis-connection.js';
import type { Phase } from './shutdown.js';

/** What readiness is made of. */
export interface Observed {
  readonly phase: Phase;
  readonly router: Router;
  readonly reloads: ReloadStatus;
  /** Absent where nothing is shared. */
  readonly shared?: Pick<RedisConnection, 'fault'>;
}

/**
 * Ready is who serves and reaches a backend, or has none. A gateway without its shared state serves the clients it knows: it
 * stays ready, since all replicas would leave at once.
 */
export function readinessOf({ phase, router, reloads, shared }: Observed): Readiness {
  const { backends, collisions } = router;
  const reachesSome = backends.length === 0 || backends.some(({ health }) => health.isUp);
  const ready = phase === 'serving' && reachesSome;
  const unready = phase === 'serving' ? 'unavailable' : 'shutting down';
  const status = ready ? 'ready' : unready;
  return {
    ready,
    summary: { status, backends: backends.map(({ name, state }) => ({ name, state })) },
    details: {
      status,
      backends: backends.map(({ name, health, config, lists }) => ({
        name,
        ...health.report(),
        transport: config.transport,
        ...(health.isUp && { tools: lists.tools.items.length }),
      })),
      collisions,
      ...(reloads.faults.length > 0 && { configuration_faults: reloads.faults }),
      ...(shared && {
        state: shared.fault === undefined ? { status: 'connected' } : { status: 'down', reason: shared.fault },
      }),
    },
  };
}
