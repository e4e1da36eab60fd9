import type { Logger } from '../contracts/host.js';
import { type Caller, kindOf } from './caller.js';
import type { Connection } from './client-connection.js';
import { fetchLists, type Lists } from './lists.js';

/** Kinds of clients whose lists are kept; they differ by what clients say they can do. */
const mostKinds = 16;

/** What one backend offers to clients that can be asked something: servers may offer them more. */
export class ClientLists {
  readonly #logger: Logger;
  /** By kind of client, the longest known first. */
  readonly #lists = new Map<string, Promise<Lists>>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /**
   * What clients of the caller's kind are offered.
   * @param usual What all others are offered: kept once where it is the same, and given where nothing can be read.
   */
  for(caller: Caller, connect: () => Connection | Promise<Connection>, usual: Lists): Promise<Lists> {
    const kind = kindOf(caller.client);
    const known = this.#lists.get(kind);
    if (known) return known;
    if (this.#lists.size >= mostKinds) this.#lists.delete(this.#lists.keys().next().value as string);
    const lists = this.#fetch(caller, connect).then(
      (fetched) => (JSON.stringify(fetched) === JSON.stringify(usual) ? usual : fetched),
      (error) => {
        this.#logger.warn({ reason: String(error) }, 'lists for a client could not be read');
        this.#lists.delete(kind);
        return usual;
      },
    );
    this.#lists.set(kind, lists);
    return lists;
  }

  /** Something changed. @param kind The only clients concerned. @default - all */
  forget(kind?: string): void {
    if (kind === undefined) this.#lists.clear();
    else this.#lists.delete(kind);
  }

  async #fetch({ client }: Caller, connect: () => Connection | Promise<Connection>): Promise<Lists> {
    const { capabilities } = client;
    const connection = await connect();
    return fetchLists(connection.description.capabilities, (method, params) =>
      connection.request(method, params, { capabilities }),
    );
  }
}
