import type { IncomingMessage, ServerResponse } from 'node:http';
import { issuersOf } from '../config/auth.js';
import type { GatewayConfig } from '../config/index.js';
import { restPath } from '../config/rest-path.js';
import { Cancellation } from '../contracts/abortable.js';
import { isObject } from '../contracts/json-rpc.js';
import { jsonOfResult } from '../contracts/result-json.js';
import type { Dispatcher, RequestContext } from '../contracts/session.js';
import { traceContextOf } from '../contracts/trace.js';
import type { Admitting } from '../http/admission.js';
import { readJson } from '../http/body.js';
import { type Caller, Gatekeeper } from '../http/gatekeeper.js';
import { checkIsGet, sendCurrent } from '../http/get.js';
import type { Neighbour } from '../http/listener.js';
import { Refusal } from '../http/refusal.js';
import { requestIdOf } from '../http/request-id.js';
import { CallsInFlight } from '../protocol/calls-in-flight.js';
import { baseUrlOf } from './base-url.js';
import { exported, functionFormats } from './functions/export.js';
import { mayBeMadeUp, originalOf } from './names.js';
import { AuthorizationServers, type FetchDocument } from './openapi/authorization-servers.js';
import { openApiDocument } from './openapi/document.js';
import { chatGptForms, completeForms } from './openapi/form.js';
import { securityOf } from './openapi/security.js';
import { isRestPath, type Place, placeAt } from './place.js';
import { Problem, sendProblem } from './problem.js';
import { callTool, problemOf } from './tool-call.js';
import { allTools, pageOfTools, restClient } from './tool-list.js';

/** What the REST API needs from the rest of the gateway. */
export interface RestApiDependencies {
  readonly current: Admitting & { readonly config: GatewayConfig };
  readonly dispatcher: Dispatcher;
  /** Reads what authorization servers say of themselves. */
  readonly fetchDocument: FetchDocument;
}

/**
 * Tools as plain HTTP, for clients that do not speak MCP: what they are, in the forms that models' services and generators of
 * clients take, and a path at which each is called. Who may see and call what is decided as for MCP.
 */
export class RestApi implements Neighbour {
  readonly #dependencies: RestApiDependencies;
  readonly #gatekeeper: Gatekeeper;
  readonly #servers: AuthorizationServers;
  readonly #calls = new CallsInFlight();
  readonly sendRefusal = sendProblem;

  constructor(dependencies: RestApiDependencies) {
    this.#dependencies = dependencies;
    this.#gatekeeper = new Gatekeeper(dependencies.current);
    this.#servers = new AuthorizationServers(dependencies.fetchDocument);
  }

  isServedAt(path: string): boolean {
    return isRestPath(path);
  }

