import type { Abortable } from '../contracts/abortable.js';
import { isObject, type JsonObject } from '../contracts/json-rpc.js';
import {
  type CallSpan,
  type SpanEnd,
  type SpanSubject,
  type TraceContext,
  traceContextOf,
} from '../contracts/trace.js';
import { RpcError } from '../errors.js';
import { withMeta } from '../protocol/meta.js';

/** Where a request comes from: its `_meta` knows better than the HTTP request, which may carry several. */
export function parentOf(params: JsonObject, http: TraceContext | undefined): TraceContext | undefined {
  return traceContextOf(params._meta) ?? http;
}

/** The names a span may hold. Of a resource there is none: its URI may hold anything. */
export function subjectOf(method: string, params: JsonObject): Pick<SpanSubject, 'method' | 'tool' | 'prompt'> {
  const name = String(params.name);
  if (method === 'tools/call') return { method, tool: name };
  return method === 'prompts/get' ? { method, prompt: name } : { method };
}

/**
 * The params that a backend gets, so that its own spans become children of this one.
 * https://modelcontextprotocol.io/seps/414-request-meta
 */
export function withTrace(params: JsonObject, { traceparent, tracestate }: TraceContext): JsonObject {
  return withMeta(params, { traceparent, ...(tracestate !== undefined && { tracestate }) });
}

/** Ends a span as its request ends. */
export async function followed(span: CallSpan, signal: Abortable, request: Promise<unknown>): Promise<unknown> {
  try {
    const result = await request;
    span.end({ outcome: isObject(result) && result.isError === true ? 'error' : 'ok' });
    return result;
  } catch (error) {
    span.end(failureOf(error, signal));
    throw error;
  }
}

function failureOf(error: unknown, signal: Abortable): SpanEnd {
  if (error instanceof RpcError) return { outcome: 'error', code: error.code };
  return { outcome: signal.aborted ? 'cancelled' : 'unavailable' };
}
