import {
  type Attributes,
  createTraceState,
  type Tracer as OtelTracer,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import type { TracesConfig } from '../config/telemetry.js';
import type { CallSpan, SpanEnd, SpanSubject, TraceContext, Tracer } from '../contracts/trace.js';
import { flushed } from './flush.js';
import { OtlpExporter } from './otlp-exporter.js';
import type { OtlpOptions } from './otlp-options.js';

/** Spans that wait to be sent at most; further ones are dropped. */
const maxWaiting = 2048;

/** Milliseconds between two batches. */
const batchMs = 5000;

/**
 * Makes spans with OpenTelemetry, named and described as its conventions for MCP say.
 * https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/mcp.md
 */
export class OtlpTracer implements Tracer {
  readonly #provider: BasicTracerProvider;
  readonly #tracer: OtelTracer;

  constructor(options: OtlpOptions<TracesConfig>) {
    const { service, config } = options;
    const exporter = new OtlpExporter('spans', options, (given) => new OTLPTraceExporter(given));
    this.#provider = new BasicTracerProvider({
      resource: resourceFromAttributes({ 'service.name': service.name, 'service.version': service.version }),
      sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(config.sample_ratio) }),
      spanProcessors: [new BatchSpanProcessor(exporter, { maxQueueSize: maxWaiting, scheduledDelayMillis: batchMs })],
    });
    this.#tracer = this.#provider.getTracer('oci-mcp-gateway');
  }

  begin({ method, backend, tool, prompt, parent }: SpanSubject): CallSpan {
    const target = tool ?? prompt;
    const attributes: Attributes = {
      'mcp.method.name': method,
      'mcp.gateway.backend': backend,
      'network.transport': 'tcp',
      ...(tool !== undefined && { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': tool }),
      ...(prompt !== undefined && { 'gen_ai.prompt.name': prompt }),
    };
    const name = target === undefined ? method : `${method} ${target}`;
    const span = this.#tracer.startSpan(name, { kind: SpanKind.SERVER, attributes }, contextOf(parent));
    return { context: traceContext(span), end: (ended) => end(span, ended) };
  }

  /** Sends what waits, at most for 3 s. */
  async close(): Promise<void> {
    await flushed(this.#provider.shutdown());
  }
}

function end(span: Span, { outcome, code }: SpanEnd): void {
  span.setAttribute('mcp.gateway.outcome', outcome);
  if (outcome !== 'ok') {
    const kind = outcome === 'error' ? 'tool_error' : outcome;
    span.setAttribute('error.type', code === undefined ? kind : String(code));
    if (code !== undefined) span.setAttribute('rpc.response.status_code', String(code));
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end();
}

function contextOf(parent: TraceContext | undefined) {
  if (!parent) return ROOT_CONTEXT;
  const [, traceId = '', spanId = '', flags = ''] = parent.traceparent.split('-');
  const traceState = parent.tracestate === undefined ? undefined : createTraceState(parent.tracestate);
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & 1,
    traceState,
    isRemote: true,
  });
}

function traceContext(span: Span): TraceContext {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext();
  const traceparent = `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
  const tracestate = traceState?.serialize();
  return tracestate ? { traceparent, tracestate } : { traceparent };
}
