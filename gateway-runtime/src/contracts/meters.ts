/** Why a caller was not let in. */
export const authFailures = [
  'invalid_request',
  'missing_token',
  'invalid_token',
  'insufficient_scope',
  'unavailable',
] as const;

/** Why a caller was not let in. */
export type AuthFailure = (typeof authFailures)[number];

/**
 * Counts what happens beside calls. What it is told comes from the configuration or from a closed set, and not from a client:
 * otherwise anybody could make the gateway count without end.
 */
export interface Meters {
  /**
   * An HTTP request was answered, or its client left.
   * @param method As the client sent it; those that nobody knows are counted together.
   * @param seconds From the request to the end of the answer.
   */
  answered(method: string, status: number, seconds: number): void;
  /** A caller was not let in. */
  authFailed(reason: AuthFailure): void;
  /** A limit held a call back. @param limit Which one: `client`, `tool`, `backend`. */
  limited(limit: string): void;
  /** Audit records could not be kept. */
  auditDropped(records: number): void;
}

/** All metrics, as one scraper wants them. */
export interface MetricsPage {
  readonly contentType: string;
  readonly body: string;
}

/** Renders all metrics. @param accept The Accept header of who asks. */
export type RenderMetrics = (accept: string | undefined) => Promise<MetricsPage>;
