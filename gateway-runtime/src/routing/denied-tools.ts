import type { Logger } from '../config/host.js';
import type { AccessPolicy } from '../config/identity.js';

/** The most names of tools in one line of the log. */
const shownTools = 20;

/** Tools that nobody may call: one that vanishes without a word is hard to find. */
export class DeniedTools {
  #denied: ReadonlySet<string> = new Set();

  #policy: AccessPolicy | undefined;

  constructor(private readonly logger: Logger) {}

  /** Says who decides from now on. */
  follow(policy: AccessPolicy): void {
    this.#policy = policy;
  }

  /** Logs those that are new among the tools there are. @param tools All names of each, beginning with the one it is listed under. */
  report(tools: readonly (readonly string[])[]): void {
    const before = this.#denied;
    this.#denied = new Set(
      tools
        .filter((names) => this.#policy?.isReleased({ kind: 'tool', names }) === false)
        .map(([listed]) => listed as string),
    );
    const added = [...this.#denied].filter((tool) => !before.has(tool));
    if (added.length === 0) return;
    const shown = { tools: added.slice(0, shownTools), count: added.length };
    this.logger.warn(shown, 'no rule of tool_scopes matches these tools, so nobody may call them');
  }
}
