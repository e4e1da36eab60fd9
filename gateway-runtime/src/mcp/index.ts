import type { Backend, HttpBackend } from '../config/backend.js';
import type { Host, Logger } from '../config/host.js';
import type { OutboundAuth } from '../config/identity.js';
import type { Upstream, UpstreamEvents, UpstreamFactory } from '../config/upstream.js';
import type { ClientInfo } from './handshake.js';
import { JsonHttpUpstream } from './json-http.js';
import { toChildProcess } from './python-module.js';
import { SseUpstream } from './sse.js';
import { StdioUpstream } from './stdio.js';
import { StreamableHttpUpstream } from './streamable-http.js';

/** What connections need from the rest of the gateway. */
export interface UpstreamDependencies {
  readonly clientInfo: ClientInfo;
  readonly host: Host;
  readonly logger: Logger;
  outboundAuth(backend: HttpBackend): OutboundAuth;
}

type Make<T extends Backend['transport']> = (
  backend: Extract<Backend, { transport: T }>,
  dependencies: UpstreamDependencies,
  events: UpstreamEvents,
) => Upstream;

/** One line per transport. */
const transports: { [T in Backend['transport']]: Make<T> } = {
  streamable_http: (backend: HttpBackend, { clientInfo, outboundAuth }, events) =>
    new (backend.json_only ? JsonHttpUpstream : StreamableHttpUpstream)(
      backend,
      clientInfo,
      outboundAuth(backend),
      events,
    ),
  sse: (backend, { clientInfo, outboundAuth }, events) =>
    new SseUpstream(backend, clientInfo, outboundAuth(backend), events),
  stdio: (backend, { clientInfo, host, logger }, events) =>
    new StdioUpstream(backend, clientInfo, host, logger, events),
  in_process: (backend, { clientInfo, host, logger }, events) =>
    new StdioUpstream(toChildProcess(backend), clientInfo, host, logger, events),
};

/** Makes connections of every transport. */
export function upstreamFactory(dependencies: UpstreamDependencies): UpstreamFactory {
  return (backend, events) => {
    const make = transports[backend.transport] as Make<Backend['transport']>;
    return make(backend as never, dependencies, events);
  };
}
