import type { Backend } from '../config/backend.js';
import { type Era, eraOf } from '../config/versions.js';
import type { Logger } from '../contracts/host.js';
import type { JsonObject } from '../contracts/json-rpc.js';
import type {
  ServerDescription,
  Upstream,
  UpstreamEvents,
  UpstreamPurpose,
  UpstreamRequestOptions,
} from '../contracts/upstream.js';
import { UnspokenEraError, UpstreamError } from '../errors.js';
import { CrashError, NoAnswerError } from '../outgoing/failures.js';
import { Correlator } from './correlator.js';
import { NoCommonVersionError } from './failures.js';
import { LegacyProtocol } from './legacy-protocol.js';
import { Liveness } from './liveness.js';
import { ModernProtocol } from './modern-protocol.js';
import type { Caller, Protocol } from './protocol.js';
import type { Transport, TransportEvents } from './transport.js';

/** What a connection needs to know and to reach. */
export interface ConnectionOptions {
  readonly backend: Backend;
  readonly purpose: UpstreamPurpose;
  readonly clientInfo: Caller['info'];
  readonly logger: Logger;
  readonly events: UpstreamEvents;
  /** By name of the backend, the era to begin with: the one it spoke last. */
  readonly remembered: Map<string, Era>;
  makeTransport(events: TransportEvents): Transport;
}

/** A connection to a backend that finds out in which era to speak. */
export class Connection implements Upstream {
  readonly #options: ConnectionOptions;
  readonly #transport: Transport;
  readonly #correlator: Correlator;
  readonly #liveness: Liveness;
  readonly #connectMs: number;
  #protocol: Protocol | undefined;
  #closed = false;

  constructor(options: ConnectionOptions) {
    const { backend, events, makeTransport } = options;
    this.#options = options;
    this.#connectMs = backend.connect_timeout * 1000;
    this.#transport = makeTransport({
      onMessage: (message, related) => this.#correlator.receive(message, related),
      isPending: (id) => this.#correlator.isPending(id),
      onDoubt: () => {
        if (this.#protocol) void this.#liveness.probe();
      },
      onGone: (reason) => {
        this.#correlator.rejectAll(new CrashError(reason));
        this.#lost(reason);
      },
      renew: async () => {
        const description = await this.#protocol?.connect(this.#connectMs);
        if (description) events.onReinitialized(description);
      },
    });
    this.#correlator = new Correlator(
      (message, signal, request) => this.#transport.send(message, signal, request),
      backend.request_timeout * 1000,
      events,
    );
    this.#liveness = new Liveness(
      async () => this.#protocol?.ping(this.#connectMs),
      (reason) => this.#lost(reason),
    );
  }

  async connect(): Promise<ServerDescription> {
    await this.#transport.open();
    return this.#negotiate(this.#eras());
  }

  request(method: string, params: JsonObject | undefined, options?: UpstreamRequestOptions): Promise<unknown> {
    if (!this.#protocol) return Promise.reject(new UpstreamError('is not connected', true));
    return this.#protocol.request(method, params, this.#transport.hasStreams ? options : withoutProgress(options));
  }

  notify(method: string, params?: JsonObject): void {
    this.#protocol?.notify(method, params);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#protocol?.close();
    this.#correlator.rejectAll(new UpstreamError('connection closed'));
    await this.#transport.close();
  }

  /** The eras to try, in this order. */
  #eras(): Era[] {
    const { backend, purpose, remembered } = this.#options;
    const only = [purpose.era, eraOf(backend.protocol_version)].filter((era) => era !== undefined);
    const eras = this.#transport.eras.filter((era) => only.every((one) => one === era));
    const first = remembered.get(backend.name);
    return first && eras.includes(first) ? [first, ...eras.filter((era) => era !== first)] : eras;
  }

  /**
   * Speaks in each era until the backend understands.
   * https://modelcontextprotocol.io/specification/2026-07-28/basic/versioning#backward-compatibility-with-initialization-based-versions
   */
  async #negotiate(eras: Era[]): Promise<ServerDescription> {
    const { backend, purpose, remembered } = this.#options;
    const isOpen = eras.length > 1;
    let failure: unknown = new UnspokenEraError(`speaks no MCP of the ${purpose.era} era over this transport`);
    let isSilent = false;
    for (const era of eras) {
      const protocol = this.#protocolOf(era);
      try {
        // Who says nothing to a question of the modern era may be waiting for a handshake.
        const description = await protocol.connect(isOpen && era === 'modern' ? this.#connectMs / 2 : this.#connectMs);
        this.#protocol = protocol;
        if (isOpen) remembered.set(backend.name, era);
        return description;
      } catch (error) {
        protocol.close();
        if (isOpen && error instanceof CrashError) remembered.set(backend.name, otherThan(era));
        if (!isOpen || this.#closed || isFinal(error, era)) throw error;
        if (era === 'legacy' || failure instanceof UnspokenEraError) failure = error;
        // It starts slowly: by now it is there, and does not know the handshake.
        if (era === 'legacy' && isSilent && !(error instanceof NoAnswerError)) eras.push('modern');
        isSilent = era === 'modern' && error instanceof NoAnswerError;
      }
    }
    throw failure;
  }

  #protocolOf(era: Era): Protocol {
    const { backend, purpose, clientInfo, logger, events } = this.#options;
    const [correlator, transport, pinned] = [this.#correlator, this.#transport, backend.protocol_version];
    const caller = { info: clientInfo, capabilities: purpose.capabilities };
    correlator.era = era;
    return era === 'modern'
      ? new ModernProtocol({ backend: backend.name, correlator, transport, caller, events, logger, pinned })
      : new LegacyProtocol(correlator, transport, caller, pinned);
  }

  #lost(reason: string): void {
    if (!this.#closed && this.#protocol) this.#options.events.onDisconnected(reason);
  }
}

/** Nothing can be told of progress where there are no streams. */
function withoutProgress(options: UpstreamRequestOptions = {}): UpstreamRequestOptions {
  return { ...options, onProgress: undefined };
}

function otherThan(era: Era): Era {
  return era === 'modern' ? 'legacy' : 'modern';
}

/** Whether a failure leaves no hope that the backend understands the other era. */
function isFinal(error: unknown, era: Era): boolean {
  if (error instanceof UpstreamError && error.disconnected) return true;
  if (era === 'legacy' || error instanceof NoAnswerError) return false;
  return !(error instanceof UnspokenEraError) || error instanceof NoCommonVersionError;
}
