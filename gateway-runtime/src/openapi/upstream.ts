import type { OpenApiBackend } from '../config/backend.js';
import { latestModernVersion } from '../config/versions.js';
import type { Abortable } from '../contracts/abortable.js';
import type { Logger } from '../contracts/host.js';
import type { OutboundAuth, OutboundHeaders } from '../contracts/identity.js';
import { isObject, type JsonObject } from '../contracts/json-rpc.js';
import type { ServerDescription, Upstream, UpstreamEvents, UpstreamRequestOptions } from '../contracts/upstream.js';
import { RpcError, rpcCodes, UpstreamError } from '../errors.js';
import { HttpStatusError, NoAnswerError } from '../outgoing/failures.js';
import { HttpClient, type SendOptions, toUpstreamError } from '../outgoing/http-client.js';
import type { Catalogue } from './catalogue.js';
import type { Catalogues } from './catalogues.js';
import { Deadline } from './deadline.js';
import { type DocumentSource, documentSource } from './document-source.js';
import { configuredSecrets, withoutSecrets } from './redaction.js';
import { RequestMaker } from './request.js';
import { failure, resultOf } from './result.js';
import type { ServiceAnswer } from './service-answer.js';
import type { Tool } from './tool.js';
import { WrongArguments } from './wrong-arguments.js';

/** Statuses by which something in front of a service says that the service is not there. */
const absent: readonly number[] = [502, 503, 504];

/** Operations named in one line of the log. */
const mostNamed = 10;

/** What a connection needs from the rest of the gateway. */
export interface OpenApiUpstreamOptions {
  readonly backend: OpenApiBackend;
  readonly auth: OutboundAuth;
  /** What is known of documents, for all connections. */
  readonly catalogues: Catalogues;
  readonly logger: Logger;
  readonly events: UpstreamEvents;
}

/** A service that speaks no MCP: its document says which tools it has, and each call of one is a request of its own. */
export class OpenApiUpstream implements Upstream {
  readonly #options: OpenApiUpstreamOptions;
  readonly #client: HttpClient;
  readonly #source: DocumentSource;
  readonly #requests: RequestMaker;
  readonly #secrets: readonly string[];
  #catalogue: Catalogue | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  /** A document that could not be read, or not yet. */
  #unread: Buffer | undefined;
  /** What was said last of a document that could not be read again. */
  #complaint: string | undefined;

  constructor(options: OpenApiUpstreamOptions) {
    const { backend, auth } = options;
    this.#options = options;
    this.#client = new HttpClient(backend, auth);
    this.#source = documentSource(backend, this.#client);
    this.#requests = new RequestMaker(this.#client.url);
    this.#secrets = configuredSecrets(backend);
  }

  async connect(): Promise<ServerDescription> {
    const bytes = await this.#inTime('document', (signal) => this.#source.read(signal), this.#connectMs);
    if (bytes) await this.#read(bytes);
    this.#schedule();
    const instructions = this.#catalogue?.instructions;
    return {
      era: 'modern',
      version: latestModernVersion,
      capabilities: { tools: { listChanged: true } },
      ...(instructions && { instructions }),
    };
  }

  async request(method: string, params: JsonObject = {}, options: UpstreamRequestOptions = {}): Promise<unknown> {
    if (method === 'tools/call') return this.#call(params, options);
    if (method === 'tools/list') return { tools: [...this.#tools.values()].map(({ item }) => item) };
    if (method === 'ping') return this.#ping(options);
    throw new RpcError(rpcCodes.methodNotFound, `${method} is not known to a service described by a document`);
  }

  notify(): void {}

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await Promise.all([this.#client.close(), this.#source.close()].map((closing) => closing.catch(() => {})));
  }

  /** What the document makes of the service; undefined before it was read. */
  get catalogue(): Catalogue | undefined {
    return this.#catalogue;
  }

  get #tools(): ReadonlyMap<string, Tool> {
    return this.#catalogue?.tools ?? new Map();
  }

  get #connectMs(): number {
    return this.#options.backend.connect_timeout * 1000;
  }

  async #call({ name, arguments: values }: JsonObject, options: UpstreamRequestOptions): Promise<JsonObject> {
    const tool = typeof name === 'string' ? this.#tools.get(name) : undefined;
    if (!tool) throw new RpcError(rpcCodes.invalidParams, 'unknown tool');
    try {
      const { method, headers, ...request } = this.#requests.make(tool, isObject(values) ? values : {});
      const answer = await this.#send(method, { ...options.trace, ...headers }, request, options);
      return resultOf(answer, tool);
    } catch (error) {
      if (error instanceof WrongArguments) return failure(`wrong arguments: ${error.message}`);
      throw error;
    }
  }

