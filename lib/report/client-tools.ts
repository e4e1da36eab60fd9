import { matchesTool } from 'oci-mcp-gateway/config';
import type { ToolEntry } from './platform-document';
import { distinct } from './readable';

/** What a client may call. */
export interface ClientTools {
  /** Names of tools, or patterns. */
  readonly tools: readonly string[];
  /** Those among them that another rule asks more for than the client has. */
  readonly except: readonly string[];
}

/**
 * The tools that some scopes open for certain. All rules that match a tool count together, as at the gateway: lists add up, and of
 * all alternatives one is enough. Which tools only read is known when the backends are, so a tool counts when it is open either
 * way; and what a rule asks for besides scopes is nothing that a client has by them.
 */
export function toolsOf(rules: readonly ToolEntry[], held: readonly string[]): ClientTools {
  const isMet = (matching: readonly ToolEntry[]) =>
    (['read', 'write'] as const).every((kind) => isMetBy(matching.filter(({ access = kind }) => access === kind)));
  const isMetBy = (matching: readonly ToolEntry[]) => {
    const needed = matching.flatMap(({ anyOf, scopes }) => (anyOf ? [] : scopes));
    const alternatives = matching.flatMap(({ anyOf, scopes }) => (anyOf ? scopes : []));
    const hasOne = alternatives.length === 0 || alternatives.some((scope) => held.includes(scope));
    const isReleased = matching.length > 0 && matching.every(({ claims }) => claims === undefined);
    return isReleased && hasOne && needed.every((scope) => held.includes(scope));
  };
  // A rule whose pattern matches another pattern as it is written matches every tool of that one.
  const covering = (pattern: string) => rules.filter(({ tool }) => matchesTool(tool, pattern));
  const patterns = distinct(rules.map(({ tool }) => tool));
  const tools = patterns.filter((pattern) => isMet(covering(pattern)));
  const isRefusedAmong = (some: string, pattern: string) =>
    haveCommon(some, pattern) && !isMet([...covering(some), ...covering(pattern)]);
  return { tools, except: patterns.filter((pattern) => tools.some((some) => isRefusedAmong(some, pattern))) };
}

/** The same in words. */
export function callableText(tools: readonly string[], except: readonly string[] = []): string {
  return tools.join(', ') + (except.length > 0 ? `; not ${except.join(', ')}` : '');
}

/** Whether there is a name that two patterns match. */
function haveCommon(one: string, other: string): boolean {
  if (one === '' || other === '') return /^\**$/.test(one + other);
  if (one.startsWith('*')) return haveCommon(one.slice(1), other) || haveCommon(one, other.slice(1));
  if (other.startsWith('*')) return haveCommon(other, one);
  return one[0] === other[0] && haveCommon(one.slice(1), other.slice(1));
}
