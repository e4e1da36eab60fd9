import { createHash } from 'node:crypto';
import type { JsonObject } from '../contracts/json-rpc.js';

/**
 * The names that every client of these takes: 64 letters, digits, "_" and "-", which Gemini wants to begin with a letter or "_".
 * https://platform.openai.com/docs/api-reference/chat/create#chat-create-tools
 * https://github.com/anthropics/claude-code/issues/96152 https://github.com/kaitranntt/ccs/issues/25
 */
const form = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/;

/** What may have been made here. */
const madeUp = /_[0-9a-f]{8}$/;

/** A tool under the name that clients use. */
export interface NamedTool {
  /** The name that every client takes, and by which the tool can be called here. */
  readonly name: string;
  /** Its own name. */
  readonly original: string;
  readonly tool: JsonObject;
}

/** A tool that a client does not get, and why. */
export interface LeftOut {
  readonly name: string;
  readonly reason: string;
}

/**
 * The name of a tool that every client takes: its own where it can be, else one with a hash of it, which is the same at every start
 * and every replica.
 *
 * @example
 * clientName('logs_search'); // 'logs_search'
 * clientName('logs.search'); // 'logs_search_3f08d12d'
 */
export function clientName(name: string): string {
  if (form.test(name)) return name;
  const plain = name.replace(/[^A-Za-z0-9_-]+/g, '_').replace(/^(?![A-Za-z_])/, '_');
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${plain.slice(0, 55)}_${hash}`;
}

/** Tools with their names for clients. One whose name would be that of another is left out, so that a name means one tool. */
export function named(tools: readonly JsonObject[]): { tools: NamedTool[]; leftOut: LeftOut[] } {
  const own = new Set(tools.map(({ name }) => String(name)));
  const taken = new Set<string>();
  const given: NamedTool[] = [];
  const leftOut: LeftOut[] = [];
  for (const tool of tools) {
    const original = String(tool.name);
    const name = clientName(original);
    if (taken.has(name) || (name !== original && own.has(name))) {
      leftOut.push({ name: original, reason: `another tool is called ${name}` });
      continue;
    }
    taken.add(name);
    given.push({ name, original, tool });
  }
  return { tools: given, leftOut };
}

/** Whether a name may be one that was made here, so that it is worth a look which tool has it. */
export function mayBeMadeUp(name: string): boolean {
  return madeUp.test(name);
}

/** The tool's own name for one that a client got here. */
export function originalOf(name: string, tools: readonly JsonObject[]): string {
  if (tools.some((tool) => tool.name === name)) return name;
  const meant = tools.find((tool) => clientName(String(tool.name)) === name);
  return meant === undefined ? name : String(meant.name);
}
