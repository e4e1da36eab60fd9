import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { TlsConfig } from '../config/tls.js';
import { readTlsFiles } from '../config/tls-files.js';
import type { Logger } from '../contracts/host.js';

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

/** Milliseconds between two looks at the files: whoever renews certificates replaces them long before they end. */
const lookMs = 10_000;

/** Milliseconds in which a connection has to be secured. */
const handshakeTimeout = 10_000;

/** An HTTP server that clients which are slow on purpose cannot occupy. */
export function createHttpServer(listener: RequestListener, limits: ServerTimeouts = timeouts): Server {
  return createServer({ keepAliveTimeout, ...limits }, listener);
}

/**
 * The same over TLS, with files that may be replaced while it runs.
 *
 * @throws when the files cannot be used
 */
export function createTlsServer(tls: TlsConfig, logger: Logger, listener: RequestListener): Server {
  let content = readTlsFiles(tls);
  const server = createHttpsServer(
    {
      keepAliveTimeout,
      ...timeouts,
      ...content,
      minVersion: 'TLSv1.2',
      handshakeTimeout,
      requestCert: tls.client_ca_file !== undefined,
      // Without this, a certificate that cannot be verified counts as none.
      rejectUnauthorized: tls.client_certificates !== 'optional',
    },
    listener,
  );
  let isUsable = true;
  const look = () => {
    try {
      const found = readTlsFiles(tls);
      isUsable = true;
      if (JSON.stringify(found) === JSON.stringify(content)) return;
      content = found;
      server.setSecureContext({ ...content, minVersion: 'TLSv1.2' });
      logger.info({}, 'the certificate was replaced');
    } catch (error) {
      // Files are replaced one after the other; the next look finds both.
      const { message } = error as Error;
      if (isUsable) logger.warn({ error: message }, 'the files of tls cannot be used; those before stay');
      isUsable = false;
    }
  };
  const looking = setInterval(look, lookMs).unref();
  server.once('close', () => clearInterval(looking));
  return server;
}
