import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { eraOf } from '../config/versions.js';
import type { RefusedCaller } from '../contracts/audit.js';
import type { Logger } from '../contracts/host.js';
import type { JsonRpcId } from '../contracts/json-rpc.js';
import { rpcCodes } from '../errors.js';
import { requestIdOf } from './request-id.js';

/** A request that is answered with an HTTP error and a JSON-RPC error as its body. */
export class Refusal extends Error {
  /** Who was not let in, and why, where that is the reason. */
  refusedCaller: Pick<RefusedCaller, 'failure' | 'identity' | 'view'> | undefined;

  constructor(
    readonly status: number,
    message: string,
    readonly headers: OutgoingHttpHeaders = {},
    readonly code: number = rpcCodes.refused,
    /** The id of the request, where it could be read. */
    readonly id?: JsonRpcId,
  ) {
    super(message);
    this.name = 'Refusal';
  }
}

/** Sends JSON. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: string | readonly (string | Buffer)[],
  headers: OutgoingHttpHeaders = {},
): void {
  sendText(response, status, 'application/json', body, headers);
}

/** Sends a text of some type, or its parts. */
export function sendText(
  response: ServerResponse,
  status: number,
  contentType: string,
  body: string | readonly (string | Buffer)[],
  headers: OutgoingHttpHeaders,
): void {
  const parts = typeof body === 'string' ? [body] : body;
  const length = parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0);
  response.writeHead(status, { 'content-type': contentType, 'content-length': length, ...headers });
  // All of it goes out together.
  response.cork();
  for (const part of parts.slice(0, -1)) response.write(part);
  response.end(parts.at(-1));
}

/** Sends a refusal, unless the answer has begun already. */
export function sendRefusal(response: ServerResponse, { status, message, headers, code, id }: Refusal): void {
  if (response.headersSent) {
    response.end();
    return;
  }
  const isModern = eraOf(response.req.headers['mcp-protocol-version']) === 'modern';
  // JSON-RPC wants null for an unknown id, the modern era has no such id.
  const answer = { jsonrpc: '2.0', error: { code, message }, id: id ?? (isModern ? undefined : null) };
  sendJson(response, status, JSON.stringify(answer), headers);
}

/** Sends a refusal in the form that its client reads. */
export type SendRefusal = (response: ServerResponse, refusal: Refusal) => void;

/**
 * Sends a refusal as it is; of an error that nobody foresaw, the log tells and the client learns nothing.
 * @param send In which form. @default - as a JSON-RPC error
 */
export function sendFailure(
  response: ServerResponse,
  error: unknown,
  logger: Logger,
  send: SendRefusal = sendRefusal,
): void {
  if (error instanceof Refusal) {
    send(response, error);
    return;
  }
  logger.error({ request_id: requestIdOf(response), error: String(error) }, 'request failed');
  send(response, new Refusal(500, 'internal error', {}, rpcCodes.internalError));
}
