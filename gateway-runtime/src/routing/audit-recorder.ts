import type { AuditConfig } from '../config/audit.js';
import type { Abortable } from '../contracts/abortable.js';
import { type AuditedTarget, type AuditRecord, type AuditTrail, bounded } from '../contracts/audit.js';
import type { Decision } from '../contracts/identity.js';
import { isObject } from '../contracts/json-rpc.js';
import type { RequestContext } from '../contracts/session.js';
import { type TraceContext, traceIdOf } from '../contracts/trace.js';
import { LimitedError, UpstreamError } from '../errors.js';
import { refused } from './access.js';
import { argumentRecord } from './argument-record.js';

/** What records are made with. */
export interface AuditRecorderOptions {
  readonly trail: AuditTrail;
  readonly form: Pick<AuditConfig, 'arguments' | 'redact'>;
}

/** A request that was decided about. */
export interface Decided {
  readonly target: AuditedTarget;
  readonly arguments: unknown;
  readonly decision: Decision;
  /** Absent for a tool of the gateway itself. */
  readonly backend?: string;
  readonly trace?: TraceContext;
}

/** Takes down how requests end, and answers none whose record is not kept. */
export class AuditRecorder {
  readonly #options: AuditRecorderOptions;

  constructor(options: AuditRecorderOptions) {
    this.#options = options;
  }

  /**
   * Sends a request that is allowed, and takes down how it ended.
   *
   * @param named What a refusal calls it: `tool "docs_search"`.
   * @throws whatever sending throws, what the decision says, or AuditUnavailableError
   */
  async run<T>(named: string, decided: Decided, context: RequestContext, send: () => Promise<T>): Promise<T> {
    const { trail } = this.#options;
    const started = performance.now();
    const keep = (outcome: AuditRecord['outcome'], held?: LimitedError) =>
      trail.record(this.#recordOf(decided, context, { outcome, held, started }));
    const { decision } = decided;
    if (!decision.allowed) {
      await keep('denied');
      throw refused(named, decision);
    }
    const isReady = trail.ready();
    if (isReady) await isReady;
    let result: T;
    try {
      result = await send();
    } catch (error) {
      await keep(...endOf(error, context.signal));
      throw error;
    }
    const kept = keep(isObject(result) && result.isError === true ? 'error' : 'ok');
    if (kept) await kept;
    return result;
  }

  #recordOf(
    { target, arguments: given, decision, backend, trace }: Decided,
    { identity, view, requestId }: RequestContext,
    { outcome, held, started }: { outcome: AuditRecord['outcome']; held: LimitedError | undefined; started: number },
  ): AuditRecord {
    const { clientId, issuer, subject } = identity;
    // What is undefined is in no JSON.
    return {
      time: new Date().toISOString(),
      client: bounded(clientId),
      issuer: issuer && bounded(issuer),
      subject: subject && bounded(subject),
      ...boundedTarget(target),
      backend,
      view,
      ...argumentRecord(this.#options.form, given),
      rule: held?.limit ?? decision.rule,
      reason: decision.allowed ? held?.message : decision.reason,
      request_id: requestId,
      trace_id: trace && traceIdOf(trace),
      outcome,
      ms: Math.round((performance.now() - started) * 100) / 100,
    };
  }
}

function endOf(error: unknown, signal: Abortable): [outcome: AuditRecord['outcome'], held?: LimitedError] {
  if (error instanceof LimitedError) return ['limited', error];
  if (!(error instanceof UpstreamError)) return ['error'];
  return [signal.aborted ? 'cancelled' : 'unavailable'];
}

function boundedTarget(target: AuditedTarget): AuditedTarget {
  switch (target.method) {
    case 'tools/call':
      return { method: target.method, tool: bounded(target.tool) };
    case 'prompts/get':
      return { method: target.method, prompt: bounded(target.prompt) };
    case 'resources/read':
      return { method: target.method, resource: bounded(target.resource) };
  }
}
