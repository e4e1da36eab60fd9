import type { Backend, HttpBackend } from '../config/backend.js';
import type { Host, Logger } from '../config/host.js';
import type { OutboundAuth } from '../config/identity.js';
import type { Upstream, UpstreamEvents, UpstreamFactory } from '../config/upstream.js';
import type { Caller } from './handshake.js';
import { JsonHttpUpstream } from './json-http.js';
import { toChildProcess } from './python-module.js';
import { SseUpstream } from './sse.js';
import { StdioUpstream } from './stdio.js';
import { StreamableHttpUpstream } from './streamable-http.js';

/** What connections need from the rest of the gateway. */
export interface UpstreamDependencies {
  readonly clientInfo: Caller['info'];
  readonly host: Host;
  readonly logger: Logger;
  outboundAuth(backend: HttpBackend): OutboundAuth;
}

type Make<T extends Backend['transport']> = (
  backend: Extract<Backend, { transport: T }>,
  dependencies: UpstreamDependencies,
  caller: Caller,
  events: UpstreamEvents,
) => Upstream;

/** One line per transport. */
const transports: { [T in Backend['transport']]: Make<T> } = {
  streamable_http: (backend: HttpBackend, { outboundAuth }, caller, events) =>
    new (backend.json_only ? JsonHttpUpstream : StreamableHttpUpstream)(backend, caller, outboundAuth(backend), events),
  sse: (backend, { outboundAuth }, caller, events) => new SseUpstream(backend, caller, outboundAuth(backend), events),
  stdio: (backend, { host, logger }, caller, events) => new StdioUpstream(backend, caller, host, logger, events),
  in_process: (backend, { host, logger }, caller, events) =>
    new StdioUpstream(toChildProcess(backend), caller, host, logger, events),
};

/** Makes connections of every transport. */
export function upstreamFactory(dependencies: UpstreamDependencies): UpstreamFactory {
  return (backend, { capabilities }, events) => {
    const make = transports[backend.transport] as Make<Backend['transport']>;
    return make(backend as never, dependencies, { info: dependencies.clientInfo, capabilities }, events);
  };
}
