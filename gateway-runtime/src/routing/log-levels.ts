import { isObject, type JsonObject } from '../contracts/json-rpc.js';
import type { ClientSession, RequestContext } from '../contracts/session.js';
import { RpcError, rpcCodes } from '../errors.js';
import { metaKeys, metaOf } from '../protocol/meta.js';
import type { Connection } from './client-connection.js';

/** Levels of log messages, most talkative first. https://www.rfc-editor.org/rfc/rfc5424#section-6.2.1 */
const levels = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'];

/** What a modern backend is asked for on behalf of a legacy client that has chosen nothing. */
const usualLevel = 'info';

/** Which log messages each client wants. Where backends are shared, they get the most talkative level asked for. */
export class LogLevels {
  readonly #wanted = new Map<ClientSession, number>();
  /** What each connection was told. */
  readonly #told = new WeakMap<Connection, number>();

  /** @throws {RpcError} when the level does not exist */
  set(session: ClientSession, level: unknown): void {
    this.#wanted.set(session, rankOf(level));
  }

  remove(session: ClientSession): void {
    this.#wanted.delete(session);
  }

  /** Whether the client of a request wants a message of this level that belongs to the request. */
  wants(level: unknown, { client, session }: RequestContext, params: JsonObject): boolean {
    const requested = metaOf(params)[metaKeys.logLevel];
    if (client.era === 'modern') return requested !== undefined && levels.indexOf(level as string) >= rankOf(requested);
    const wanted = session && this.#wanted.get(session);
    // Everything goes until a session chooses.
    return wanted === undefined || levels.indexOf(level as string) >= wanted;
  }

  /**
   * What a backend is asked for with a request.
   * @throws {RpcError} when the request names a level that does not exist
   */
  levelFor({ client, session }: RequestContext, params: JsonObject): string | undefined {
    if (client.era === 'modern') {
      const requested = metaOf(params)[metaKeys.logLevel];
      return requested === undefined ? undefined : levels[rankOf(requested)];
    }
    if (!session) return undefined;
    const wanted = this.#wanted.get(session);
    return wanted === undefined ? usualLevel : levels[wanted];
  }

  /** Has a legacy backend send what a request of the modern era asks for, should it not do so already. */
  async askFor(connection: Connection, level: string): Promise<void> {
    const told = this.#told.get(connection);
    const rank = levels.indexOf(level);
    if (told === undefined || told > rank) await this.#tell(connection, rank);
  }

  /** Tells a connection again what all who share it want. */
  tellAll(connection: Connection): void {
    const lowest = Math.min(...this.#wanted.values());
    if (this.#wanted.size > 0) void this.#tell(connection, lowest);
  }

  /** Tells a connection what its only client wants. */
  tellOne(connection: Connection, session: ClientSession): void {
    const wanted = this.#wanted.get(session);
    if (wanted !== undefined) void this.#tell(connection, wanted);
  }

  async #tell(connection: Connection, rank: number): Promise<void> {
    if (!isObject(connection.description.capabilities.logging)) return;
    this.#told.set(connection, rank);
    await connection.request('logging/setLevel', { level: levels[rank] }).catch(() => this.#told.delete(connection));
  }
}

function rankOf(level: unknown): number {
  const rank = levels.indexOf(level as string);
  if (rank === -1) throw new RpcError(rpcCodes.invalidParams, `the log level must be one of ${levels.join(', ')}`);
  return rank;
}
