import { latestLegacyVersion, legacyVersions } from '../config/versions.js';
import { isObject, type JsonObject } from '../contracts/json-rpc.js';
import type { ServerDescription, UpstreamRequestOptions } from '../contracts/upstream.js';
import { RpcError, rpcCodes, UnspokenEraError, UpstreamError } from '../errors.js';
import { HttpStatusError } from '../outgoing/failures.js';
import { metaKeys, metaOf, withMeta } from '../protocol/meta.js';
import type { Correlator } from './correlator.js';
import { NoCommonVersionError } from './failures.js';
import type { Caller, Protocol } from './protocol.js';
import type { Transport } from './transport.js';

/** Errors with which a server answers a handshake it does not know. */
const unknownHandshake: readonly number[] = [
  rpcCodes.methodNotFound,
  rpcCodes.invalidRequest,
  rpcCodes.invalidParams,
  rpcCodes.headerMismatch,
  rpcCodes.missingClientCapability,
  rpcCodes.unsupportedVersion,
];

/** Errors that only servers of the modern era know. */
const modernOnly: readonly number[] = unknownHandshake.slice(3);

/** What a caller of the modern era says of itself, which a server of both eras would take for a request of that era. */
const noEnvelope = {
  [metaKeys.protocolVersion]: undefined,
  [metaKeys.clientInfo]: undefined,
  [metaKeys.clientCapabilities]: undefined,
  [metaKeys.logLevel]: undefined,
};

/** The legacy era: a handshake, then requests in both directions. https://modelcontextprotocol.io/specification/2025-11-25/basic/lifecycle */
export class LegacyProtocol implements Protocol {
  readonly #correlator: Correlator;
  readonly #transport: Transport;
  readonly #caller: Caller;
  /** The one version that will do. */
  readonly #pinned: string | undefined;

  constructor(correlator: Correlator, transport: Transport, caller: Caller, pinned?: string) {
    this.#correlator = correlator;
    this.#transport = transport;
    this.#caller = caller;
    this.#pinned = pinned;
  }

  async connect(timeoutMs: number): Promise<ServerDescription> {
    this.#transport.speak();
    const { info, capabilities } = this.#caller;
    const params = { protocolVersion: this.#pinned ?? latestLegacyVersion, capabilities, clientInfo: info };
    const result = await this.#correlator.request('initialize', params, {}, timeoutMs).catch(failedHandshake);
    if (!isObject(result) || typeof result.protocolVersion !== 'string') {
      throw new UpstreamError('answered initialize with something that is not MCP');
    }
    const version = result.protocolVersion;
    const spoken = this.#pinned === undefined ? legacyVersions : [this.#pinned];
    if (!spoken.includes(version)) throw new NoCommonVersionError([version]);
    this.#transport.speak(version);
    await this.#correlator.notify('notifications/initialized', undefined, timeoutMs);
    return {
      era: 'legacy',
      version,
      capabilities: isObject(result.capabilities) ? result.capabilities : {},
      instructions: typeof result.instructions === 'string' ? result.instructions : undefined,
    };
  }

  request(method: string, params: JsonObject | undefined, options?: UpstreamRequestOptions): Promise<unknown> {
    const isModern = Object.hasOwn(metaOf(params), metaKeys.protocolVersion);
    return this.#correlator.request(method, isModern ? withMeta(params, noEnvelope) : params, options);
  }

  notify(method: string, params?: JsonObject): void {
    void this.#correlator.notify(method, params).catch(() => {});
  }

  async ping(timeoutMs?: number): Promise<unknown> {
    return this.#correlator.request('ping', undefined, {}, timeoutMs).catch((error) => {
      if (!(error instanceof RpcError) || !modernOnly.includes(error.code)) throw error;
      throw new UpstreamError('speaks another era of MCP than before', true);
    });
  }

  close(): void {}
}

function failedHandshake(error: unknown): never {
  const isUnknown = error instanceof RpcError && unknownHandshake.includes(error.code);
  const isRefused = error instanceof HttpStatusError && [400, 404, 405].includes(error.status);
  if (isUnknown || isRefused) throw new UnspokenEraError(error.message);
  throw error;
}
