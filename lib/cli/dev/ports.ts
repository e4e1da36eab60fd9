import { type AddressInfo, connect, createServer } from 'node:net';
import type { Child } from './child';

/** Where everything listens: nobody else may call. */
export const loopback = '127.0.0.1';

/** Milliseconds between two looks. */
const lookMs = 50;

/** A port that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, loopback, () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/**
 * Resolves once a condition holds.
 * @throws when the process ends before, or not in time, or nobody waits any more
 */
export async function untilReady(
  child: Child,
  isReady: () => boolean | Promise<boolean>,
  { seconds, signal }: { readonly seconds: number; readonly signal: AbortSignal },
): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await isReady())) {
    if (!child.isRunning) throw new Error(`ended with ${await child.ended}\n${child.output}`.trim());
    signal.throwIfAborted();
    if (Date.now() > deadline) throw new Error(`is not ready after ${seconds} s\n${child.output}`.trim());
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
}

/** Whether somebody listens on a port. */
export function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, loopback);
    const answer = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.once('connect', () => answer(true)).once('error', () => answer(false));
  });
}
