import type { Logger } from '../../contracts/host.js';
import type { OutboundDependencies } from '../outbound/dependencies.js';

/** What verifying callers draws on: places of secrets, and a log for what the operator has to know. */
export interface InboundDependencies extends OutboundDependencies {
  readonly logger: Logger;
}
