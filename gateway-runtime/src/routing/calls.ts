import type { JsonObject } from '../contracts/json-rpc.js';
import type { RequestContext } from '../contracts/session.js';
import type { CallSpan, TraceContext, Tracer } from '../contracts/trace.js';
import type { AnswerRequest, UpstreamRequestOptions } from '../contracts/upstream.js';
import { RpcError, rpcCodes } from '../errors.js';
import { type InputRequired, inputMethods, inputRequiredOf } from '../protocol/input-required.js';
import { metaOf } from '../protocol/meta.js';
import { canAnswer } from '../protocol/questions.js';
import type { BackendConnection } from './backend-connection.js';
import { followed, parentOf, subjectOf, withTrace } from './call-trace.js';
import type { Connection } from './client-connection.js';
import { answerLive } from './live-input.js';
import type { LogLevels } from './log-levels.js';
import type { ParkedCalls, Progress } from './parked-calls.js';
import type { RequestStates, StateBinding } from './request-states.js';
import { type Tasks, tellsOfTask } from './tasks.js';
import { visitingUrls } from './url-elicitation.js';

/** A request of a client on its way to a backend. */
export interface Call {
  readonly backend: BackendConnection;
  readonly method: string;
  /** With the names that the backend knows. */
  readonly params: JsonObject;
  /** As the client sent them. */
  readonly received: JsonObject;
  /** Schema of the tool that is called. */
  readonly inputSchema?: JsonObject;
  /** Whether it is about a task, so that its result is, too. */
  readonly concernsTask?: boolean;
}

/** A request in its trace. */
export interface TracedRequest {
  /** Absent when nothing is traced. */
  readonly span: CallSpan | undefined;
  /** For whoever goes on with it; absent when nobody traces it. */
  readonly trace: TraceContext | undefined;
}

/** Where goes what is said before an answer. */
type Heard = Pick<RequestContext, 'notify'>;

/** What calls need from the rest of the gateway. */
export interface CallsDependencies {
  readonly levels: LogLevels;
  readonly states: RequestStates;
  readonly parked: ParkedCalls;
  readonly tasks: Tasks;
  /** Absent when nothing is traced. */
  readonly tracer?: Tracer;
}

/** Passes requests of clients on to backends and answers back, whatever the era of either. */
export class Calls {
  readonly #dependencies: CallsDependencies;

  constructor(dependencies: CallsDependencies) {
    this.#dependencies = dependencies;
  }

  /** @returns the result, in the era of the client. @throws {RpcError | UpstreamError} */
  forward(call: Call, context: RequestContext, traced = this.traced(call, context)): Promise<unknown> {
    const { span, trace } = traced;
    const sent = trace ? { ...call, params: withTrace(call.params, trace) } : call;
    const request = call.backend.track(this.#send(sent, context, trace));
    return span ? followed(span, context.signal, request) : request;
  }

  /** Where a request stands in its trace. It gets a span of its own, unless nothing is traced. */
  traced({ backend, method, received }: Omit<Call, 'params'>, context: RequestContext): TracedRequest {
    const parent = parentOf(received, context.trace);
    const span = this.#dependencies.tracer?.begin({ ...subjectOf(method, received), backend: backend.name, parent });
    return { span, trace: span?.context ?? parent };
  }

  async #send(call: Call, context: RequestContext, trace: TraceContext | undefined): Promise<unknown> {
    const found = call.backend.connectionFor(context);
    const sent =
      found instanceof Promise
        ? found.then((connection) => this.#sendOver(connection, call, context, trace))
        : this.#sendOver(found, call, context, trace);
    const result = await sent;
    if (!call.concernsTask && !tellsOfTask(call.received, result)) return result;
    return this.#dependencies.tasks.rename(result, call.backend.name, context.identity);
  }

  #sendOver(
    connection: Connection,
    call: Call,
    context: RequestContext,
    trace: TraceContext | undefined,
  ): Promise<unknown> {
    if (context.client.era === 'legacy') return this.#sendForLegacy(call, connection, context, trace);
    if (connection.description.era === 'modern') return this.#sendThrough(call, connection, context, trace);
    return this.#sendAndPark(call, connection, context, trace);
  }

