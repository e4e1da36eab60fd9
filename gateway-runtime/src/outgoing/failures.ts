import { UpstreamError } from '../errors.js';

/** A backend that answered with an HTTP status in place of a message. */
export class HttpStatusError extends UpstreamError {
  constructor(
    readonly status: number,
    detail = '',
  ) {
    super(`answered HTTP ${status}${detail}`);
  }

  override get isOutage(): boolean {
    return this.status >= 500;
  }
}

/** A backend that said nothing in time. */
export class NoAnswerError extends UpstreamError {}

/** A backend that went away while it was asked. */
export class CrashError extends UpstreamError {
  constructor(message: string) {
    super(message, true);
  }
}
