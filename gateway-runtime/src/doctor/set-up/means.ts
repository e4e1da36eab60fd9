import type { HttpBackend } from '../../config/backend.js';
import type { Host } from '../../contracts/host.js';
import type { OutboundAuth } from '../../contracts/identity.js';
import type { UpstreamFactory } from '../../contracts/upstream.js';
import type { ChildWords } from '../child-words.js';
import type { Redactor } from '../redactor.js';

/** What backends are looked at with: the same as the gateway uses. */
export interface Means {
  readonly createUpstream: UpstreamFactory;
  outboundAuth(backend: HttpBackend): OutboundAuth;
  readonly host: Host;
  readonly redactor: Redactor;
  readonly words: ChildWords;
  /** Milliseconds that one check may take. */
  readonly timeoutMs: number;
}
