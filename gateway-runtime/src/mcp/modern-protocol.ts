import { eraOf, latestModernVersion, modernVersions } from '../config/versions.js';
import type { Logger } from '../contracts/host.js';
import { isObject, type JsonObject } from '../contracts/json-rpc.js';
import type { ServerDescription, UpstreamEvents, UpstreamRequestOptions } from '../contracts/upstream.js';
import { RpcError, rpcCodes, UnspokenEraError, UpstreamError } from '../errors.js';
import { HttpStatusError, NoAnswerError } from '../outgoing/failures.js';
import { metaKeys, withMeta } from '../protocol/meta.js';
import { listenMethod } from '../protocol/results.js';
import type { Correlator } from './correlator.js';
import { NoCommonVersionError } from './failures.js';
import type { Caller, Protocol } from './protocol.js';
import { Subscriptions } from './subscriptions.js';
import { ToolHeaders } from './tool-headers.js';
import type { Transport } from './transport.js';

/** Notifications of clients that this era no longer has. */
const gone: readonly string[] = ['notifications/initialized', 'notifications/roots/list_changed'];

/** Milliseconds that a subscription may last at most, the longest time a timer can measure; then it is opened again. */
const subscriptionMs = 2 ** 31 - 1;

/** What the modern era needs of its surroundings. */
export interface ModernDependencies {
  readonly backend: string;
  readonly correlator: Correlator;
  readonly transport: Transport;
  readonly caller: Caller;
  readonly events: Pick<UpstreamEvents, 'onNotification'>;
  readonly logger: Logger;
  /** The one version that will do. */
  readonly pinned?: string;
}

/** The modern era: each request says who asks and what the client can do. https://modelcontextprotocol.io/specification/2026-07-28/basic#meta */
export class ModernProtocol implements Protocol {
  readonly #dependencies: ModernDependencies;
  readonly #subscriptions: Subscriptions;
  readonly #toolHeaders: ToolHeaders | undefined;
  #version: string;

  constructor(dependencies: ModernDependencies) {
    const { backend, events, logger, transport, pinned = latestModernVersion } = dependencies;
    this.#dependencies = dependencies;
    this.#version = pinned;
    this.#subscriptions = new Subscriptions(
      (notifications, options) => this.#ask(listenMethod, { notifications }, options, subscriptionMs),
      events,
    );
    if (!transport.hasHeaders) return;
    this.#toolHeaders = new ToolHeaders(this.#ask.bind(this), {
      onFault: (tool, reason) => logger.warn({ backend, tool, reason }, 'tool left out'),
      onChanged: () => events.onNotification('notifications/tools/list_changed', {}),
    });
  }

  async connect(timeoutMs: number): Promise<ServerDescription> {
    const { capabilities, instructions } = await this.#agree(timeoutMs);
    const known = isObject(capabilities) ? capabilities : {};
    if (this.#dependencies.transport.hasStreams) this.#subscriptions.start(known);
    return {
      era: 'modern',
      version: this.#version,
      capabilities: known,
      instructions: typeof instructions === 'string' ? instructions : undefined,
    };
  }

  async request(method: string, params: JsonObject | undefined, options?: UpstreamRequestOptions): Promise<unknown> {
    switch (method) {
      case 'ping':
        return this.ping();
      case 'logging/setLevel':
        return {};
      case 'resources/subscribe':
        await this.#subscriptions.add(String(params?.uri));
        return {};
      case 'resources/unsubscribe':
        await this.#subscriptions.delete(String(params?.uri));
        return {};
      case 'tools/list':
        return this.#toolHeaders?.list(params, options) ?? this.#ask(method, params, options);
      case 'tools/call':
        return this.#toolHeaders?.call(params, options) ?? this.#ask(method, params, options);
      default:
        return this.#ask(method, params, options);
    }
  }

  notify(method: string, params?: JsonObject): void {
    if (!gone.includes(method)) void this.#dependencies.correlator.notify(method, params).catch(() => {});
  }

  async ping(timeoutMs?: number): Promise<unknown> {
    const isSame = (result: unknown) => supportedBy(result)?.includes(this.#version) ?? false;
    const result = await this.#ask('server/discover', undefined, {}, timeoutMs).catch((error) => {
      if (error instanceof RpcError) return undefined;
      throw error;
    });
    if (isSame(result)) return {};
    throw new UpstreamError('speaks another version of MCP than before', true);
  }

  close(): void {
    this.#subscriptions.close();
  }

  /** Asks what the backend speaks, in a version that it may refuse once. */
  async #agree(timeoutMs: number): Promise<JsonObject> {
    const spoken = this.#dependencies.pinned === undefined ? modernVersions : [this.#dependencies.pinned];
    for (let attempt = 0; ; attempt++) {
      this.#dependencies.transport.speak(this.#version);
      const answer = await this.#ask('server/discover', undefined, {}, timeoutMs).catch((error: unknown) => error);
      const supported = supportedBy(answer);
      if (!supported) throw failedDiscovery(answer);
      const version = spoken.find((candidate) => supported.includes(candidate));
      if (version === undefined) {
        if (supported.some((other) => eraOf(other) === 'legacy')) throw new UnspokenEraError(legacyOnly);
        throw new NoCommonVersionError(supported);
      }
      this.#version = version;
      this.#dependencies.transport.speak(version);
      if (!(answer instanceof Error)) return answer as JsonObject;
      if (attempt > 0) throw new UpstreamError(`refuses MCP ${version}, which it says it speaks`);
    }
  }

  #ask(
    method: string,
    params: JsonObject | undefined,
    options: UpstreamRequestOptions = {},
    timeoutMs?: number,
  ): Promise<unknown> {
    const { correlator, caller } = this.#dependencies;
    const envelope = {
      [metaKeys.protocolVersion]: this.#version,
      [metaKeys.clientInfo]: caller.info,
      [metaKeys.clientCapabilities]: options.capabilities ?? {},
      [metaKeys.logLevel]: options.logLevel,
    };
    return correlator.request(method, withMeta(params, envelope), options, timeoutMs);
  }
}

const legacyOnly = 'speaks only versions of MCP that begin with a handshake';

/** The versions that an answer names, be it to `server/discover` or a refusal of the version. */
function supportedBy(answer: unknown): readonly unknown[] | undefined {
  let named: unknown;
  if (answer instanceof RpcError) {
    if (answer.code === rpcCodes.unsupportedVersion && isObject(answer.data)) named = answer.data.supported;
  } else if (isObject(answer)) named = answer.supportedVersions;
  return Array.isArray(named) ? named : undefined;
}

/** Errors that only servers of this era know, so that asking in another way makes no sense. */
const modernOnly: readonly number[] = [rpcCodes.headerMismatch, rpcCodes.missingClientCapability];

/** Statuses that whatever stands before a server answers with, and that say nothing of its era. */
const inconclusive: readonly number[] = [401, 429, 502, 503, 504];

/** Whatever is neither a failure of the connection nor an error of this era means another one. */
function failedDiscovery(failure: unknown): Error {
  if (failure instanceof NoAnswerError) return failure;
  if (failure instanceof HttpStatusError && inconclusive.includes(failure.status)) return failure;
  if (failure instanceof UpstreamError && failure.disconnected) return failure;
  if (failure instanceof RpcError && modernOnly.includes(failure.code)) {
    return new UpstreamError(`refused server/discover: ${failure.message}`);
  }
  const reason = failure instanceof Error ? `: ${failure.message}` : '';
  return new UnspokenEraError(`does not speak MCP ${latestModernVersion} or later${reason}`);
}
