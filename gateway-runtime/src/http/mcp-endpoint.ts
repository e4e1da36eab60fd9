import type { IncomingMessage, ServerResponse } from 'node:http';
import { legacyVersions, modernVersions } from '../config/versions.js';
import { andThen, type Eventual } from '../contracts/eventual.js';
import type { Logger } from '../contracts/host.js';
import type { Identity } from '../contracts/identity.js';
import type { Dispatcher } from '../contracts/session.js';
import { CallsInFlight } from '../protocol/calls-in-flight.js';
import { isModern } from '../protocol/request-meta.js';
import type { ServerInfo } from '../protocol/results.js';
import { accepts } from './accept.js';
import type { Admitting } from './admission.js';
import { readJson } from './body.js';
import type { ClientSessions } from './client-sessions.js';
import { type Caller, Gatekeeper } from './gatekeeper.js';
import { type Incoming, sortMessages } from './incoming.js';
import { LegacyEndpoint } from './legacy-endpoint.js';
import { ModernEndpoint } from './modern-endpoint.js';
import { Refusal } from './refusal.js';

/** What the endpoint needs from the rest of the gateway. */
export interface McpEndpointDependencies {
  readonly current: Admitting;
  readonly dispatcher: Dispatcher;
  /** Absent when the gateway keeps no sessions. */
  readonly sessions?: ClientSessions;
  /** Who answers. */
  readonly serverInfo: ServerInfo;
  readonly logger: Logger;
  /** Milliseconds between keep-alive comments. @default 10000, below the 15 s that an API Gateway waits for the next byte */
  readonly keepAliveMs?: number;
}

/** The MCP endpoint over Streamable HTTP, for clients of both eras. */
export class McpEndpoint {
  readonly #gatekeeper: Gatekeeper;
  readonly #sessions: ClientSessions | undefined;
  readonly #hasView: (view: string) => boolean;
  readonly #calls = new CallsInFlight();
  readonly #legacy: LegacyEndpoint;
  readonly #modern: ModernEndpoint;

  constructor({ keepAliveMs = 10_000, ...dependencies }: McpEndpointDependencies) {
    this.#gatekeeper = new Gatekeeper(dependencies.current);
    this.#sessions = dependencies.sessions;
    this.#hasView = (view) => dependencies.dispatcher.hasView(view);
    const common = { ...dependencies, gatekeeper: this.#gatekeeper, calls: this.#calls, keepAliveMs };
    this.#legacy = new LegacyEndpoint(common);
    this.#modern = new ModernEndpoint(common);
  }

  /**
   * @param view The last segment of `/mcp/<view>`.
   * @throws {Refusal} when the request cannot be served, at once or in the promise
   */
  handle(request: IncomingMessage, response: ServerResponse, view?: string): Eventual<void> {
    return andThen(this.#gatekeeper.identify(request, view), (identity) => {
      if (view !== undefined && !this.#hasView(view)) throw new Refusal(404, 'there is no such view');
      return this.#answer(request, response, { identity, view });
    });
  }

  /** Who makes this request. @param view The view that is asked. @throws {Refusal} 401 or 403 */
  identify(request: IncomingMessage, view?: string): Eventual<Identity> {
    return this.#gatekeeper.identify(request, view);
  }

  /** Waits for calls in flight, at most `graceMs`, aborts the rest, and then ends what only waits for news. */
  async drain(graceMs: number): Promise<void> {
    // What a call asks its client may go over a stream that waits for news.
    await this.#calls.drain(graceMs);
    this.#sessions?.endStreams();
    this.#modern.endStreams();
  }

  /** Ends the sessions and streams of callers who are not accepted any more. */
  keepOnly(isAccepted: (identity: Identity) => boolean): void {
    this.#sessions?.keepOnly(isAccepted);
    this.#modern.keepOnly(isAccepted);
  }

  #answer(request: IncomingMessage, response: ServerResponse, caller: Caller): Eventual<void> {
    if (request.method === 'POST') return this.#post(request, response, caller);
    const hasStreams = this.#sessions !== undefined && !modernVersions.includes(versionOf(request) as string);
    if (request.method === 'GET' && hasStreams) return this.#legacy.listen(request, response, caller);
    if (request.method === 'DELETE' && hasStreams) return this.#legacy.end(request, response, caller);
    const allow = hasStreams ? 'GET, POST, DELETE' : 'POST';
    throw new Refusal(405, `${request.method} is not supported here`, { allow });
  }

  #post(request: IncomingMessage, response: ServerResponse, caller: Caller): Promise<void> {
    if (!accepts(request, 'application/json') || !accepts(request, 'text/event-stream')) {
      throw new Refusal(406, 'Accept must allow both application/json and text/event-stream');
    }
    return readJson(request).then((body) => {
      const incoming = sortMessages(body);
      const endpoint = isOfModernEra(request, incoming) ? this.#modern : this.#legacy;
      return endpoint.post(request, response, incoming, caller);
    });
  }
}

/** A client says its version in a header, or in the body: one that the legacy era did not have makes the request a modern one. */
function isOfModernEra(request: IncomingMessage, { requests: [first], isBatch }: Incoming): boolean {
  const version = versionOf(request);
  if (version !== undefined && !legacyVersions.includes(version)) return true;
  return !isBatch && first !== undefined && isModern(first.method, first.params);
}

function versionOf({ headers }: IncomingMessage): string | undefined {
  return headers['mcp-protocol-version'] as string | undefined;
}
