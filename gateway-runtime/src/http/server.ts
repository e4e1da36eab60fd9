import { createServer as createHttpServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Logger } from '../config/host.js';
import type { TlsConfig } from '../config/tls.js';
import { readTlsFiles } from '../config/tls-files.js';

/** Milliseconds between two looks at the files: whoever renews certificates replaces them long before they end. */
const lookMs = 10_000;

/** Milliseconds in which a connection has to be secured. */
const handshakeTimeout = 10_000;

/** How the port is served. */
export interface PortOptions {
  /** @default - HTTP */
  readonly tls?: TlsConfig;
  /** Of the server itself. */
  readonly server: ServerOptions;
  readonly logger: Logger;
}

/**
 * The server of the port: HTTP, or HTTPS with files that may be replaced while it runs.
 *
 * @throws when the files cannot be used
 */
export function createServer({ tls, server: options, logger }: PortOptions, listener: RequestListener): Server {
  if (!tls) return createHttpServer(options, listener);
  let content = readTlsFiles(tls);
  const server = createHttpsServer(
    {
      ...options,
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
      if (isUsable)
        logger.warn({ error: (error as Error).message }, 'the files of tls cannot be used; those before stay');
      isUsable = false;
    }
  };
  const looking = setInterval(look, lookMs).unref();
  server.once('close', () => clearInterval(looking));
  return server;
}
