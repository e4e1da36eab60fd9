import type { AuditRecord } from './audit.js';

/**
 * Where a request stands in a distributed trace.
 * https://www.w3.org/TR/trace-context/
 */
export interface TraceContext {
  readonly traceparent: string;
  readonly tracestate?: string;
}

const traceparentForm = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
const tracestateForm = /^[\x20-\x7e]{1,512}$/;

/** The context that a request brings along, in its HTTP headers or in its `_meta`; `undefined` unless it is valid. */
export function traceContextOf(carrier: unknown): TraceContext | undefined {
  const { traceparent, tracestate } = Object(carrier) as Record<string, unknown>;
  if (typeof traceparent !== 'string' || !traceparentForm.test(traceparent)) return undefined;
  const usable = typeof tracestate === 'string' && tracestateForm.test(tracestate);
  return usable ? { traceparent, tracestate } : { traceparent };
}

/** The id of the trace that a context belongs to. */
export function traceIdOf(context: TraceContext | undefined): string | undefined {
  return context?.traceparent.split('-')[1];
}

/** What a span is about: names, and never arguments, results or addresses. */
export interface SpanSubject {
  /** Method of MCP. */
  readonly method: string;
  readonly backend: string;
  /** Name of the tool, as the client used it. */
  readonly tool?: string;
  /** Name of the prompt, as the client used it. */
  readonly prompt?: string;
  /** Where the request comes from. */
  readonly parent?: TraceContext;
}

/** How a span ended. */
export interface SpanEnd {
  readonly outcome: AuditRecord['outcome'];
  /** Code of the JSON-RPC error that answers the request. */
  readonly code?: number;
}

/** One request on its way through the gateway. */
export interface CallSpan {
  /** For whoever goes on with the request. */
  readonly context: TraceContext;
  end(end: SpanEnd): void;
}

/** Makes spans. */
export interface Tracer {
  /** @returns `undefined` while nothing is traced */
  begin(subject: SpanSubject): CallSpan | undefined;
}
