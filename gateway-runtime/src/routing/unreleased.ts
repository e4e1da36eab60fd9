import type { Logger } from '../contracts/host.js';
import type { AccessPolicy, Target } from '../contracts/identity.js';
import { targetOf } from './access.js';
import type { Catalog } from './catalog.js';
import type { CatalogEntry } from './entries.js';

/** The most names in one line of the log. */
const mostShown = 20;

/** Tools, prompts and resources that nobody may use: one that vanishes without a word is hard to find. */
export class Unreleased {
  #policy: AccessPolicy | undefined;
  readonly #logger: Logger;
  readonly #reported = new Map<Target['kind'], ReadonlySet<string>>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Says who decides from now on. */
  follow(policy: AccessPolicy): void {
    this.#policy = policy;
  }

  /** Logs those that are new in what there is. */
  report({ tools, prompts, uris: { resources, templates } }: Catalog): void {
    this.#reportKind('tool', tools);
    this.#reportKind('prompt', prompts);
    this.#reportKind('resource', [...resources, ...templates]);
  }

  #reportKind(kind: Target['kind'], entries: Iterable<CatalogEntry>): void {
    const unreleased = [...entries].filter((entry) => this.#policy?.isReleased(targetOf(kind, entry)) === false);
    const names = new Set(unreleased.map(({ names: [listed] }) => listed as string));
    const added = [...names].filter((name) => !this.#reported.get(kind)?.has(name));
    this.#reported.set(kind, names);
    if (added.length === 0) return;
    const shown = { [`${kind}s`]: added.slice(0, mostShown), count: added.length };
    this.#logger.warn(shown, `no rule of ${kind}_scopes matches these ${kind}s, so nobody may use them`);
  }
}
