import { type OutgoingHttpHeaders, type ServerResponse, STATUS_CODES } from 'node:http';
import type { JsonObject } from '../contracts/json-rpc.js';
import { Refusal, sendText } from '../http/refusal.js';
import { requestIdOf } from '../http/request-id.js';

/** What went wrong, by the name that programs read. */
export type ProblemCode =
  | 'bad_request'
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'unknown_tool'
  | 'method_not_allowed'
  | 'too_large'
  | 'unsupported_media_type'
  | 'tool_failed'
  | 'input_required'
  | 'limited'
  | 'internal'
  | 'backend_failed'
  | 'unavailable';

/** What a refusal of the gateway's front means here. */
const codes: { readonly [status: number]: ProblemCode } = {
  400: 'bad_request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  413: 'too_large',
  415: 'unsupported_media_type',
  429: 'limited',
  502: 'backend_failed',
  503: 'unavailable',
};

/** A request that is answered with a problem that has a name of its own, and perhaps more to say. */
export class Problem extends Refusal {
  constructor(
    status: number,
    readonly problem: ProblemCode,
    detail: string,
    readonly members: JsonObject = {},
    headers: OutgoingHttpHeaders = {},
  ) {
    super(status, detail, headers);
    this.name = 'Problem';
  }
}

/** Sends a refusal as a problem, unless the answer has begun already. https://www.rfc-editor.org/rfc/rfc9457 */
export function sendProblem(response: ServerResponse, refusal: Refusal): void {
  if (response.headersSent) {
    response.end();
    return;
  }
  const { status, message, headers } = refusal;
  const [code, members] =
    refusal instanceof Problem ? [refusal.problem, refusal.members] : [codes[status] ?? 'internal', {}];
  const problem = {
    type: 'about:blank',
    title: STATUS_CODES[status],
    status,
    detail: message,
    code,
    request_id: requestIdOf(response),
    ...members,
  };
  const body = JSON.stringify(problem);
  sendText(response, status, 'application/problem+json', body, { 'cache-control': 'no-store', ...headers });
}
