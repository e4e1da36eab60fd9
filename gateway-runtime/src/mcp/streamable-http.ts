import type { HttpBackend } from '../config/backend.js';
import { type Era, eraOf } from '../config/versions.js';
import type { Identity, OutboundAuth } from '../contracts/identity.js';
import { HttpClient } from '../outgoing/http-client.js';
import { HttpExchange } from './http-exchange.js';
import { profileOf } from './http-profile.js';
import { LegacyHttp } from './legacy-http.js';
import { ModernHttp } from './modern-http.js';
import type { Send, Transport, TransportEvents } from './transport.js';

/** Streamable HTTP, in whichever era the backend speaks. */
export class StreamableHttp implements Transport {
  readonly eras: readonly Era[] = ['modern', 'legacy'];
  readonly hasHeaders = true;
  readonly hasStreams: boolean;
  readonly #client: HttpClient;
  readonly #exchange: HttpExchange;
  #era: LegacyHttp | ModernHttp;

  constructor(backend: HttpBackend, auth: OutboundAuth, events: TransportEvents, owner?: Identity) {
    const profile = profileOf(backend);
    this.hasStreams = profile.streams;
    this.#client = new HttpClient(backend, auth, owner);
    this.#exchange = new HttpExchange(this.#client, profile, events);
    this.#era = new LegacyHttp(this.#exchange);
  }

  async open(): Promise<void> {}

  speak(version?: string): void {
    if (version !== undefined && eraOf(version) === 'modern') this.#era = new ModernHttp(this.#exchange, version);
    else {
      const legacy = this.#era instanceof LegacyHttp ? this.#era : new LegacyHttp(this.#exchange);
      legacy.speak(version);
      this.#era = legacy;
    }
  }

  readonly send: Send = (message, signal, options) => this.#era.send(message, signal, options);

  async close(): Promise<void> {
    await this.#era.close();
    await this.#client.close().catch(() => {});
  }
}
