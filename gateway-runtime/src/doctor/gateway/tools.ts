import { gatewayToolNames } from '../../config/gateway-tools.js';
import { type Connected, request, toolsOf } from '../connect.js';
import { ok, problem, type Verdict } from '../verdict.js';
import { type BackendStatus, backendsIn } from './readiness.js';

/** Whether the caller is offered any tool; if not, why. @returns the names */
export async function offersTools(
  connected: Connected,
  backends: readonly BackendStatus[],
): Promise<Verdict<readonly string[]>> {
  const tools = await toolsOf(connected);
  const own: readonly string[] = gatewayToolNames;
  const count = tools.filter((name) => !own.includes(name)).length;
  if (count > 0) return ok(`offers ${count} tool${count === 1 ? '' : 's'}`, tools);
  return problem(`no tools found${tools.length > 0 ? " but the gateway's own" : ''}`, adviceFor(backends), tools);
}

function adviceFor(backends: readonly BackendStatus[]) {
  if (backends.length === 0) {
    return {
      cause: 'the gateway has no backends, or scopes hide all of their tools from this caller',
      solution:
        'name servers in "backends" or --backends-dir; check "tool_scopes", which releases nothing but what it names, against the scopes of the token',
    };
  }
  if (!backends.some(({ state }) => state === 'connected')) {
    return {
      cause: `no backend is connected: ${backends.map(({ name }) => name).join(', ')}`,
      solution: 'see what is said of each backend; the tool gateway_list_backends says it, too',
    };
  }
  return {
    cause:
      'the connected backends offer none, allowed_tools or denied_tools leave all of them out, or tool_scopes hides them from the scopes of this token',
    solution:
      'compare "tool_scopes" with the scopes of the token: once there is a rule, a tool that none matches is released to nobody; look at "allowed_tools" of each backend',
  };
}

/** What the gateway's own tool says of its backends; `undefined` when this caller is not offered it. */
export async function listBackends(
  { upstream }: Connected,
  tools: readonly string[],
): Promise<BackendStatus[] | undefined> {
  const [, name] = gatewayToolNames;
  if (!tools.includes(name)) return undefined;
  const result = await request(upstream, 'tools/call', { name, arguments: {} }).catch(() => undefined);
  return backendsIn(Object(Object(result).structuredContent).backends);
}
