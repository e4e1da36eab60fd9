import { isUtf8 } from 'node:buffer';
import type { Readable, Writable } from 'node:stream';
import { localUser } from '../contracts/identity.js';
import { rpcCodes } from '../errors.js';
import { Conversation, type ConversationDependencies } from '../protocol/conversation.js';
import { LineReader } from '../protocol/line-reader.js';
import { LineChannel } from './line-channel.js';

/** Bytes of one line at most; the same as in the TypeScript SDK's server. */
const longestLine = 10 * 1024 * 1024;

/**
 * Milliseconds that requests in flight get to finish, and then the client to read: clients kill who stays, the TypeScript SDK's
 * after four seconds, and child processes need two of them.
 */
const graceMs = 1000;

/** What a connection needs from the rest of the gateway. */
export interface ClientConnectionDependencies extends ConversationDependencies {
  readonly input: Readable;
  readonly output: Writable;
}

/**
 * A client on a pair of streams, one message a line. It speaks both eras, and batches in the version that has them.
 * https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/stdio
 */
export class ClientConnection {
  /** Resolves when the client has closed its side, or will not read any more. */
  readonly gone: Promise<void>;
  readonly #reader: LineReader;
  readonly #channel: LineChannel;
  readonly #conversation: Conversation;

  constructor({ input, output, ...dependencies }: ClientConnectionDependencies) {
    let leave = () => {};
    this.gone = new Promise((resolve) => {
      leave = resolve;
    });
    this.#reader = new LineReader(input, longestLine, {
      onLine: (line) => this.#take(line),
      onTooLong: () => this.#conversation.refuse(`a line is longer than ${longestLine} bytes`),
      onEnd: leave,
    });
    this.#channel = new LineChannel(output, {
      onFull: () => this.#reader.pause(),
      onDrain: () => this.#reader.resume(),
      onGone: leave,
    });
    this.#conversation = new Conversation(this.#channel, dependencies, { isModern: true });
  }

  start(): void {
    this.#reader.start();
  }

  /** Lets requests in flight finish and tells those who listen that this is the end. Takes two seconds at most. */
  async close(): Promise<void> {
    await this.#conversation.close(graceMs);
    await this.#channel.end(graceMs);
  }

  #take(line: Buffer): void {
    const message = parse(line);
    if (message === undefined) this.#conversation.refuse('the line is not JSON in UTF-8', rpcCodes.parseError);
    else void this.#conversation.receive(message, { identity: localUser });
  }
}

/** What a line says; `undefined` when it is not JSON. */
function parse(line: Buffer): unknown {
  // Decoding would put other characters in the place of bytes that are not UTF-8, and nobody would notice.
  if (!isUtf8(line)) return undefined;
  try {
    return JSON.parse(line.toString('utf8'));
  } catch {
    return undefined;
  }
}
