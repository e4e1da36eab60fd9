import type { HttpBackend, HttpMcpBackend, McpBackend } from '../config/backend.js';
import type { Era } from '../config/versions.js';
import type { Host, Logger } from '../contracts/host.js';
import type { Identity, OutboundAuth } from '../contracts/identity.js';
import type { UpstreamFactory } from '../contracts/upstream.js';
import { Children } from './children.js';
import { Connection } from './connection.js';
import type { Caller } from './protocol.js';
import { toChildProcess } from './python-module.js';
import { Sse } from './sse.js';
import { Stdio } from './stdio.js';
import { StreamableHttp } from './streamable-http.js';
import type { Transport, TransportEvents } from './transport.js';

/** What connections need from the rest of the gateway. */
export interface UpstreamDependencies {
  readonly clientInfo: Caller['info'];
  readonly host: Host;
  readonly logger: Logger;
  outboundAuth(backend: HttpBackend): OutboundAuth;
}

/** Besides, what all connections of one gateway share. */
interface Shared extends UpstreamDependencies {
  readonly children: Children;
}

type Make<T extends McpBackend['transport']> = (
  backend: Extract<McpBackend, { transport: T }>,
  shared: Shared,
  events: TransportEvents,
  owner?: Identity,
) => Transport;

/** One line per transport. */
const transports: { [T in McpBackend['transport']]: Make<T> } = {
  streamable_http: (backend: HttpMcpBackend, { outboundAuth }, events, owner) =>
    new StreamableHttp(backend, outboundAuth(backend), events, owner),
  sse: (backend: HttpMcpBackend, { outboundAuth }, events, owner) =>
    new Sse(backend, outboundAuth(backend), events, owner),
  stdio: (backend, shared, events) => new Stdio(backend, shared, events),
  in_process: (backend, shared, events) => new Stdio(toChildProcess(backend), shared, events),
};

/** Makes connections of every transport; what each backend spoke last is kept for the next connection to it. */
export function upstreamFactory(dependencies: UpstreamDependencies): UpstreamFactory<McpBackend> {
  const remembered = new Map<string, Era>();
  const { clientInfo, logger } = dependencies;
  const shared = { ...dependencies, children: new Children(logger) };
  return (backend, purpose, events) => {
    const make = transports[backend.transport] as Make<McpBackend['transport']>;
    const makeTransport = (heard: TransportEvents) => make(backend as never, shared, heard, purpose.caller);
    return new Connection({ backend, purpose, clientInfo, logger, events, remembered, makeTransport });
  };
}
