import type { View } from '../config/views.js';
import type { Logger } from '../contracts/host.js';
import type { AccessPolicy } from '../contracts/identity.js';
import type { RequestContext } from '../contracts/session.js';
import { RpcError, rpcCodes } from '../errors.js';
import type { BackendConnection } from './backend-connection.js';
import type { Backends } from './backends.js';
import { type Caller, kindOf } from './caller.js';
import { Catalog, type CatalogNames } from './catalog.js';
import { CollisionLog } from './collisions.js';
import { Unreleased } from './unreleased.js';

/** Kinds of clients whose catalogs are kept; they differ by what clients say they can do. */
const mostKinds = 16;

/** What catalogs are made from. */
export interface CatalogsOptions {
  readonly backends: Pick<Backends, 'all'>;
  readonly names: CatalogNames;
  readonly logger: Logger;
}

/** What clients see, by what they can do and by the view they ask. */
export class Catalogs {
  readonly #options: CatalogsOptions;
  readonly #collisions: CollisionLog;
  readonly #unreleased: Unreleased;
  #views: Readonly<Record<string, View>> = {};
  /** What clients see that cannot be asked anything. */
  #main: Catalog;
  /** What the other kinds of clients see. */
  readonly #others = new Map<string, Promise<Catalog>>();
  #isOpen = false;

  constructor(options: CatalogsOptions) {
    this.#options = options;
    this.#collisions = new CollisionLog(options.logger);
    this.#unreleased = new Unreleased(options.logger);
    this.#main = Catalog.of([], options.names);
  }

  /** Follows the configuration. */
  follow(views: Readonly<Record<string, View>>, policy: AccessPolicy): void {
    this.#views = views;
    this.#unreleased.follow(policy);
    this.changed();
  }

  /** Begins to give names. Backends that are there by then are named in the order of the configuration. */
  open(): void {
    this.#isOpen = true;
    this.changed();
  }

  /** Some backend offers something else. @param kind The only clients concerned. @default - all */
  changed(kind?: string): void {
    if (kind !== undefined) {
      this.#others.delete(kind);
      return;
    }
    this.#others.clear();
    if (!this.#isOpen) return;
    const { backends, names } = this.#options;
    this.#main = Catalog.of(
      backends.all.map((backend) => ({ backend, lists: backend.lists })),
      names,
    );
    this.#collisions.report(this.#main.collisions);
    this.#unreleased.report(this.#main);
  }

  /** What clients see that cannot be asked anything, whatever the view. */
  get main(): Catalog {
    return this.#main;
  }

  /** What a client sees; which of the backends it needs connections of its own to is found out at the first look. */
  for(context: RequestContext): Catalog | Promise<Catalog> {
    const kind = kindOf(context.client);
    const view = this.viewOf(context);
    if (kind === '') return this.#main.in(view);
    const catalog = this.#others.get(kind) ?? this.#gather(context);
    if (!this.#others.has(kind) && this.#others.size >= mostKinds) {
      this.#others.delete(this.#others.keys().next().value as string);
    }
    this.#others.set(kind, catalog);
    return view ? catalog.then((whole) => whole.in(view)) : catalog;
  }

  hasView(name: string): boolean {
    return Object.hasOwn(this.#views, name);
  }

  /** @throws {RpcError} for a view that does not exist */
  viewOf({ view }: Pick<RequestContext, 'view'>): View | undefined {
    if (view === undefined) return undefined;
    if (!this.hasView(view)) throw new RpcError(rpcCodes.invalidRequest, 'there is no view of this name');
    return this.#views[view];
  }

  /** The backends of which a view shows anything. */
  backendsOf(view: View | undefined): readonly BackendConnection[] {
    const { all } = this.#options.backends;
    return view ? all.filter((backend) => this.#main.in(view).shows(backend)) : all;
  }

  async #gather(caller: Caller): Promise<Catalog> {
    const { backends, names } = this.#options;
    const offers = backends.all.map(async (backend) => ({ backend, lists: await backend.listsFor(caller) }));
    const catalog = Catalog.of(await Promise.all(offers), names);
    this.#collisions.report(catalog.collisions);
    return catalog;
  }
}