  #sendForLegacy(
    call: Call,
    connection: Connection,
    context: RequestContext,
    trace: TraceContext | undefined,
  ): Promise<unknown> {
    const { backend, method, params } = call;
    const { signal } = context;
    context.answeredBy?.(backend.name);
    const ask: AnswerRequest = (...question) => this.#questionsTo(context, backend)(...question);
    const options = this.#options(call, connection, context, { signal, trace, onRequest: ask });
    if (connection.description.era === 'legacy' || !inputMethods.has(method)) {
      return connection.request(method, params, options);
    }
    // A client that is asked while it waits has no state of the backend's, and could only have made one up.
    const { inputResponses, requestState, ...own } = params;
    const send = (members: JsonObject = {}) => connection.request(method, { ...own, ...members }, options);
    return send().then((result) => answerLive(result, send, ask, signal));
  }

  /** Both sides are modern: what the backend asks goes to the client, and only its state is sealed on the way. */
  async #sendThrough(
    call: Call,
    connection: Connection,
    context: RequestContext,
    trace: TraceContext | undefined,
  ): Promise<unknown> {
    const { backend, method, params, received } = call;
    const binding = bindingOf(call, context);
    const state = received.requestState === undefined ? undefined : await this.#stateOf(call, binding);
    const options = this.#options(call, connection, context, { signal: context.signal, trace });
    const forwarded = state === undefined ? params : { ...params, requestState: state };
    const result = await connection.request(method, forwarded, options);
    const required = inputMethods.has(method) ? inputRequiredOf(result) : undefined;
    if (required?.requestState === undefined) return result;
    const requestState = await this.#dependencies.states.seal(
      { backend: backend.name, state: required.requestState },
      binding,
    );
    return { ...(result as JsonObject), requestState };
  }

  async #stateOf({ backend, received }: Call, binding: StateBinding): Promise<string> {
    const state = await this.#dependencies.states.open(received.requestState, binding);
    if ('state' in state && state.backend === backend.name) return state.state;
    throw new RpcError(rpcCodes.invalidParams, 'requestState belongs to another request');
  }

  /** The client cannot be asked while it waits: it gets the questions as its result and comes back with the answers. */
  async #sendAndPark(
    call: Call,
    connection: Connection,
    context: RequestContext,
    trace: TraceContext | undefined,
  ): Promise<unknown> {
    const { levels, parked, states } = this.#dependencies;
    const { method, received } = call;
    const { inputResponses, requestState, ...params } = call.params;
    const { identity, signal } = context;
    const notify: RequestContext['notify'] = (...told) => context.notify(...told);
    const round = { owner: identity.key, signal, notify };
    const wanted = levels.levelFor(context, received);
    if (wanted !== undefined) await levels.askFor(connection, wanted);
    let progress: Progress;
    if (requestState !== undefined) {
      const state = await states.open(requestState, bindingOf(call, context));
      if (!('parked' in state)) throw new RpcError(rpcCodes.invalidParams, 'requestState belongs to another request');
      progress = await parked.resume(state.parked, inputResponses, round);
    } else {
      progress = await parked.begin((heard) => {
        const onRequest = guarded(context, heard.ask);
        const own = { signal: heard.signal, trace, onRequest, heard };
        const options = this.#options(call, connection, context, own);
        const send = () => connection.request(method, params, options);
        return call.backend.track(visitingUrls(send, onRequest, heard.signal));
      }, round);
    }
    if ('result' in progress) return progress.result;
    return {
      resultType: 'input_required',
      inputRequests: progress.questions,
      requestState: await states.seal({ parked: progress.parked }, bindingOf(call, context)),
    } satisfies InputRequired & { resultType: string };
  }

  /** Asks the client of a request what a backend wants to know. */
  #questionsTo(context: RequestContext, { name }: BackendConnection): AnswerRequest {
    return guarded(context, this.#dependencies.tasks.asking(context.ask, name, context.identity));
  }

  /** What accompanies every request. */
  #options(
    { method, received, inputSchema }: Call,
    connection: Connection,
    context: RequestContext,
    own: Pick<UpstreamRequestOptions, 'signal' | 'trace' | 'onRequest'> & { readonly heard?: Heard },
  ): UpstreamRequestOptions {
    const { levels } = this.#dependencies;
    const { client } = context;
    const heard = own.heard ?? context;
    const isModern = connection.description.era === 'modern';
    return {
      caller: context.identity,
      signal: own.signal,
      trace: own.trace,
      onRequest: own.onRequest,
      inputSchema,
      capabilities: isModern ? client.capabilities : undefined,
      logLevel: isModern ? levels.levelFor(context, received) : undefined,
      onNotification: (name, params) => {
        if (name !== 'notifications/message' || levels.wants(params.level, context, received))
          heard.notify(name, params);
      },
      // Asked for whether or not the client wants it: a call that makes progress is not given up.
      onProgress: inputMethods.has(method) ? (progress) => tellProgress(progress, received, heard) : undefined,
    };
  }
}

/** Tells the client under its own token, if it has one. */
function tellProgress(progress: JsonObject, received: JsonObject, heard: Heard): void {
  const { progressToken } = metaOf(received);
  if (progressToken !== undefined) heard.notify('notifications/progress', { ...progress, progressToken });
}

function bindingOf({ method, received }: Call, { identity }: RequestContext): StateBinding {
  return { identity, method, params: received };
}

/** Nobody is asked what he did not say he can answer. */
function guarded(context: RequestContext, ask: AnswerRequest | undefined): AnswerRequest {
  return async (method, params, signal) => {
    if (ask && canAnswer(context.client, method, params)) return ask(method, params, signal);
    context.onUnasked?.(method);
    throw new RpcError(rpcCodes.methodNotFound, `${method} is not supported by this client`);
  };
}
