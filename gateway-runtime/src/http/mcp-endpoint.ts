import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { ClientProfile } from '../config/client.js';
import type { Logger } from '../config/host.js';
import type { AccessPolicy, Authenticator, Identity } from '../config/identity.js';
import { isObject, type JsonObject, type JsonRpcId, type JsonRpcMessage } from '../config/json-rpc.js';
import type { Dispatcher } from '../config/session.js';
import type { AnswerRequest } from '../config/upstream.js';
import { legacyVersions } from '../config/versions.js';
import { InsufficientScopeError, RpcError, rpcCodes, UnauthorizedError, UnavailableError } from '../errors.js';
import { readJson } from './body.js';
import type { ClientSessions } from './client-sessions.js';
import { EventStream } from './event-stream.js';
import { Exchange } from './exchange.js';
import { type ClientRequest, sortMessages } from './json-rpc.js';
import type { ProtectedResource } from './protected-resource.js';
import { Refusal } from './refusal.js';
import { cancelled, type HttpSession } from './session.js';

/** The only version with batches. */
const batchVersion = '2025-03-26';

/** What the endpoint needs from the rest of the gateway. */
export interface McpEndpointDependencies {
  readonly authenticator: Authenticator;
  readonly policy: AccessPolicy;
  readonly protectedResource: ProtectedResource;
  readonly dispatcher: Dispatcher;
  /** Absent when the gateway keeps no sessions. */
  readonly sessions?: ClientSessions;
  readonly logger: Logger;
  /** Milliseconds between keep-alive comments. @default 10000, below the 15 s that an API Gateway waits for the next byte */
  readonly keepAliveMs?: number;
}

/**
 * The MCP endpoint over Streamable HTTP.
 * https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#streamable-http
 */
export class McpEndpoint {
  readonly #dependencies: McpEndpointDependencies;
  readonly #keepAliveMs: number;
  readonly #active = new Set<AbortController>();
  #onIdle: () => void = () => {};

  constructor(dependencies: McpEndpointDependencies) {
    this.#dependencies = dependencies;
    this.#keepAliveMs = dependencies.keepAliveMs ?? 10_000;
  }

  /** @throws {Refusal} when the request cannot be served. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const identity = await this.identify(request);
    if (request.method === 'POST') return this.#post(request, response, identity);
    if (request.method === 'GET' && this.#dependencies.sessions) return this.#listen(request, response, identity);
    if (request.method === 'DELETE' && this.#dependencies.sessions) return this.#delete(request, response, identity);
    const allow = this.#dependencies.sessions ? 'GET, POST, DELETE' : 'POST';
    throw new Refusal(405, `${request.method} is not supported here`, { allow });
  }

  /** Who makes this request. @throws {Refusal} 401 or 403 */
  async identify({ headers }: IncomingMessage): Promise<Identity> {
    const { authenticator, policy, protectedResource } = this.#dependencies;
    const identity = await authenticator.authenticate(headers.authorization).catch((error) => {
      if (error instanceof UnavailableError) throw new Refusal(503, error.message, { 'retry-after': '5' });
      if (!(error instanceof UnauthorizedError)) throw error;
      const details = error.tokenPresent ? { code: 'invalid_token' as const, text: error.message } : undefined;
      throw new Refusal(401, error.message, {
        'www-authenticate': protectedResource.challenge(details, policy.requiredForGateway),
      });
    });
    const missing = policy.missingForGateway(identity);
    if (missing.length > 0)
      throw this.#insufficientScope(`the token lacks ${missing.join(', ')}`, policy.requiredForGateway);
    return identity;
  }

  /** Ends what only waits for news and then waits for calls in flight, at most `graceMs`; the rest is aborted. */
  async drain(graceMs: number): Promise<void> {
    this.#dependencies.sessions?.endStreams();
    if (this.#active.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve;
      setTimeout(resolve, graceMs).unref();
    });
    for (const controller of this.#active) controller.abort();
  }

