import { adviceFor } from '../reasons.js';
import { ok, problem, type Verdict, warning } from '../verdict.js';
import type { BackendStatus } from './readiness.js';

/** What the running gateway says of one of its backends. */
export function stateOf({ state, reason, tools }: BackendStatus): Verdict {
  const why = reason ? `: ${reason}` : '';
  if (state === 'connected') {
    const seen = `connected${tools === undefined ? '' : `, ${tools} tool${tools === 1 ? '' : 's'}`}`;
    if (tools !== 0) return ok(seen + why);
    return warning(seen, {
      cause: 'the server offers none, or none to the identity that the gateway has there',
      solution: 'list its tools without the gateway; look at the roles of that identity',
    });
  }
  if (state === 'connecting') {
    const cause = 'the gateway has just started, or the server starts slowly';
    return warning(`connecting${why}`, { cause, solution: 'run the doctor again in a few seconds' });
  }
  if (reason === undefined) {
    return problem(state, {
      cause: 'the gateway tells the reason to callers with a token only',
      solution: 'give a token (MCP_GATEWAY_TOKEN), or look for "backend is down" in the log of the gateway',
    });
  }
  const advice = adviceFor(reason);
  return state === 'degraded' ? warning(`${state}${why}`, advice) : problem(`${state}${why}`, advice);
}