  async #send(
    method: Parameters<HttpClient['send']>[0],
    headers: Record<string, string>,
    request: Pick<SendOptions, 'url' | 'body'>,
    { signal, caller }: UpstreamRequestOptions,
  ): Promise<ServiceAnswer> {
    let proof: OutboundHeaders = {};
    const onProof = (given: OutboundHeaders) => {
      proof = given;
    };
    const send = (ending: Abortable) =>
      this.#client.send(method, headers, { ...request, caller, signal: ending, onProof });
    const answer = await this.#inTime('tools/call', send, this.#options.backend.request_timeout * 1000, signal);
    return withoutSecrets({ ...answer, body: answer.body.join() }, proof, this.#secrets);
  }

  /** Any answer shows that the service is there: it need not know its own beginning, nor what HEAD is. */
  async #ping({ signal }: UpstreamRequestOptions): Promise<JsonObject> {
    const answer = await this.#inTime(
      'HEAD',
      (ending) => this.#client.send('HEAD', {}, { signal: ending }),
      this.#connectMs,
      signal,
    );
    answer.stream?.end();
    if (absent.includes(answer.status)) throw new HttpStatusError(answer.status);
    return {};
  }

  async #inTime<T>(what: string, task: (signal: Abortable) => Promise<T>, ms: number, outer?: Abortable): Promise<T> {
    const deadline = new Deadline(ms, outer);
    try {
      return await task(deadline.signal);
    } catch (error) {
      if (deadline.hasPassed) throw new NoAnswerError(`did not answer ${what} within ${ms / 1000} s`);
      throw error;
    } finally {
      deadline.clear();
    }
  }

  async #read(bytes: Buffer): Promise<void> {
    const { backend, logger } = this.#options;
    this.#catalogue = await this.#options.catalogues.read(bytes, backend);
    const { leftOut } = this.#catalogue;
    if (leftOut.length === 0) return;
    const named = leftOut.slice(0, mostNamed).map(({ operation, reason }) => `${operation}: ${reason}`);
    logger.warn(
      { backend: backend.name, count: leftOut.length, operations: named },
      'operations of the document are left out',
    );
  }

  #schedule(): void {
    const ms = this.#options.backend.document_refresh_interval * 1000;
    if (ms > 0 && !this.#isClosed) this.#timer = setTimeout(() => void this.#refresh(), ms).unref();
  }

  /** Looks whether the document has changed. One that cannot be used any more changes nothing. */
  async #refresh(): Promise<void> {
    const { backend, logger, events } = this.#options;
    try {
      const changed = await this.#inTime('document', (signal) => this.#source.read(signal), this.#connectMs);
      const bytes = changed ?? this.#unread;
      this.#unread = bytes;
      if (bytes && !this.#isClosed) {
        await this.#read(bytes);
        this.#unread = undefined;
        logger.info({ backend: backend.name, tools: this.#tools.size }, 'document has changed');
        events.onNotification('notifications/tools/list_changed', {});
      }
      this.#complaint = undefined;
    } catch (error) {
      const reason = error instanceof UpstreamError ? error.message : toUpstreamError(error).message;
      if (reason !== this.#complaint && !this.#isClosed) {
        logger.warn({ backend: backend.name, reason }, 'document cannot be read again; its tools stay as they are');
      }
      this.#complaint = reason;
    }
    this.#schedule();
  }
}
