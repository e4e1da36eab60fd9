import { readFile, stat } from 'node:fs/promises';
import { placesOf } from '../../config/secret-places.js';
import { UpstreamError } from '../../errors.js';
import type { OutboundDependencies } from './dependencies.js';

/** Seconds that a secret is kept unless told otherwise. */
const usualTtl = 300;

/** Milliseconds between two attempts to read a secret in Vault again that was refused or could not be read. */
const cooldownMs = 2000;

/**
 * Bytes of a file that may hold a secret: Vault takes no larger ones either.
 * https://docs.oracle.com/en-us/iaas/Content/secret-management/Tasks/update-secret-new-version.htm
 */
const maxBytes = 25 * 1024;

/** Fields of a backend that hold a secret or tell where it is. */
export type SecretField = 'bearer_token' | 'api_key' | 'client_secret' | 'password' | 'data_key' | 'key' | 'token';

/** Fields that tell where a secret is, as a backend has them. */
export type CredentialFields = {
  readonly [field in `${SecretField}${'' | '_env' | '_file' | '_secret_id'}`]?: string | undefined;
};

/** A secret of a backend, or of something else with the same fields, wherever it is kept. */
export class Credential {
  readonly #backend: CredentialFields;
  readonly #field: SecretField;
  readonly #dependencies: OutboundDependencies;
  #cached: string | undefined;
  #loading: Promise<string> | undefined;
  /** Until when it is not read again because it was refused. */
  #refreshedUntil = 0;
  /** When it is to be read again. */
  #staleAt = Number.POSITIVE_INFINITY;

  constructor(backend: CredentialFields, field: SecretField, dependencies: OutboundDependencies) {
    this.#backend = backend;
    this.#field = field;
    this.#dependencies = dependencies;
  }

  /** @throws {UpstreamError} naming the place but never the value. */
  async read(): Promise<string> {
    if (this.#cached === undefined) return this.#load();
    if (Date.now() < this.#staleAt) return this.#cached;
    const last = this.#cached;
    const reading = this.#load().catch(() => last);
    // A file is read at once, but nobody waits for Vault as long as the secret may still be good.
    return this.#backend[`${this.#field}_file`] ? reading : last;
  }

  /** The secret as the value of a header. */
  async readWord(): Promise<string> {
    const secret = (await this.read()).trim();
    if (secret === '') throw new UpstreamError(`has no credential: ${this.#place} holds none`);
    if (!/^[\x21-\x7e]+$/.test(secret)) {
      throw new UpstreamError(`has no usable credential: ${this.#place} holds more than one`);
    }
    return secret;
  }

  /** Reads a file or a Vault secret again. @returns whether it holds something else now. */
  async refresh(): Promise<boolean> {
    const { [`${this.#field}_file` as const]: file, [`${this.#field}_secret_id` as const]: secretId } = this.#backend;
    if (!file && !secretId) return false;
    if (secretId && !this.#loading && Date.now() < this.#refreshedUntil) return false;
    const before = this.#cached;
    this.#refreshedUntil = Date.now() + cooldownMs;
    return (await this.#load()) !== before;
  }

  get #place(): string {
    const field = this.#field;
    const { [`${field}_env` as const]: variable, [`${field}_file` as const]: file } = this.#backend;
    const secretId = this.#backend[`${field}_secret_id`];
    if (variable) return `variable ${variable}`;
    if (file) return `file ${file}`;
    return secretId ? `secret ${secretId}` : 'its configuration';
  }

  /** Once for everybody who asks meanwhile. */
  #load(): Promise<string> {
    this.#loading ??= this.#find().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #find(): Promise<string> {
    const field = this.#field;
    const { [field]: value, [`${field}_env` as const]: variable, [`${field}_file` as const]: file } = this.#backend;
    const secretId = this.#backend[`${field}_secret_id`];
    const { environment, vault, secretTtl = usualTtl } = this.#dependencies;
    this.#staleAt = Date.now() + cooldownMs;
    const found =
      value ??
      (variable ? environment[variable] : undefined) ??
      (file ? await readText(file) : undefined) ??
      (secretId ? await readSecret(vault, secretId) : undefined);
    // Editors end a file with a line break, which is not part of a password.
    const secret = found?.replace(/\r?\n$/, '');
    if (!secret) throw new UpstreamError(`has no credential: ${this.#place} holds none`);
    this.#cached = secret;
    this.#staleAt = file || secretId ? Date.now() + secretTtl * 1000 : Number.POSITIVE_INFINITY;
    return secret;
  }
}

/** The secret that these fields name; `undefined` when they name none. */
export function credentialIn(
  fields: CredentialFields,
  field: SecretField,
  dependencies: OutboundDependencies,
): Credential | undefined {
  return placesOf(field).some((place) => fields[place] !== undefined)
    ? new Credential(fields, field, dependencies)
    : undefined;
}

async function readText(path: string): Promise<string> {
  const unusable = (reason: string) => new UpstreamError(`has no credential: file ${path} ${reason}`);
  try {
    const stats = await stat(path);
    // Reading from a pipe may never end, and keeps the whole process from ending.
    if (!stats.isFile()) throw unusable('is not a file');
    if (stats.size > maxBytes) throw unusable(`is larger than ${maxBytes} bytes`);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof UpstreamError) throw error;
    throw unusable(`cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

async function readSecret(vault: OutboundDependencies['vault'], secretId: string): Promise<string> {
  try {
    return (await vault.read(secretId)).toString('utf8');
  } catch (error) {
    throw new UpstreamError(`has no credential: ${(error as Error).message}`);
  }
}
