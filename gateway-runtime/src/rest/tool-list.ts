import { latestLegacyVersion } from '../config/versions.js';
import type { ClientProfile } from '../contracts/client.js';
import { isObject, type JsonObject } from '../contracts/json-rpc.js';
import type { Dispatcher, RequestContext } from '../contracts/session.js';

/** What a client over REST can do: nothing but call. */
export const restClient: ClientProfile = { era: 'legacy', version: latestLegacyVersion, capabilities: {} };

/** One page of tools. */
export interface ToolPage {
  readonly tools: readonly JsonObject[];
  readonly nextCursor?: string;
}

/** The tools that a caller may see, page by page. @throws {RpcError} for a cursor that nobody gave */
export async function pageOfTools(dispatcher: Dispatcher, context: RequestContext, cursor?: string): Promise<ToolPage> {
  return (await dispatcher.dispatch('tools/list', cursor === undefined ? {} : { cursor }, context)) as ToolPage;
}

/** All of them. */
export async function allTools(dispatcher: Dispatcher, context: RequestContext): Promise<readonly JsonObject[]> {
  const first = await pageOfTools(dispatcher, context);
  const tools = [...first.tools];
  for (let { nextCursor } = first; nextCursor !== undefined && !context.signal.aborted; ) {
    const page = await pageOfTools(dispatcher, context, nextCursor);
    tools.push(...page.tools);
    nextCursor = page.nextCursor;
  }
  return tools;
}

/** Whether a tool can be called only as a task, which takes a client that comes back. https://modelcontextprotocol.io/specification/2025-11-25/basic/utilities/tasks#tool-level-negotiation */
export function needsTask({ execution }: JsonObject): boolean {
  return isObject(execution) && execution.taskSupport === 'required';
}
