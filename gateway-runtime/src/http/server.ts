import { createServer, type RequestListener, type Server } from 'node:http';

/** How long a client may take, in milliseconds. */
export interface ServerTimeouts {
  /** Until all headers of a request are there. */
  readonly headersTimeout: number;
  /** Until its body is there, too. Answers may take as long as they like. */
  readonly requestTimeout: number;
  /** How often that is looked at. */
  readonly connectionsCheckingInterval: number;
}

/** A client that sends a byte now and then would otherwise hold its connection for as long as it likes. */
const timeouts: ServerTimeouts = { headersTimeout: 10_000, requestTimeout: 60_000, connectionsCheckingInterval: 2000 };

/**
 * Milliseconds for which a connection stays open between requests. OCI's load balancer wants that of its backends, and drops
 * idle ones after 300 seconds by itself.
 * https://docs.oracle.com/en-us/iaas/Content/Balance/Reference/connectionreuse.htm
 */
const keepAliveTimeout = 310_000;

/** An HTTP server that clients which are slow on purpose cannot occupy. */
export function createHttpServer(listener: RequestListener, limits: ServerTimeouts = timeouts): Server {
  return createServer({ keepAliveTimeout, ...limits }, listener);
}
