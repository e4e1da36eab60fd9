import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Milliseconds between two looks, at least; a look may take no more than a twentieth of the time. */
const leastMs = 300;

/** What is never a source: what tools write, and hidden files but those that say what belongs to an image. */
const ignoredNames = /^(node_modules|__pycache__|venv|cdktf\.out|\..*)$|\.(pyc|log|tfstate|backup|swp)$|~$/;
const known = /^\.dockerignore$/;

/**
 * Tells when files of a project have changed and are at rest again. It looks at times and sizes: that works in every file system,
 * and costs less than watching every folder of a project.
 */
export class ProjectWatcher {
  private timer?: NodeJS.Timeout;
  private seen: string;
  private changed = false;

  /** @param ignored Folders to leave out. */
  public constructor(
    private readonly directories: readonly string[],
    private readonly ignored: readonly string[],
    private readonly onChange: () => void,
  ) {
    this.seen = this.look();
    this.plan(leastMs);
  }

  public stop(): void {
    clearTimeout(this.timer);
  }

  private plan(delay: number): void {
    this.timer = setTimeout(() => {
      const started = Date.now();
      const now = this.look();
      const isAtRest = now === this.seen;
      this.plan(Math.max(leastMs, (Date.now() - started) * 20));
      this.seen = now;
      if (!isAtRest) this.changed = true;
      else if (this.changed) {
        this.changed = false;
        this.onChange();
      }
    }, delay);
  }

  private look(): string {
    const found: string[] = [];
    const add = (directory: string) => {
      for (const entry of entriesOf(directory)) {
        if (ignoredNames.test(entry.name) && !known.test(entry.name)) continue;
        const path = join(directory, entry.name);
        if (entry.isDirectory() && !this.ignored.includes(resolve(path))) add(path);
        if (!entry.isFile()) continue;
        const stat = statSync(path, { throwIfNoEntry: false });
        if (stat !== undefined) found.push(`${path} ${stat.mtimeMs} ${stat.size}`);
      }
    };
    for (const directory of this.directories) add(directory);
    return found.join('\n');
  }
}

/** A folder may be gone by the time it is looked into. */
function entriesOf(directory: string) {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    return [];
  }
}