  /** @throws {Refusal} when the request cannot be served. */
  async handle(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const place = placeAt(path);
    if (!place) throw new Refusal(404, `nothing is served here; tools are at ${restPath}/tools`);
    const { view } = place;
    const identity = await this.#gatekeeper.identify(request, view);
    if (view !== undefined && !this.#dependencies.dispatcher.hasView(view)) {
      throw new Refusal(404, 'there is no such view');
    }
    // The client may have left while its token was looked at; nothing would tell of it again.
    if (response.destroyed) return;
    const cancellation = new Cancellation();
    response.once('close', () => {
      if (!response.writableFinished) cancellation.abort();
    });
    const end = this.#calls.begin(cancellation);
    try {
      await this.#answer(
        request,
        response,
        place,
        this.#contextOf(request, response, { identity, view }, cancellation),
      );
    } catch (error) {
      // Nobody waits for the answer any more.
      if (response.destroyed) return;
      throw this.#refusalOf(error, view);
    } finally {
      end();
    }
  }

  /** Waits for calls in flight, at most `graceMs`, and aborts the rest. */
  drain(graceMs: number): Promise<void> {
    return this.#calls.drain(graceMs);
  }

  #contextOf(
    { headers }: IncomingMessage,
    response: ServerResponse,
    { identity, view }: Caller,
    signal: Cancellation,
  ): RequestContext {
    const [trace, requestId] = [traceContextOf(headers), requestIdOf(response)];
    // Whoever waits for one answer hears of nothing before.
    return { identity, view, client: restClient, trace, requestId, signal, notify: () => {} };
  }

  #refusalOf(error: unknown, view: string | undefined): unknown {
    return this.#gatekeeper.refusalOf(error, view) ?? problemOf(error);
  }

  #answer(request: IncomingMessage, response: ServerResponse, place: Place, context: RequestContext): Promise<void> {
    if (place.what === 'tool' && request.method === 'POST') return this.#call(request, response, place, context);
    if (place.what === 'tool') {
      throw new Refusal(405, `${request.method} is not supported here; tools are called with POST`, { allow: 'POST' });
    }
    checkIsGet(request);
    if (place.what === 'tools') return this.#list(request, response, place, context);
    return this.#describe(request, response, place, context);
  }

  async #call(request: IncomingMessage, response: ServerResponse, { tool = '' }: Place, context: RequestContext) {
    const { dispatcher } = this.#dependencies;
    const args = hasBody(request) ? await readJson(request) : {};
    if (!isObject(args)) throw new Refusal(400, 'the body must be an object of arguments, such as {"query": "…"}');
    send(response, await callTool(dispatcher, await this.#meant(tool, context), args, context));
  }

  /** The tool's own name for one of a path. */
  async #meant(name: string, context: RequestContext): Promise<string> {
    const { dispatcher } = this.#dependencies;
    const isOwn = !mayBeMadeUp(name) || dispatcher.inputSchemaOf(name, context) !== undefined;
    return isOwn ? name : originalOf(name, await allTools(dispatcher, context));
  }

  async #list(request: IncomingMessage, response: ServerResponse, place: Place, context: RequestContext) {
    const { dispatcher } = this.#dependencies;
    const query = queryOf(request, ['format', 'cursor']);
    const format = query.get('format');
    if (format !== null) {
      const known = functionFormats.get(format);
      if (!known) throw new Refusal(400, `format must be one of ${[...functionFormats.keys()].join(', ')}`);
      if (query.has('cursor')) throw new Refusal(400, 'a format has one page; leave cursor out');
      return send(response, exported(format, known, await allTools(dispatcher, context)));
    }
    const page = await pageOfTools(dispatcher, context, query.get('cursor') ?? undefined);
    if (page.nextCursor !== undefined) {
      const next = `${this.#urlOf(request, place.view)}/tools?cursor=${encodeURIComponent(page.nextCursor)}`;
      response.setHeader('link', `<${next}>; rel="next"`);
    }
    const json = jsonOfResult(page);
    if (json === undefined) send(response, page);
    else sendCurrent(response, 200, 'application/json', String(json));
  }

  async #describe(request: IncomingMessage, response: ServerResponse, { what, view }: Place, context: RequestContext) {
    const { current, dispatcher } = this.#dependencies;
    const query = queryOf(request, ['limits']);
    if (query.has('limits') && query.get('limits') !== 'none') throw new Refusal(400, 'limits may only be "none"');
    const { config, admission } = current;
    const { auth } = config;
    const { authorizationServers: places } = admission.protectedResource;
    const [tools, servers] = await Promise.all([
      allTools(dispatcher, context),
      auth.enabled ? this.#servers.find(places, issuersOf(auth)) : [],
    ]);
    const scopes = admission.protectedResource.scopesToAskFor(admission.policy.requiredIn({ view }));
    const document = openApiDocument({
      form: (query.has('limits') ? completeForms : chatGptForms)[what === 'openapi' ? '3.1' : '3.0'],
      title: view === undefined ? config.name : `${config.name}: ${view}`,
      version: config.version,
      purpose: view === undefined ? undefined : config.views[view]?.description,
      url: this.#urlOf(request, view),
      security: securityOf(auth, places, servers, scopes),
      tools,
    });
    send(response, document);
  }

  #urlOf(request: IncomingMessage, view: string | undefined): string {
    const { config, admission } = this.#dependencies.current;
    return baseUrlOf(request, config, admission.prefix, view);
  }
}

/** A tool without arguments needs no body. */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** What a request asks for behind "?". @throws {Refusal} 400 for what is not known: a misspelt one would be overlooked */
function queryOf({ url = '' }: IncomingMessage, known: readonly string[]): URLSearchParams {
  const start = url.indexOf('?');
  const query = new URLSearchParams(start < 0 ? '' : url.slice(start));
  const unknown = [...query.keys()].find((name) => !known.includes(name));
  if (unknown === undefined) return query;
  const name = JSON.stringify(unknown.slice(0, 100));
  throw new Refusal(400, `unknown parameter ${name}; known are ${known.join(', ')}`);
}

function send(response: ServerResponse, body: unknown): void {
  sendCurrent(response, 200, 'application/json', written(body));
}

/** @throws {Problem} for what a backend nested too deeply to be written */
function written(body: unknown): string {
  try {
    return JSON.stringify(body);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Problem(502, 'backend_failed', 'the backend sent an answer that is nested too deeply');
  }
}
