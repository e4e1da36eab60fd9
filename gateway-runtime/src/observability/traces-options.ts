import type { Logger } from '../config/host.js';
import type { TracesConfig } from '../config/telemetry.js';

/** A data key, wherever it is kept. */
export interface DataKey {
  /** @throws {UpstreamError} naming the place but never the value */
  readWord(): Promise<string>;
  /** Reads it again. @returns whether it is another one now */
  refresh(): Promise<boolean>;
}

/** What traces need from the rest of the gateway. */
export interface TracesOptions {
  readonly config: TracesConfig;
  /** Absent when the collector asks for none. */
  readonly dataKey?: DataKey;
  /** The gateway, as it appears in traces. */
  readonly service: { readonly name: string; readonly version: string };
  readonly logger: Logger;
}
