import { restPath } from '../config/rest-path.js';

/** What is asked for, by the path of a request. */
export interface Place {
  readonly what: 'tools' | 'tool' | 'openapi' | 'openapi-3.0';
  /** The view that is asked. @default - everything */
  readonly view?: string;
  /** The name of the tool, as the path has it. */
  readonly tool?: string;
}

const below =
  /^\/api\/v1(?:\/views\/(?<view>[\w.~-]+))?\/(?:(?<list>tools)|tools\/(?<tool>[^/]+)|(?<document>openapi(?:-3\.0)?)\.json)$/;

/** Whether a path belongs to the REST API, whatever is there. */
export function isRestPath(path: string): boolean {
  return path === restPath || path.startsWith(`${restPath}/`);
}

/** What is at a path; `undefined` when nothing is. */
export function placeAt(path: string): Place | undefined {
  const groups = below.exec(path)?.groups;
  if (!groups) return undefined;
  const { view, list, tool, document } = groups;
  if (list) return { what: 'tools', view };
  if (document) return { what: document as 'openapi' | 'openapi-3.0', view };
  const name = decoded(tool as string);
  return name === undefined ? undefined : { what: 'tool', view, tool: name };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
