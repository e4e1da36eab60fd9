import { isObject, type JsonObject } from '../contracts/json-rpc.js';
import type { AnswerRequest } from '../contracts/upstream.js';
import { RpcError, rpcCodes } from '../errors.js';

/** Attempts at one request; a backend that is never content would go on for ever. */
const mostAttempts = 4;

/** Pages of one refusal that a user is asked to visit at most; of more, the client learns as its request is refused. */
const mostPages = 20;

/**
 * Sends a request for a modern client. A backend of 2025-11-25 may refuse it until its user has visited some pages, which newer
 * clients know as a question.
 * https://modelcontextprotocol.io/specification/2025-11-25/client/elicitation#url-elicitation-required-error
 */
export async function visitingUrls(
  send: () => Promise<unknown>,
  ask: AnswerRequest,
  signal: AbortSignal,
): Promise<unknown> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await send();
    } catch (error) {
      const pages = pagesIn(error);
      if (pages.length === 0 || attempt === mostAttempts || !(await allVisited(pages, ask, signal))) throw error;
    }
  }
}

function pagesIn(error: unknown): JsonObject[] {
  if (!(error instanceof RpcError) || error.code !== rpcCodes.urlElicitationRequired) return [];
  const pages = isObject(error.data) ? error.data.elicitations : undefined;
  return Array.isArray(pages) && pages.length <= mostPages ? pages.filter(isObject) : [];
}

async function allVisited(pages: JsonObject[], ask: AnswerRequest, signal: AbortSignal): Promise<boolean> {
  try {
    const answers = await Promise.all(pages.map((page) => ask('elicitation/create', { ...page, mode: 'url' }, signal)));
    return answers.every((answer) => isObject(answer) && answer.action === 'accept');
  } catch {
    // A client that cannot be asked learns why its request was refused.
    return false;
  }
}
