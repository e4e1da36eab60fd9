import type { AuditedTarget } from '../contracts/audit.js';
import type { Decision } from '../contracts/identity.js';
import type { RequestContext } from '../contracts/session.js';
import { LimitedError } from '../errors.js';
import type { AuditRecorder } from './audit-recorder.js';
import type { CallLimits } from './call-limits.js';
import type { Call, Calls } from './calls.js';

/** What sending needs from the rest of the gateway. */
export interface AuditedCallsOptions {
  readonly calls: Calls;
  readonly limits: CallLimits;
  readonly recorder: AuditRecorder;
}

/** A request for a backend that was decided about. */
export interface DecidedCall {
  readonly call: Call;
  /** What a refusal calls it: `tool "docs_search"`. */
  readonly named: string;
  readonly target: AuditedTarget;
  readonly decision: Decision;
  /** Every name of a tool, by which limits may know it. */
  readonly tool?: readonly string[];
}

/** Sends what is allowed and within the limits to backends, and has all of it taken down. */
export class AuditedCalls {
  readonly #options: AuditedCallsOptions;

  constructor(options: AuditedCallsOptions) {
    this.#options = options;
  }

  /** @returns the result, in the era of the client. @throws {RpcError | InsufficientScopeError | UpstreamError} */
  send({ call, named, target, decision, tool }: DecidedCall, context: RequestContext): Promise<unknown> {
    const { calls, limits, recorder } = this.#options;
    const backend = call.backend.name;
    const traced = calls.traced(call, context);
    const decided = { target, arguments: call.received.arguments, decision, backend, trace: traced.trace };
    const limited = { identity: context.identity, tool, backend };
    let isSent = false;
    const send = () => {
      isSent = true;
      return calls.forward(call, context, traced);
    };
    const sending = recorder.run(named, decided, context, () => limits.run(limited, send));
    const { span } = traced;
    if (!span) return sending;
    return sending.catch((error) => {
      // What was sent ends its span itself.
      if (!isSent) span.end({ outcome: unsentOutcome(decision, error) });
      throw error;
    });
  }
}

function unsentOutcome({ allowed }: Decision, error: unknown): 'denied' | 'limited' | 'error' {
  if (!allowed) return 'denied';
  return error instanceof LimitedError ? 'limited' : 'error';
}
