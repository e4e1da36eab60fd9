import type { Backend } from '../config/backend.js';
import { matchesName } from '../config/name-pattern.js';
import type { View } from '../config/views.js';
import type { CatalogEntry } from './entries.js';

/** Whether a view shows all that a backend offers besides tools: one of single tools shows nothing else. */
export function showsBackend(view: View, backend: Backend): boolean {
  return choosesBackends(view) ? isChosen(view, backend) : view.tools === undefined;
}

/** Whether a view shows a tool. */
export function showsTool(
  view: View,
  { backend, ruledAs, tags }: Pick<CatalogEntry, 'backend' | 'ruledAs' | 'tags'>,
): boolean {
  return (
    (!choosesBackends(view) || isChosen(view, backend.config) || tags.some((tag) => view.tags?.includes(tag))) &&
    matchesNames(view, ruledAs)
  );
}

/** Whether a view shows a tool of the gateway itself, which has no backend. */
export function showsOwnTool(view: View, name: string): boolean {
  return !choosesBackends(view) && matchesNames(view, [name]);
}

function choosesBackends({ backends, tags }: View): boolean {
  return backends !== undefined || tags !== undefined;
}

function isChosen({ backends, tags }: View, backend: Backend): boolean {
  return backends?.includes(backend.name) === true || backend.tags.some((tag) => tags?.includes(tag));
}

function matchesNames({ tools }: View, names: readonly string[]): boolean {
  return tools === undefined || tools.some((pattern) => names.some((name) => matchesName(pattern, name)));
}
