import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where `dev` keeps what it needs between two runs, and what one run needs. */
export class WorkFolder {
  /** Token for clients; the same in every run of a project, so that those who were told it go on working. */
  public readonly token: string;
  /** For packages of servers. */
  public readonly packages: string;
  /** For this run alone. */
  public readonly run: string;

  /** Makes the folder, which no repository takes, and removes what runs have left that were killed. */
  public constructor(project: string) {
    const directory = join(project, '.cdktf-oci-mcp');
    this.packages = join(directory, 'packages');
    this.run = join(directory, `run-${process.pid}`);
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, '.gitignore'), '*\n');
    for (const name of readdirSync(directory)) {
      const pid = Number(/^run-(\d+)$/.exec(name)?.[1]);
      if (pid > 0 && !isAlive(pid)) rmSync(join(directory, name), { recursive: true, force: true });
    }
    this.token = tokenIn(directory);
  }

  /** An empty folder for what the app is synthesized to. */
  public emptyOutput(): string {
    const output = join(this.run, 'cdktf.out');
    rmSync(output, { recursive: true, force: true });
    mkdirSync(this.run, { recursive: true });
    return output;
  }

  /** Removes what this run needed. */
  public clear(): void {
    rmSync(this.run, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function tokenIn(directory: string): string {
  const file = join(directory, 'token');
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('base64url'), { mode: 0o600 });
  return readFileSync(file, 'utf8').trim();
}
