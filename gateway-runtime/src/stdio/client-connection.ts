import type { Readable, Writable } from 'node:stream';
import { rpcCodes } from '../errors.js';
import { Channel } from './channel.js';
import { Conversation, type ConversationDependencies } from './conversation.js';
import { parseLine } from './incoming.js';
import { LineReader } from './line-reader.js';

/** Bytes of one line at most; the same as in the TypeScript SDK's server. */
const longestLine = 10 * 1024 * 1024;

/** Messages in one batch at most, as over HTTP. */
const mostInBatch = 50;

/** The only version with batches. */
const batchVersion = '2025-03-26';

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
 * A client on a pair of streams, one message a line.
 * https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/stdio
 */
export class ClientConnection {
  /** Resolves when the client has closed its side, or will not read any more. */
  readonly gone: Promise<void>;
  readonly #reader: LineReader;
  readonly #channel: Channel;
  readonly #conversation: Conversation;

  constructor({ input, output, ...dependencies }: ClientConnectionDependencies) {
    let leave = () => {};
    this.gone = new Promise((resolve) => {
      leave = resolve;
    });
    this.#reader = new LineReader(input, longestLine, {
      onLine: (line) => void this.#take(line),
      onTooLong: () => this.#refuse(`a line is longer than ${longestLine} bytes`),
      onEnd: leave,
    });
    this.#channel = new Channel(output, {
      onFull: () => this.#reader.pause(),
      onDrain: () => this.#reader.resume(),
      onGone: leave,
    });
    this.#conversation = new Conversation(this.#channel, dependencies);
  }

  start(): void {
    this.#reader.start();
  }

  /** Lets requests in flight finish and tells those who listen that this is the end. Takes two seconds at most. */
  async close(): Promise<void> {
    await this.#conversation.close(graceMs);
    await this.#channel.end(graceMs);
  }

  async #take(line: Buffer): Promise<void> {
    let message: unknown;
    try {
      message = parseLine(line);
    } catch (error) {
      return this.#refuse((error as Error).message, rpcCodes.parseError);
    }
    if (Array.isArray(message)) return this.#takeBatch(message);
    const answer = await this.#conversation.receive(message);
    if (answer) this.#channel.send(answer);
  }

  async #takeBatch(messages: readonly unknown[]): Promise<void> {
    if ((await this.#conversation.version()) !== batchVersion) {
      return this.#refuse(`batches exist only in MCP ${batchVersion}`);
    }
    if (messages.length === 0) return this.#refuse('the batch is empty');
    if (messages.length > mostInBatch) return this.#refuse(`the batch has more than ${mostInBatch} messages`);
    const answers = await Promise.all(messages.map((message) => this.#conversation.receive(message)));
    const wanted = answers.filter((answer) => answer !== undefined);
    if (wanted.length > 0) this.#channel.send(wanted);
  }

  /** Says that a line could not be taken. It has no id, since none could be read. */
  #refuse(message: string, code: number = rpcCodes.invalidRequest): void {
    this.#channel.send({ jsonrpc: '2.0', error: { code, message } });
  }
}
