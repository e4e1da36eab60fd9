import type { HttpBackend } from '../config/backend.js';

/** What an endpoint makes of Streamable HTTP. */
export interface HttpProfile {
  /** Answers may be event streams, and there may be one to listen to. Without, every answer is one JSON document. */
  readonly streams: boolean;
  /** The server may begin a session. */
  readonly sessions: boolean;
}

/** One line per kind of endpoint. */
const profiles = {
  /** https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#streamable-http */
  streamable: { streams: true, sessions: true },
  /** One that takes one request and gives one answer, such as a model deployment, a function or a hosted application. */
  jsonOnly: { streams: false, sessions: false },
} as const satisfies Record<string, HttpProfile>;

/** The profile of a backend. */
export function profileOf({ json_only }: HttpBackend): HttpProfile {
  return json_only ? profiles.jsonOnly : profiles.streamable;
}
