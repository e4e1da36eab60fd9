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

/** A record of a request that has not ended yet, whatever it is for. */
type OpenRecord = { -readonly [Member in keyof AuditRecord]: AuditRecord[Member] } & {
  tool?: string;
  prompt?: string;
  resource?: string;
};

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
    await this.#keep(this.#begun(decided, context), performance.now(), 'denied');
    throw refusal;
  }

  #send<T>(decided: Decided, context: RequestContext, send: () => Promise<T>): Promise<T> {
    const started = performance.now();
    this.#open++;
    const sending = send();
    // While the backend works on it.
    const record = this.#begun(decided, context);
    return sending.then(
      (result) => {
        this.#open--;
        const outcome = isObject(result) && result.isError === true ? 'error' : 'ok';
        const kept = this.#keep(record, started, outcome);
        return kept ? kept.then(() => result) : result;
      },
      async (error) => {
        this.#open--;
        await this.#keep(record, started, ...endOf(error, context.signal));
        throw error;
      },
    );
  }

  #keep(
    record: OpenRecord,
    started: number,
    outcome: AuditRecord['outcome'],
    held?: LimitedError,
  ): Promise<void> | undefined {
    record.time = this.#clock.now();
    record.outcome = outcome;
    record.ms = Math.round((performance.now() - started) * 100) / 100;
    if (held) {
      record.rule = held.limit;
      record.reason = held.message;
    }
    return this.#options.trail.record(record as AuditRecord, this.#open === 0);
  }

  /** All that is known before a request ends. */
  #begun(
    { target, arguments: given, decision, backend, trace }: Decided,
    { identity, view, requestId }: RequestContext,
  ): OpenRecord {
    const { clientId, issuer, subject } = identity;
    const { arguments_sha256, arguments: shown } = argumentRecord(this.#options.form, given);
    const { tool, prompt, resource }: Partial<Record<'tool' | 'prompt' | 'resource', string>> = target;
    // What is undefined is in no JSON. Every record has the same members, which makes writing it cheap.
    return {
      time: '',
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
      rule: decision.rule,
      reason: decision.allowed ? undefined : decision.reason,
      request_id: requestId,
      trace_id: trace && traceIdOf(trace),
      outcome: 'ok',
      ms: 0,
    };
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
