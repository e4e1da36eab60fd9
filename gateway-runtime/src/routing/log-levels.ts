import type { ClientSession } from '../config/session.js';
import { RpcError, rpcCodes } from '../errors.js';

/** Levels of log messages, most talkative first. https://www.rfc-editor.org/rfc/rfc5424#section-6.2.1 */
const levels = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'];

/** Which log messages each client wants. Backends are shared, so they get the most talkative level asked for. */
export class LogLevels {
  readonly #wanted = new Map<ClientSession, number>();

  /** @throws {RpcError} when the level does not exist */
  set(session: ClientSession, level: unknown): void {
    const rank = levels.indexOf(level as string);
    if (rank === -1) {
      throw new RpcError(rpcCodes.invalidParams, `level must be one of ${levels.join(', ')}`);
    }
    this.#wanted.set(session, rank);
  }

  remove(session: ClientSession): void {
    this.#wanted.delete(session);
  }

  /** Does the client want a message of this level? Everything, until it says otherwise. */
  wants(session: ClientSession | undefined, level: unknown): boolean {
    const wanted = session && this.#wanted.get(session);
    return wanted === undefined || levels.indexOf(level as string) >= wanted;
  }

  /** The level backends have to send; `undefined` until a client chose one. */
  get lowest(): string | undefined {
    return this.#wanted.size === 0 ? undefined : levels[Math.min(...this.#wanted.values())];
  }
}
