import type { Admission, LimitedCall, RateLimiter } from '../contracts/rate-limiter.js';
import { LimitedError } from '../errors.js';

/** Holds back calls that are too many. */
export class CallLimits {
  #limiter: RateLimiter | undefined;

  /** Says who counts from now on. @param limiter Absent when nothing is limited. */
  follow(limiter: RateLimiter | undefined): void {
    this.#limiter = limiter;
  }

  /** Sends a call and counts it until it is over, however it ends. @throws {LimitedError} when it may not begin now */
  run<T>(call: LimitedCall, send: () => Promise<T>): Promise<T> {
    const admission = this.#limiter?.admit(call);
    if (!admission) return send();
    if (admission instanceof Promise) return admission.then((answer) => counted(answer, send));
    return counted(admission, send);
  }
}

function counted<T>(admission: Admission, send: () => Promise<T>): Promise<T> {
  if (!admission.admitted) return Promise.reject(tooMany(admission));
  return send().then(
    (result) => {
      admission.release();
      return result;
    },
    (error) => {
      admission.release();
      throw error;
    },
  );
}

function tooMany({ limit, reason, retryAfterMs = 0 }: Admission & { readonly admitted: false }): LimitedError {
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1000));
  const when = seconds === 1 ? 'in a second' : `in ${seconds} seconds`;
  return new LimitedError(`there are ${reason} (${limit}); try again ${when}`, limit, seconds);
}
