import { isObject, type JsonObject } from '../../contracts/json-rpc.js';
import { ask } from '../http.js';
import { ok, problem, type Verdict, warning } from '../verdict.js';

/** A backend as a running gateway sees it. */
export interface BackendStatus {
  readonly name: string;
  /** `connected`, `degraded`, `down` and the like. */
  readonly state: string;
  readonly reason?: string;
  readonly tools?: number;
}

/** How ready the gateway says it is. @returns its backends, as far as it tells */
export async function saysReady(
  url: URL,
  authorization: Record<string, string>,
  signal: AbortSignal,
): Promise<Verdict<readonly BackendStatus[]>> {
  const { status, json } = await ask(`${url.origin}/ready`, { headers: authorization, signal });
  if (typeof json.status !== 'string') {
    return ok(`tells nothing at /ready (HTTP ${status}), which a proxy in front need not pass on`);
  }
  const backends = backendsIn(json.backends);
  const connected = backends.filter(({ state }) => state === 'connected').length;
  const seen = `${json.status}: ${connected} of ${backends.length} backends connected`;
  if (status !== 200) {
    return problem(
      seen,
      {
        cause: 'no backend is connected, so the gateway has nothing to offer and gets no traffic from load balancers',
        solution: 'see what is said of each backend',
      },
      backends,
    );
  }
  const state = isObject(json.state) ? json.state : undefined;
  if (state && state.status !== 'connected') {
    return warning(
      `${seen}; shared state is ${String(state.status)} (${String(state.reason ?? 'no reason')})`,
      {
        cause: 'the Redis or Valkey server of "state" cannot be reached or refuses the gateway',
        solution:
          'run oci-mcp-gateway doctor where the gateway runs, which says why; until then each replica serves its own sessions only',
      },
      backends,
    );
  }
  return ok(seen, backends);
}

/** The backends in an answer of `/ready` or of `gateway_list_backends`. */
export function backendsIn(list: unknown): BackendStatus[] {
  if (!Array.isArray(list)) return [];
  return list.filter(isObject).map(({ name, state, reason, tools }: JsonObject) => ({
    name: String(name),
    state: String(state),
    ...(typeof reason === 'string' && { reason }),
    ...(typeof tools === 'number' && { tools }),
  }));
}
