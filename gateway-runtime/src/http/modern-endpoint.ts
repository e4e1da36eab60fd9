import type { IncomingMessage, ServerResponse } from 'node:http';
import { Cancellation } from '../contracts/abortable.js';
import type { ClientProfile } from '../contracts/client.js';
import type { Logger } from '../contracts/host.js';
import type { Identity } from '../contracts/identity.js';
import type { JsonObject } from '../contracts/json-rpc.js';
import type { Dispatcher } from '../contracts/session.js';
import { rpcCodes } from '../errors.js';
import type { CallsInFlight } from '../protocol/calls-in-flight.js';
import { failed, httpStatusOf } from '../protocol/failures.js';
import type { ClientRequest } from '../protocol/incoming.js';
import { metaKeys, metaOf, withMeta } from '../protocol/meta.js';
import { clientOf } from '../protocol/request-meta.js';
import { listenMethod, type ServerInfo, toModernResult, withSubscription } from '../protocol/results.js';
import { Exchange } from './exchange.js';
import type { Caller, Gatekeeper } from './gatekeeper.js';
import type { Incoming } from './incoming.js';
import { Listeners } from './listeners.js';
import { Refusal } from './refusal.js';
import { checkRequestHeaders, checkVersionHeader } from './request-headers.js';

/** What the endpoint needs from the rest of the gateway. */
export interface ModernEndpointDependencies {
  readonly gatekeeper: Gatekeeper;
  readonly dispatcher: Dispatcher;
  readonly calls: CallsInFlight;
  readonly serverInfo: ServerInfo;
  readonly logger: Logger;
  /** Milliseconds between keep-alive comments. */
  readonly keepAliveMs: number;
}

/** What `_meta` says to the gateway alone. */
const ownMeta = {
  [metaKeys.protocolVersion]: undefined,
  [metaKeys.clientInfo]: undefined,
  [metaKeys.clientCapabilities]: undefined,
};

/**
 * Streamable HTTP for clients of the modern era: each request says who makes it, and nothing is kept between two of them.
 * https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http
 */
export class ModernEndpoint {
  readonly #dependencies: ModernEndpointDependencies;
  readonly #listeners = new Listeners();

  constructor(dependencies: ModernEndpointDependencies) {
    this.#dependencies = dependencies;
  }

  /** @throws {Refusal} when the request cannot be served. */
  async post(request: IncomingMessage, response: ServerResponse, incoming: Incoming, caller: Caller): Promise<void> {
    const [message, ...others] = incoming.requests;
    if (incoming.isBatch || incoming.responses.length > 0 || others.length > 0) {
      throw new Refusal(400, 'a body is one request or one notification', {}, rpcCodes.invalidRequest);
    }
    if (message) return this.#serve(request, response, message, caller);
    // No notification of this era is sent over HTTP; leaving cancels.
    response.writeHead(202).end();
  }

  /** Ends what only waits for news. */
  endStreams(): void {
    this.#listeners.endAll();
  }

  /** Ends the streams of callers who are not accepted any more. */
  keepOnly(isAccepted: (identity: Identity) => boolean): void {
    this.#listeners.keepOnly(isAccepted);
  }

  async #serve(request: IncomingMessage, response: ServerResponse, message: ClientRequest, caller: Caller) {
    const { dispatcher, calls, keepAliveMs } = this.#dependencies;
    const cancellation = new Cancellation();
    const exchange = new Exchange({ response, keepAliveMs, onGone: () => cancellation.abort() });
    let client: ClientProfile;
    try {
      client = check(request, message, (tool) => dispatcher.inputSchemaOf(tool, caller));
    } catch (error) {
      return this.#fail(exchange, message, caller, error, 400);
    }
    if (message.method === listenMethod) return this.#listen(exchange, cancellation, message, caller, client);
    const end = calls.begin(cancellation);
    try {
      const result = await this.#dispatch(exchange, cancellation, message, caller, client);
      this.#answer(exchange, message, result);
    } catch (error) {
      // Nobody waits for the answer to what was cancelled.
      if (!cancellation.aborted) this.#fail(exchange, message, caller, error);
    } finally {
      end();
    }
  }

  async #listen(
    exchange: Exchange,
    cancellation: Cancellation,
    message: ClientRequest,
    caller: Caller,
    client: ClientProfile,
  ): Promise<void> {
    const end = (result: unknown) => {
      this.#answer(exchange, message, withSubscription(result, message.id));
      cancellation.abort();
    };
    const remove = this.#listeners.add(caller.identity, () => end({}));
    try {
      end(await this.#dispatch(exchange, cancellation, message, caller, client));
    } catch (error) {
      if (!cancellation.aborted) this.#fail(exchange, message, caller, error);
    } finally {
      remove();
    }
  }

  #dispatch(
    exchange: Exchange,
    signal: Cancellation,
    { id, method, params }: ClientRequest,
    { identity, view }: Caller,
    client: ClientProfile,
  ): Promise<unknown> {
    const listens = method === listenMethod;
    // https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/logging#per-request-log-level
    const takesLogs = !listens && metaOf(params)[metaKeys.logLevel] !== undefined;
    return this.#dependencies.dispatcher.dispatch(method, withMeta(params, ownMeta), {
      identity,
      client,
      view,
      trace: exchange.trace,
      requestId: exchange.requestId,
      signal,
      notify: (name, content) => {
        if (name === 'notifications/message' && !takesLogs) return;
        const tagged = listens ? withSubscription(content, id) : content;
        exchange.send({ jsonrpc: '2.0', method: name, params: tagged });
      },
    });
  }

  #answer(exchange: Exchange, { id }: ClientRequest, result: unknown): void {
    const { serverInfo } = this.#dependencies;
    exchange.finish([{ jsonrpc: '2.0', id, result: toModernResult(result, serverInfo) }]);
  }

  #fail(exchange: Exchange, message: ClientRequest, { view }: Caller, error: unknown, status?: number): void {
    const { gatekeeper, logger } = this.#dependencies;
    const answer = failed(message, error, 'modern', logger, exchange);
    const refusal = gatekeeper.refusalOf(error, view);
    const usual = httpStatusOf(answer.error.code);
    if (refusal) exchange.finish([answer], refusal.status, refusal.headers);
    else exchange.finish([answer], usual === 200 ? status : usual);
  }
}

/** Who makes a request. @throws {RpcError} when the request does not say that as it should */
function check(
  { headers }: IncomingMessage,
  message: ClientRequest,
  schemaOf: (tool: string) => JsonObject | undefined,
): ClientProfile {
  checkVersionHeader(headers, message.params);
  const client = clientOf(message.method, message.params);
  checkRequestHeaders(headers, message, schemaOf);
  return client;
}
