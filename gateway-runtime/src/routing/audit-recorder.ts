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
  readonly #clock = new Clock();
  /** Requests that were sent and have not ended. */
  #open = 0;

  constructor(options: AuditRecorderOptions) {
    this.#options = options;
  }

  /**
   * Sends a request that is allowed, and takes down how it ended.
   *
   * @param named What a refusal calls it: `tool "docs_search"`.
   * @throws whatever sending throws, what the decision says, or AuditUnavailableError
   */
  run<T>(named: string, decided: Decided, context: RequestContext, send: () => Promise<T>): Promise<T> {
    if (!decided.decision.allowed) return this.#refuse(refused(named, decided.decision), decided, context);
    const isReady = this.#options.trail.ready();
    return isReady ? isReady.then(() => this.#send(decided, context, send)) : this.#send(decided, context, send);
  }

  async #refuse(refusal: Error, decided: Decided, context: RequestContext): Promise<never> {
    await this.#keep(decided, context, performance.now(), 'denied');
    throw refusal;
  }

  #send<T>(decided: Decided, context: RequestContext, send: () => Promise<T>): Promise<T> {
    const started = performance.now();
    this.#open++;
    return send().then(
      (result) => {
        this.#open--;
        const outcome = isObject(result) && result.isError === true ? 'error' : 'ok';
        const kept = this.#keep(decided, context, started, outcome);
        return kept ? kept.then(() => result) : result;
      },
      async (error) => {
        this.#open--;
        await this.#keep(decided, context, started, ...endOf(error, context.signal));
        throw error;
      },
    );
  }

  #keep(
    decided: Decided,
    context: RequestContext,
    started: number,
    outcome: AuditRecord['outcome'],
    held?: LimitedError,
  ): Promise<void> | undefined {
    return this.#options.trail.record(this.#recordOf(decided, context, { outcome, held, started }), this.#open === 0);
  }

  #recordOf(
    { target, arguments: given, decision, backend, trace }: Decided,
    { identity, view, requestId }: RequestContext,
    { outcome, held, started }: { outcome: AuditRecord['outcome']; held: LimitedError | undefined; started: number },
  ): AuditRecord {
    const { clientId, issuer, subject } = identity;
    const { arguments_sha256, arguments: shown } = argumentRecord(this.#options.form, given);
    const { tool, prompt, resource }: Partial<Record<'tool' | 'prompt' | 'resource', string>> = target;
    // What is undefined is in no JSON. Every record has the same members, which makes writing it cheap.
    const record = {
      time: this.#clock.now(),
      client: bounded(clientId),
      issuer: issuer && bounded(issuer),
      subject: subject && bounded(subject),
      method: target.method,
      tool: tool && bounded(tool),
      prompt: prompt && bounded(prompt),
      resource: resource && bounded(resource),
      backend,
      view,
      arguments_sha256,
      arguments: shown,
      rule: held?.limit ?? decision.rule,
      reason: decision.allowed ? held?.message : decision.reason,
      request_id: requestId,
      trace_id: trace && traceIdOf(trace),
      outcome,
      ms: Math.round((performance.now() - started) * 100) / 100,
    };
    return record as AuditRecord;
  }
}

function endOf(error: unknown, signal: Abortable): [outcome: AuditRecord['outcome'], held?: LimitedError] {
  if (error instanceof LimitedError) return ['limited', error];
  if (!(error instanceof UpstreamError)) return ['error'];
  return [signal.aborted ? 'cancelled' : 'unavailable'];
}

/** Tells the time as records have it. Many calls end in the same millisecond. */
class Clock {
  #ms = 0;
  #text = '';

  now(): string {
    const ms = Date.now();
    if (ms !== this.#ms) {
      this.#ms = ms;
      this.#text = new Date(ms).toISOString();
    }
    return this.#text;
  }
}