  async #post(request: IncomingMessage, response: ServerResponse, identity: Identity): Promise<void> {
    if (!accepts(request, 'application/json') || !accepts(request, 'text/event-stream')) {
      throw new Refusal(406, 'Accept must allow both application/json and text/event-stream');
    }
    const { requests, notifications, responses, isBatch } = sortMessages(await readJson(request));
    const initializes = requests.some(({ method }) => method === 'initialize');
    if (initializes && isBatch) throw new Refusal(400, 'initialize must come alone', {}, rpcCodes.invalidRequest);
    const version = checkVersion(request);
    const session = initializes ? undefined : await this.#sessionOf(request, identity);
    // The client may have left while its session was looked up; nothing would tell of it again.
    if (response.destroyed) return;
    if (isBatch && (session?.client.version ?? version ?? batchVersion) !== batchVersion) {
      throw new Refusal(400, `batches exist only in MCP ${batchVersion}`, {}, rpcCodes.invalidRequest);
    }
    for (const { method, params } of notifications) {
      if (method === cancelled) session?.cancel(params.requestId as JsonRpcId);
      else if (session) this.#dependencies.dispatcher.notified(method, params, session);
    }
    for (const response of responses) session?.settle(response);
    if (requests.length === 0) {
      response.writeHead(202).end();
      return;
    }
    const controllers = requests.map(() => new AbortController());
    const exchange = new Exchange(response, this.#keepAliveMs, () => {
      for (const controller of controllers) controller.abort();
    });
    const headers: OutgoingHttpHeaders = {};
    let refusal: Refusal | undefined;
    const answers = await Promise.all(
      requests.map((message, index) =>
        this.#answer(message, controllers[index] as AbortController, exchange, identity, session, headers).catch(
          (error) => {
            if (error instanceof InsufficientScopeError) refusal = this.#insufficientScope(error.message, error.scopes);
            return this.#toError(message, error);
          },
        ),
      ),
    );
    const wanted = answers.filter((_, index) => !controllers[index]?.signal.aborted);
    if (refusal && !isBatch) exchange.finish(wanted, false, refusal.status, refusal.headers);
    else exchange.finish(wanted, isBatch, 200, headers);
  }

  async #answer(
    { id, method, params }: ClientRequest,
    controller: AbortController,
    exchange: Exchange,
    identity: Identity,
    session: HttpSession | undefined,
    headers: OutgoingHttpHeaders,
  ): Promise<JsonRpcMessage> {
    this.#active.add(controller);
    session?.begin(id, controller, exchange);
    const { signal } = controller;
    let questions: AbortController | undefined;
    const ask: AnswerRequest = (name, content, wanted) => {
      questions ??= new AbortController();
      const asking = AbortSignal.any([signal, wanted, questions.signal]);
      return (session as HttpSession).ask(name, content, asking, exchange);
    };
    try {
      const result = await this.#dependencies.dispatcher.dispatch(method, params, {
        identity,
        client: session?.client ?? legacyClient(batchVersion),
        session,
        trace: exchange.trace,
        signal,
        notify: (name, content) => void exchange.send({ jsonrpc: '2.0', method: name, params: content }),
        ask: session && ask,
      });
      if (method === 'initialize') await this.#openSession(identity, params, result, headers);
      return { jsonrpc: '2.0', id, result };
    } finally {
      questions?.abort();
      session?.end(id, controller, exchange);
      this.#active.delete(controller);
      if (this.#active.size === 0) this.#onIdle();
    }
  }

  async #openSession(
    identity: Identity,
    params: JsonObject,
    result: unknown,
    headers: OutgoingHttpHeaders,
  ): Promise<void> {
    const { sessions } = this.#dependencies;
    if (!sessions) return;
    const { protocolVersion } = result as { protocolVersion: string };
    const client = legacyClient(protocolVersion, params.capabilities);
    headers['mcp-session-id'] = (await sessions.open(identity, client)).id;
  }

  #toError({ id, method }: ClientRequest, error: unknown): JsonRpcMessage {
    if (error instanceof RpcError) {
      const { code, message, data } = error;
      return { jsonrpc: '2.0', id, error: { code, message, ...(data !== undefined && { data }) } };
    }
    if (error instanceof InsufficientScopeError) {
      return { jsonrpc: '2.0', id, error: { code: rpcCodes.refused, message: error.message } };
    }
    this.#dependencies.logger.error({ method, error: String(error) }, 'request failed');
    return { jsonrpc: '2.0', id, error: { code: rpcCodes.internalError, message: 'internal error' } };
  }

  async #listen(request: IncomingMessage, response: ServerResponse, identity: Identity): Promise<void> {
    if (!accepts(request, 'text/event-stream')) throw new Refusal(406, 'Accept must allow text/event-stream');
    checkVersion(request);
    const session = (await this.#sessionOf(request, identity)) as HttpSession;
    // The client may have left while its token and its session were looked at; nothing would tell of it again.
    if (response.destroyed) return;
    const stop = session.listen(new EventStream(response, this.#keepAliveMs));
    response.once('close', stop);
  }

  async #delete(request: IncomingMessage, response: ServerResponse, identity: Identity): Promise<void> {
    const session = (await this.#sessionOf(request, identity)) as HttpSession;
    await this.#dependencies.sessions?.end(session);
    response.writeHead(204).end();
  }

  /** @throws {Refusal} 400 without an id, 404 when it is unknown or belongs to somebody else, 503 when that is not known */
  async #sessionOf({ headers }: IncomingMessage, identity: Identity): Promise<HttpSession | undefined> {
    const { sessions } = this.#dependencies;
    if (!sessions) return undefined;
    const id = headers['mcp-session-id'];
    if (typeof id !== 'string') {
      throw new Refusal(400, 'Mcp-Session-Id is missing; send initialize first', {}, rpcCodes.invalidRequest);
    }
    const session = await sessions.find(id, identity);
    if (!session) throw new Refusal(404, 'unknown session; send initialize again');
    return session;
  }

  #insufficientScope(message: string, scopes: readonly string[]): Refusal {
    const challenge = this.#dependencies.protectedResource.challenge(
      { code: 'insufficient_scope', text: message },
      scopes,
    );
    return new Refusal(403, message, { 'www-authenticate': challenge });
  }
}

function legacyClient(version: string, capabilities?: unknown): ClientProfile {
  return { era: 'legacy', version, capabilities: isObject(capabilities) ? capabilities : {} };
}

/** @throws {Refusal} 400 for a version nobody here speaks */
function checkVersion({ headers }: IncomingMessage): string | undefined {
  const version = headers['mcp-protocol-version'];
  if (version === undefined || legacyVersions.includes(String(version))) return version as string | undefined;
  const supported = legacyVersions.join(', ');
  throw new Refusal(400, `unsupported MCP-Protocol-Version; supported: ${supported}`, {}, rpcCodes.invalidRequest);
}

function accepts({ headers: { accept } }: IncomingMessage, type: string): boolean {
  if (accept === undefined) return true;
  const [group] = type.split('/');
  return accept
    .toLowerCase()
    .split(',')
    .map((part) => part.split(';')[0]?.trim())
    .some((range) => range === type || range === '*/*' || range === `${group}/*`);
}
