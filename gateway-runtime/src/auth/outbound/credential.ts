import { readFile } from 'node:fs/promises';
import { UpstreamError } from '../../errors.js';

/** Where a secret comes from; exactly one of them. */
export interface CredentialSource {
  readonly value?: string;
  /** Name of an environment variable. */
  readonly variable?: string;
  /** Path of a file that holds nothing else. */
  readonly file?: string;
}

/** A secret that is sent in a header. */
export class Credential {
  readonly #source: CredentialSource;
  readonly #environment: Readonly<Record<string, string | undefined>>;
  #cached: string | undefined;

  constructor(source: CredentialSource, environment: Readonly<Record<string, string | undefined>>) {
    this.#source = source;
    this.#environment = environment;
  }

  /** @throws {UpstreamError} naming the place but never the value. */
  async read(): Promise<string> {
    this.#cached ??= await this.#load();
    return this.#cached;
  }

  /** Reads a file again. @returns whether it holds something else now. */
  async refresh(): Promise<boolean> {
    if (!this.#source.file) return false;
    const before = this.#cached;
    this.#cached = await this.#load();
    return this.#cached !== before;
  }

  async #load(): Promise<string> {
    const { value, variable, file } = this.#source;
    const place = variable ? `variable ${variable}` : file ? `file ${file}` : 'its configuration';
    const secret = (value ?? (variable ? this.#environment[variable] : await this.#readFile(file ?? '')))?.trim();
    if (!secret) throw new UpstreamError(`has no credential: ${place} holds none`);
    if (!/^[\x21-\x7e]+$/.test(secret))
      throw new UpstreamError(`has no usable credential: ${place} holds more than one`);
    return secret;
  }

  async #readFile(path: string): Promise<string> {
    return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      throw new UpstreamError(`has no credential: file ${path} cannot be read (${error.code})`);
    });
  }
}
