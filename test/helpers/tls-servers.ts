import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TestCertificate } from './certificates.js';
import { closeAtEnd, type Listening } from './gateway-servers.js';

/** Listens on a free port of localhost, over TLS. */
export async function listenSecurely(
  { key, cert }: Pick<TestCertificate, 'key' | 'cert'>,
  listener: RequestListener,
): Promise<Listening> {
  const server = createServer({ key, cert }, listener);
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  };
  return { url: `https://localhost:${port}`, port, close: closeAtEnd(close) };
}
