import type { HttpBackend, McpBackend } from '../config/backend.js';
import type { Logger } from '../contracts/host.js';
import type { OutboundAuth } from '../contracts/identity.js';
import type { UpstreamFactory } from '../contracts/upstream.js';
import { Catalogues } from './catalogues.js';
import { OpenApiUpstream } from './upstream.js';

export { OpenApiUpstream } from './upstream.js';

/** What connections to services need from the rest of the gateway. */
export interface OpenApiDependencies {
  readonly logger: Logger;
  outboundAuth(backend: HttpBackend): OutboundAuth;
}

/** Makes connections to services that a document describes; those to MCP servers are made by `others`. */
export function withOpenApi(
  others: UpstreamFactory<McpBackend>,
  { logger, outboundAuth }: OpenApiDependencies,
): UpstreamFactory {
  const catalogues = new Catalogues();
  return (backend, purpose, events) =>
    backend.transport === 'openapi'
      ? new OpenApiUpstream({ backend, auth: outboundAuth(backend), catalogues, logger, events })
      : others(backend, purpose, events);
}
