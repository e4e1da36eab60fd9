import { isObject, type JsonObject } from '../contracts/json-rpc.js';
import type { Dispatcher, RequestContext } from '../contracts/session.js';
import { isUnavailable } from '../contracts/unavailable.js';
import { AuditUnavailableError, LimitedError, RpcError, rpcCodes, UnknownToolError } from '../errors.js';
import { Problem } from './problem.js';

/** Characters of what a tool says of its failure; all of it is in `content`. */
const longestDetail = 2000;

/**
 * Calls a tool.
 *
 * @returns its structured content; where it has none, `{ content }`
 * @throws {Problem} when it failed @throws {LimitedError | InsufficientScopeError} as the call was refused
 */
export async function callTool(
  dispatcher: Dispatcher,
  name: string,
  args: JsonObject,
  context: RequestContext,
): Promise<unknown> {
  let unasked: string | undefined;
  const heard: RequestContext = {
    ...context,
    onUnasked: (method) => {
      unasked = method;
    },
  };
  let result: unknown;
  try {
    result = await dispatcher.dispatch('tools/call', { name, arguments: args }, heard);
  } catch (error) {
    if (unasked !== undefined || wantsInput(error)) throw inputRequired(unasked, error);
    throw problemOf(error);
  }
  if (!isObject(result)) throw new Problem(502, 'backend_failed', 'the backend gave no result');
  if (result.isError === true) throw unasked === undefined ? failureOf(result) : inputRequired(unasked);
  return isObject(result.structuredContent) ? result.structuredContent : { content: result.content };
}

/** A backend that knows what its caller cannot do does not even ask. */
function wantsInput(error: unknown): boolean {
  const code = error instanceof RpcError ? error.code : undefined;
  return code === rpcCodes.missingClientCapability || code === rpcCodes.urlElicitationRequired;
}

function inputRequired(method: string | undefined, error?: unknown): Problem {
  const asked = method === undefined ? '' : ` with ${method}`;
  const detail = `the tool asks its caller${asked}, which cannot answer over REST; call it over MCP`;
  const data = error instanceof RpcError && error.data !== undefined ? { data: error.data } : {};
  return new Problem(422, 'input_required', detail, data);
}

/** What a tool says of its failure; models read it. */
function failureOf(result: JsonObject): Problem {
  const { content, structuredContent } = result;
  const texts = (Array.isArray(content) ? content : []).flatMap((part) =>
    isObject(part) && typeof part.text === 'string' ? [part.text] : [],
  );
  const detail = texts.join('\n').slice(0, longestDetail);
  if (isUnavailable(result)) return new Problem(502, 'backend_failed', detail);
  return new Problem(422, 'tool_failed', detail || 'the tool failed and does not say why', {
    ...(content !== undefined && { content }),
    ...(structuredContent !== undefined && { structuredContent }),
  });
}

/** What a client is told of an error; an error that means nothing to clients as it is. */
export function problemOf(error: unknown): unknown {
  if (!(error instanceof RpcError) || error instanceof LimitedError) return error;
  const { code, message, data } = error;
  const members = data === undefined ? {} : { data };
  if (error instanceof UnknownToolError) return new Problem(404, 'unknown_tool', message);
  if (error instanceof AuditUnavailableError) return new Problem(503, 'unavailable', message);
  if (code === rpcCodes.refused) return new Problem(403, 'forbidden', message);
  if (code === rpcCodes.invalidParams) return new Problem(400, 'bad_request', message, members);
  return new Problem(502, 'backend_failed', message, { rpc_code: code, ...members });
}
