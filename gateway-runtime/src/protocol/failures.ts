import type { Era } from '../config/versions.js';
import type { Logger } from '../contracts/host.js';
import type { JsonRpcMessage } from '../contracts/json-rpc.js';
import { type TraceContext, traceContextOf, traceIdOf } from '../contracts/trace.js';
import { InsufficientScopeError, RpcError, rpcCodes } from '../errors.js';
import type { ClientRequest } from './incoming.js';

/** What answers a request that failed. */
export type Failure = NonNullable<JsonRpcMessage['error']>;

/** Codes that the modern era defines itself. */
const modernCodes: readonly number[] = [
  rpcCodes.headerMismatch,
  rpcCodes.missingClientCapability,
  rpcCodes.unsupportedVersion,
];

/** The error that answers a request of a client of this era; `undefined` for an error that nobody foresaw. */
function failureOf(error: unknown, era: Era): Failure | undefined {
  if (error instanceof InsufficientScopeError) return { code: rpcCodes.refused, message: error.message };
  if (!(error instanceof RpcError)) return undefined;
  const { code, message, data } = error;
  return { code: era === 'modern' ? toModernCode(code) : code, message, ...(data !== undefined && { data }) };
}

/** Where a request comes from, as the log names it. */
interface Origin {
  /** The id of the HTTP request that brought it. */
  readonly requestId?: string;
  /** What the transport says of its trace. */
  readonly trace?: TraceContext;
}

/** The answer to a request that failed. Of an error that nobody foresaw, the log tells and the client learns nothing. */
export function failed(
  { id, method, params }: ClientRequest,
  error: unknown,
  era: Era,
  logger: Logger,
  { requestId: request_id, trace }: Origin = {},
): JsonRpcMessage & { readonly error: Failure } {
  const known = failureOf(error, era);
  if (!known) {
    const trace_id = traceIdOf(traceContextOf(params._meta) ?? trace);
    logger.error({ request_id, trace_id, method, error: String(error) }, 'request failed');
  }
  return { jsonrpc: '2.0', id, error: known ?? { code: rpcCodes.internalError, message: 'internal error' } };
}

/**
 * Codes that the modern era gave up, and those it keeps for itself, must not reach its clients.
 * https://modelcontextprotocol.io/specification/2026-07-28/basic#error-codes
 */
function toModernCode(code: number): number {
  if (code === rpcCodes.resourceNotFound) return rpcCodes.invalidParams;
  const isReserved = code <= -32_020 && code >= -32_099;
  return isReserved && !modernCodes.includes(code) ? rpcCodes.internalError : code;
}

/** The HTTP status of a failure in the modern era. https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#protocol-version-header */
export function httpStatusOf(code: number): number {
  if (code === rpcCodes.methodNotFound) return 404;
  return modernCodes.includes(code) ? 400 : 200;
}
