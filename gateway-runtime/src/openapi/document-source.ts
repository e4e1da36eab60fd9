import { readFile, stat } from 'node:fs/promises';
import type { OpenApiBackend } from '../config/backend.js';
import type { Abortable } from '../contracts/abortable.js';
import type { OutboundAuth } from '../contracts/identity.js';
import type { JsonObject } from '../contracts/json-rpc.js';
import { UpstreamError } from '../errors.js';
import { headerOf } from '../outgoing/http-answer.js';
import { HttpClient } from '../outgoing/http-client.js';

/** Bytes of a document. */
const mostBytes = 8 * 1024 * 1024;

const nobody: OutboundAuth = { headers: () => ({}), refresh: async () => false };

/** Gets the document of a service, and gets it again when it has changed. */
export interface DocumentSource {
  /** @returns undefined when it is what it was the last time @throws {UpstreamError} */
  read(signal: Abortable): Promise<Buffer | undefined>;
  close(): Promise<void>;
}

/** Where the document of a backend is. @param client Asks the service itself, with credentials. */
export function documentSource(backend: OpenApiBackend, client: HttpClient): DocumentSource {
  const { document_url, document_file, document = '' } = backend;
  if (document_url !== undefined) return new RemoteDocument(document_url, backend, client);
  return document_file === undefined ? new GivenDocument(document) : new DocumentFile(document_file);
}

/** One that the configuration holds, so that another one is another configuration. */
class GivenDocument implements DocumentSource {
  #document: string | JsonObject | undefined;

  constructor(document: string | JsonObject) {
    this.#document = document;
  }

  async read(): Promise<Buffer | undefined> {
    const document = this.#document;
    this.#document = undefined;
    if (document === undefined) return undefined;
    return Buffer.from(typeof document === 'string' ? document : JSON.stringify(document));
  }

  async close(): Promise<void> {}
}

class DocumentFile implements DocumentSource {
  readonly #path: string;
  #seen = '';

  constructor(path: string) {
    this.#path = path;
  }

  async read(): Promise<Buffer | undefined> {
    const unusable = (reason: string) => new UpstreamError(`has no document: file ${this.#path} ${reason}`);
    try {
      const stats = await stat(this.#path);
      if (!stats.isFile()) throw unusable('is not a file');
      if (stats.size > mostBytes) throw unusable(tooLarge);
      const version = `${stats.ino} ${stats.size} ${stats.mtimeMs}`;
      if (version === this.#seen) return undefined;
      const bytes = await readFile(this.#path);
      this.#seen = version;
      return bytes;
    } catch (error) {
      if (error instanceof UpstreamError) throw error;
      throw unusable(`cannot be read (${(error as NodeJS.ErrnoException).code})`);
    }
  }

  async close(): Promise<void> {}
}

class RemoteDocument implements DocumentSource {
  readonly #url: URL;
  readonly #service: HttpClient;
  /** Asks another host than that of the service, which learns no credentials. */
  readonly #elsewhere: HttpClient | undefined;
  #known: { readonly etag?: string; readonly lastModified?: string; readonly bytes?: Buffer } = {};

  constructor(url: string, backend: OpenApiBackend, service: HttpClient) {
    this.#url = new URL(url);
    this.#service = service;
    const isElsewhere = this.#url.origin !== service.url.origin;
    this.#elsewhere = isElsewhere ? new HttpClient({ ...backend, url, headers: {} }, nobody) : undefined;
  }

  async read(signal: Abortable): Promise<Buffer | undefined> {
    const { etag, lastModified } = this.#known;
    const headers = {
      accept: 'application/json, application/yaml;q=0.9, */*;q=0.5',
      ...(etag && { 'if-none-match': etag }),
      ...(lastModified && { 'if-modified-since': lastModified }),
    };
    const client = this.#elsewhere ?? this.#service;
    const answer = await client.send('GET', headers, { url: this.#url, signal });
    answer.stream?.end();
    const { status } = answer;
    const body = answer.body.join();
    if (status === 304 && this.#known.bytes) return undefined;
    const unusable = (reason: string) => new UpstreamError(`has no document: document_url ${reason}`);
    if (status >= 300)
      throw unusable(`answered HTTP ${status}${status < 400 ? ', a redirect, which is not followed' : ''}`);
    if (body.length === 0) throw unusable('answered with nothing');
    if (body.length > mostBytes) throw unusable(tooLarge);
    const isSame = this.#known.bytes?.equals(body) === true;
    this.#known = { etag: headerOf(answer, 'etag'), lastModified: headerOf(answer, 'last-modified'), bytes: body };
    return isSame ? undefined : body;
  }

  async close(): Promise<void> {
    await this.#elsewhere?.close();
  }
}

const tooLarge = `is larger than ${mostBytes / 1024 / 1024} MiB`;
