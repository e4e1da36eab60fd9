import { readFileSync, statSync } from 'node:fs';
import { formatPath } from '../config/faults.js';
import { isObject } from '../contracts/json-rpc.js';
import type { ConfigFault } from '../errors.js';
import type { Environment } from './flags.js';

/** Largest configuration file in bytes: whatever is larger was not written as one. */
const maxBytes = 1024 * 1024;

/** Objects and lists within each other: whatever is deeper was not written by hand, and would take the stack. */
const maxDepth = 100;

/** Reads files and remembers everything that is wrong with them. */
export class JsonFileReader {
  readonly faults: ConfigFault[] = [];
  readonly #environment: Environment;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /**
   * The parsed content with `${NAME}` and `${NAME:-default}` replaced, or `undefined` and a fault. `$${` stands for `${` itself.
   */
  read(file: string): unknown {
    const content = this.readText(file);
    return content === undefined ? undefined : this.expand(this.parse(content, file), file);
  }

  /** The parsed text, or `undefined` and a fault that names its source. */
  parse(content: string, source: string): unknown {
    try {
      return JSON.parse(content.replace(/^\uFEFF/, ''));
    } catch (error) {
      this.faults.push({ path: source, message: `is not valid JSON${position(content, error as Error)}` });
      return undefined;
    }
  }

  /** Parsed JSON with its variables replaced. */
  expand(value: unknown, source: string): unknown {
    return this.#expand(value, source, []);
  }

  /** The content as it is, or `undefined` and a fault. */
  readText(file: string, path = file): string | undefined {
    const place = path === file ? '' : `file ${file} `;
    try {
      const stats = statSync(file);
      const isUsable = stats.isFile() && stats.size <= maxBytes;
      if (isUsable) return readFileSync(file, 'utf8');
      const reason = stats.isFile() ? `is larger than ${maxBytes} bytes` : 'is not a file';
      this.faults.push({ path, message: place + reason });
    } catch (error) {
      this.faults.push({ path, message: place + reasonOf(error) });
    }
    return undefined;
  }

  #expand(value: unknown, file: string, path: readonly PropertyKey[]): unknown {
    if (typeof value === 'string') return this.#expandText(value, file, path);
    if (path.length > maxDepth) {
      this.faults.push({ path: file, message: `is nested more than ${maxDepth} levels deep` });
      return undefined;
    }
    if (Array.isArray(value)) return value.map((item, index) => this.#expand(item, file, [...path, index]));
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, this.#expand(item, file, [...path, key])]),
    );
  }

  #expandText(text: string, file: string, path: readonly PropertyKey[]): string {
    return text.replace(/\$(\$\{)|\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}/g, (whole, opener, name: string, fallback) => {
      if (opener) return opener;
      const value = this.#environment[name] || fallback;
      if (value !== undefined) return value;
      const message = `variable ${name} is not set; set it, or give a default: \${${name}:-value}`;
      this.faults.push({ path: `${file}: ${formatPath(path)}`, message });
      return whole;
    });
  }
}

/** Why a file or a directory cannot be read. */
export function reasonOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
}

/** Where the parser stopped, when it says so. Its own message would quote the file. */
function position(content: string, { message }: Error): string {
  const offset = / position (\d+)/.exec(message)?.[1];
  if (offset === undefined) return '';
  const before = content.slice(0, Number(offset)).split('\n');
  return ` (line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1})`;
}
