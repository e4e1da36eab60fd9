import { randomUUID } from 'node:crypto';
import type { AuditRecord } from '../contracts/audit.js';
import type { Logger } from '../contracts/host.js';
import { isObject } from '../contracts/json-rpc.js';
import { UpstreamError } from '../errors.js';
import { flushed } from './flush.js';
import { isFinal, refusalOf } from './oci-refusal.js';
import { Outage } from './outage.js';

/** Milliseconds for which records are collected. */
const intervalMs = 1000;

/** Milliseconds between attempts at most. */
const maxPauseMs = 60_000;

/**
 * Characters of records in one request. OCI says of a single entry that it has to be smaller than 1 MB.
 * https://docs.oracle.com/en-us/iaas/api/#/en/logging-dataplane/20200831/datatypes/LogEntry
 */
const mostAtOnce = 512 * 1024;

/** Characters of records that wait for OCI. What comes then is lost to it, and counted. */
const mostWaiting = 4 * 1024 * 1024;

const service = { name: 'OCI Logging', permission: 'use log-content in the compartment of the log' };

/** What the publisher needs from the rest of the gateway. */
export interface AuditPublisherOptions {
  /** Name of the gateway. */
  readonly gateway: string;
  /** Sends the body of a PutLogs request, signed. @throws {UpstreamError} when there is no answer */
  send(body: string): Promise<{ readonly status: number; readonly document: unknown }>;
  readonly logger: Logger;
  /** Counts records that are lost. */
  dropped(records: number): void;
}

/** As PutLogs wants it. The id stays the same when it is sent again. */
interface Entry {
  readonly id: string;
  readonly time: string;
  readonly data: string;
}

/** Sends audit records to a log of OCI Logging, beside the calls and never in their way. */
export class AuditPublisher {
  readonly #options: AuditPublisherOptions;
  readonly #outage: Outage;
  readonly #waiting: Entry[] = [];
  #length = 0;
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  #failures = 0;
  #pausedUntil = 0;

  constructor(options: AuditPublisherOptions) {
    this.#options = options;
    this.#outage = new Outage(options.logger, 'audit records');
  }

  start(): void {
    this.#timer = setInterval(() => {
      if (this.#waiting.length > 0 && Date.now() >= this.#pausedUntil) void this.#send();
    }, intervalMs).unref();
  }

  /** Takes a record to send. @param json Its JSON. */
  add({ time }: AuditRecord, json: string): void {
    if (this.#length + json.length > mostWaiting) {
      this.#options.dropped(1);
      return;
    }
    this.#waiting.push({ id: randomUUID(), time, data: json });
    this.#length += json.length;
  }

  /** Sends what waits, at most for 3 s. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await flushed(Promise.resolve(this.#sending).then(() => this.#send()));
    this.#leave(this.#waiting.length, 'dropped');
  }

  /** Sends what waits, oldest first, until there is nothing left or something fails. */
  #send(): Promise<void> {
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
    });
    return this.#sending;
  }

  async #sendAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const entries = this.#nextEntries();
      const failure = await this.#sendSome(entries);
      if (!failure) {
        this.#failures = 0;
        this.#outage.worked();
        this.#leave(entries.length, 'sent');
        continue;
      }
      this.#outage.failed(failure.reason);
      if (!failure.final) return this.#pause();
      this.#leave(entries.length, 'dropped');
    }
  }

  #nextEntries(): Entry[] {
    let length = 0;
    const end = this.#waiting.findIndex(({ data }, index) => {
      length += data.length;
      return index > 0 && length > mostAtOnce;
    });
    return this.#waiting.slice(0, end < 0 ? undefined : end);
  }

  #leave(count: number, how: 'sent' | 'dropped'): void {
    for (const { data } of this.#waiting.splice(0, count)) this.#length -= data.length;
    if (how === 'dropped' && count > 0) this.#options.dropped(count);
  }

  #pause(): void {
    const ms = Math.min(maxPauseMs, intervalMs * 2 ** this.#failures++);
    this.#pausedUntil = Date.now() + ms * (1 - Math.random() / 5);
  }

  /** @returns why it failed, and whether it would always */
  async #sendSome(entries: readonly Entry[]): Promise<{ reason: string; final: boolean } | undefined> {
    const batch = {
      source: this.#options.gateway,
      type: 'oci-mcp-gateway.audit',
      defaultlogentrytime: entries[0]?.time,
      entries,
    };
    try {
      const body = JSON.stringify({ specversion: '1.0', logEntryBatches: [batch] });
      const { status, document } = await this.#options.send(body);
      if (status < 300) return undefined;
      const { code } = isObject(document) ? document : {};
      return { reason: refusalOf(service, status, code), final: isFinal(status) };
    } catch (error) {
      return { reason: error instanceof UpstreamError ? error.message : 'the request failed', final: false };
    }
  }
}
