import { isObject, type JsonObject } from '../config/json-rpc.js';
import type { ClientSession, RequestContext } from '../config/session.js';
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

  /**
   * Says which messages of a request its client wants.
   * @throws {RpcError} when the request names a level that does not exist
   */
  filterFor({ client, session }: RequestContext, params: JsonObject): (level: unknown) => boolean {
    const requested = client.era === 'modern' ? metaOf(params)[metaKeys.logLevel] : undefined;
    if (client.era === 'modern' && requested === undefined) return () => false;
    const own = requested === undefined ? undefined : rankOf(requested);
    return (level) => {
      // A session may choose while its request is on its way; everything goes until it does.
      const wanted = own ?? (session && this.#wanted.get(session));
      return wanted === undefined || levels.indexOf(level as string) >= wanted;
    };
  }

  /** What a modern backend is asked for with a request. */
  levelFor({ client, session }: RequestContext, params: JsonObject): string | undefined {
    if (client.era === 'modern') return metaOf(params)[metaKeys.logLevel] as string | undefined;
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
