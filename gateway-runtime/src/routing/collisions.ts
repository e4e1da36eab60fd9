import type { Backend } from '../config/backend.js';
import type { Logger } from '../contracts/host.js';
import type { TakenName } from './given-names.js';
import type { ListKind } from './lists.js';

/** Something that is not offered, because its name is another one's. */
export interface Collision {
  readonly kind: 'tool' | 'prompt' | 'resource' | 'resource template';
  readonly name: string;
  /** The backend that has the name; absent when the gateway itself does. */
  readonly kept?: string;
  /** The backend whose one is not offered. */
  readonly hidden: string;
  /** What to change in the configuration. */
  readonly fix: string;
}

const kinds = {
  tools: 'tool',
  prompts: 'prompt',
  resources: 'resource',
  templates: 'resource template',
} as const satisfies Record<ListKind, Collision['kind']>;

/** A backend's name for something is taken. */
export function collisionOf(list: ListKind, { taken, by }: TakenName, { name: hidden }: Backend): Collision {
  const kind = kinds[list];
  return { kind, name: taken, ...(by !== undefined && { kept: by }), hidden, fix: fixes[kind](hidden) };
}

const fixes: Record<Collision['kind'], (backend: string) => string> = {
  tool: (backend) =>
    `set "namespace_tools" of backend "${backend}" to "on_conflict" or true, or give the tool another name in its "tools"`,
  prompt: (backend) => `set "namespace_tools" of backend "${backend}" to "on_conflict" or true`,
  resource: (backend) => `give backend "${backend}" another name`,
  'resource template': (backend) => `give backend "${backend}" another name`,
};

/** Collisions that are logged; a backend can make more of them all the time. */
const mostTold = 1000;

/** Tells of each collision once. */
export class CollisionLog {
  readonly #logger: Logger;
  readonly #told = new Set<string>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  report(collisions: readonly Collision[]): void {
    for (const collision of collisions) {
      const key = JSON.stringify(collision);
      if (this.#told.has(key) || this.#told.size >= mostTold) continue;
      this.#told.add(key);
      this.#logger.warn(collision, 'two backends offer the same name');
    }
  }
}
