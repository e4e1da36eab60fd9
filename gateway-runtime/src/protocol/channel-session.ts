import { randomUUID } from 'node:crypto';
import type { ClientProfile } from '../contracts/client.js';
import type { Identity } from '../contracts/identity.js';
import type { JsonObject, JsonRpcMessage } from '../contracts/json-rpc.js';
import type { ClientSession } from '../contracts/session.js';
import { Asks } from './asks.js';
import type { Channel } from './channel.js';

/** A client after its handshake, on a channel of its own: it always listens. */
export class ChannelSession implements ClientSession {
  readonly id = randomUUID();
  readonly identity: Identity;
  readonly client: ClientProfile;
  readonly view: string | undefined;
  readonly #channel: Channel;
  readonly #asks = new Asks();

  constructor(identity: Identity, client: ClientProfile, view: string | undefined, channel: Channel) {
    this.identity = identity;
    this.client = client;
    this.view = view;
    this.#channel = channel;
  }

  ask(method: string, params: JsonObject, signal: AbortSignal): Promise<unknown> {
    return this.#asks.ask(method, params, signal, (message) => this.#channel.send(message));
  }

  /** Takes in an answer of the client. */
  settle(response: JsonRpcMessage): void {
    this.#asks.settle(response);
  }

  notify(method: string, params?: JsonObject): void {
    this.#channel.notify(method, params, true);
  }

  /** There is nobody else who would have to know. */
  remember(): void {}

  close(): void {
    this.#asks.close();
  }
}
