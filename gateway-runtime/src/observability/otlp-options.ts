import type { Logger } from '../contracts/host.js';

/** A data key, wherever it is kept. */
export interface DataKey {
  /** @throws {UpstreamError} naming the place but never the value */
  readWord(): Promise<string>;
  /** Reads it again. @returns whether it is another one now */
  refresh(): Promise<boolean>;
}

/** What sending by OTLP needs from the rest of the gateway. */
export interface OtlpOptions<Config> {
  readonly config: Config;
  /** Absent when the collector asks for none. */
  readonly dataKey?: DataKey;
  /** The gateway, as it appears in what is sent. */
  readonly service: { readonly name: string; readonly version: string };
  readonly logger: Logger;
}
