import type { AuthFailure, Meters } from '../contracts/meters.js';
import { Durations } from './durations.js';
import { Tally } from './tally.js';

/** Methods of HTTP that are told apart: a client may send any word. */
const methods = ['GET', 'POST', 'DELETE', 'OPTIONS', 'HEAD'];

/** What happened beside calls since the gateway started. */
export class GatewayMeters implements Meters {
  /** HTTP requests by method and status. */
  readonly requests = new Tally(() => ({ count: 0 }));
  /** How long they took, by method. */
  readonly requestDurations = new Map<string, Durations>();
  readonly authFailures = new Map<string, number>();
  readonly rateLimited = new Map<string, number>();
  auditRecordsDropped = 0;

  answered(method: string, status: number, seconds: number): void {
    const known = methods.includes(method) ? method : 'other';
    this.requests.at(known, String(status)).count++;
    let durations = this.requestDurations.get(known);
    if (!durations) {
      durations = new Durations();
      this.requestDurations.set(known, durations);
    }
    durations.record(seconds);
  }

  authFailed(reason: AuthFailure): void {
    increase(this.authFailures, reason);
  }

  /** @param limit Which limit it was. */
  limited(limit: string): void {
    increase(this.rateLimited, limit);
  }

  auditDropped(records: number): void {
    this.auditRecordsDropped += records;
  }
}

function increase(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
