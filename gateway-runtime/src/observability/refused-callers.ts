import { bounded, type RefusalRecord, type RefusedCaller } from '../contracts/audit.js';
import { type AuthFailure, authFailures } from '../contracts/meters.js';

/** Milliseconds for which callers who are refused for the same reason as another share one record. */
const sharedMs = 10_000;

/** What the records of refused callers need from the rest of the gateway. */
export interface RefusedCallersOptions {
  record(record: RefusalRecord): unknown;
  /** @default 10000 */
  readonly sharedMs?: number;
}

/**
 * Takes down who was not let in. Anybody can be refused as often as they like: what comes shortly after another of its kind is
 * counted in one record, so that nobody can push the records of calls out of the files.
 */
export class RefusedCallers {
  readonly #options: RefusedCallersOptions;
  readonly #waiting = new Map<AuthFailure, { last?: RefusalRecord; count: number; timer: NodeJS.Timeout }>();

  constructor(options: RefusedCallersOptions) {
    this.#options = options;
  }

  note(caller: RefusedCaller): void {
    const waiting = this.#waiting.get(caller.failure);
    if (waiting) {
      waiting.last = recordOf(caller);
      waiting.count++;
      return;
    }
    this.#options.record(recordOf(caller));
    this.#wait(caller.failure);
  }

  /** Takes down those that share a record. */
  close(): void {
    for (const failure of authFailures) this.#tellOthers(failure);
  }

  #wait(failure: AuthFailure): void {
    const again = () => {
      if (this.#tellOthers(failure)) this.#wait(failure);
    };
    const timer = setTimeout(again, this.#options.sharedMs ?? sharedMs).unref();
    this.#waiting.set(failure, { count: 0, timer });
  }

  /** @returns whether there were any */
  #tellOthers(failure: AuthFailure): boolean {
    const waiting = this.#waiting.get(failure);
    clearTimeout(waiting?.timer);
    this.#waiting.delete(failure);
    if (!waiting?.last) return false;
    const others = waiting.count - 1;
    this.#options.record(others > 0 ? { ...waiting.last, others } : waiting.last);
    return true;
  }
}

function recordOf({ failure, message, identity, address, view, requestId, ms }: RefusedCaller): RefusalRecord {
  const { clientId = 'unknown', issuer, subject } = identity ?? {};
  return {
    time: new Date().toISOString(),
    client: bounded(clientId),
    issuer: issuer && bounded(issuer),
    subject: subject && bounded(subject),
    method: 'authenticate',
    address,
    view,
    rule: failure,
    reason: bounded(message),
    request_id: requestId,
    outcome: 'denied',
    ms: Math.round(ms * 100) / 100,
  };
}
