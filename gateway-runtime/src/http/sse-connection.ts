import { randomBytes } from 'node:crypto';
import type { Identity } from '../contracts/identity.js';
import type { JsonObject, JsonRpcMessage } from '../contracts/json-rpc.js';
import type { Channel } from '../protocol/channel.js';
import { Conversation, type ConversationDependencies } from '../protocol/conversation.js';
import { toText } from '../protocol/json.js';
import type { EventStream } from './event-stream.js';
import type { Caller } from './gatekeeper.js';

/** A client of the HTTP+SSE transport: it hears everything on one event stream, and ends with it. */
export class SseConnection implements Channel {
  /** 192 random bits: the id must not be guessed, though it alone gives no access. */
  readonly id = randomBytes(24).toString('base64url');
  /** The client waits for news as long as it is there. */
  readonly idle = false;
  readonly conversation: Conversation;
  /** Who opened it. */
  readonly identity: Identity;
  /** The view it was opened for; undefined for everything. */
  readonly view: string | undefined;
  readonly #stream: EventStream;

  constructor({ identity, view }: Caller, stream: EventStream, dependencies: ConversationDependencies) {
    this.identity = identity;
    this.view = view;
    this.#stream = stream;
    this.conversation = new Conversation(this, dependencies, { view, isModern: false });
  }

  get owner(): string {
    return this.identity.key;
  }

  send(message: JsonRpcMessage | readonly JsonRpcMessage[]): boolean {
    return this.#stream.write(toText(message));
  }

  notify(method: string, params: JsonObject | undefined): void {
    this.send({ jsonrpc: '2.0', method, params });
  }

  /** Ends it at once; what is in flight is aborted. */
  close(): void {
    void this.drain(0);
  }

  /** Lets requests in flight finish, at most `graceMs`, and ends it. */
  async drain(graceMs: number): Promise<void> {
    await this.conversation.close(graceMs);
    this.#stream.end();
  }
}
