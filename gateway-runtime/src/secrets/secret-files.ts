import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Only the user that the containers share reads a secret, and nobody changes it in place. */
const mode = 0o400;

/** Files with secrets in them; whoever reads one sees the old content or the new one, never a part. */
export class SecretFiles {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** @returns whether the file holds something else now. */
  async write(name: string, content: Buffer): Promise<boolean> {
    const file = join(this.#directory, name);
    const before = await readFile(file).catch(() => undefined);
    if (before?.equals(content)) {
      await chmod(file, mode);
      return false;
    }
    await mkdir(this.#directory, { recursive: true });
    const temporary = join(this.#directory, `.${randomUUID()}`);
    try {
      await writeFile(temporary, content, { mode, flag: 'wx' });
      await rename(temporary, file);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    return true;
  }
}
