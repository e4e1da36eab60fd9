import type { Backend } from '../../config/backend.js';
import { matchesTool } from '../../config/index.js';
import { type Connected, toolsOf } from '../connect.js';
import { ok, type Verdict, warning } from '../verdict.js';

/** Whether a backend offers tools, and its configuration lets clients see any. */
export async function listsTools(backend: Backend, connected: Connected): Promise<Verdict> {
  const { allowed_tools: allowed, denied_tools: denied } = backend;
  const names = await toolsOf(connected);
  if (names.length === 0) {
    return warning('no tools found', {
      cause: 'the server offers none, or none to the identity that the gateway has there',
      solution: 'look at its log; a server that registers tools late should say that its list has changed',
    });
  }
  const isExposed = (name: string) =>
    (!allowed || allowed.some((pattern) => matchesTool(pattern, name))) &&
    !denied.some((pattern) => matchesTool(pattern, name));
  const exposed = names.filter(isExposed);
  const vain = allowed?.filter((pattern) => !names.some((name) => matchesTool(pattern, name))) ?? [];
  const seen = `${exposed.length} of ${names.length} tools exposed`;
  if (exposed.length > 0 && vain.length === 0) return ok(seen);
  return warning(vain.length > 0 ? `${seen}; allowed_tools names ${vain.join(', ')}, which it does not offer` : seen, {
    cause:
      "allowed_tools and denied_tools take the server's own names of the tools, without a prefix; or another version of the server runs",
    solution: `correct them; it offers ${names.slice(0, 20).join(', ')}`,
  });
}
