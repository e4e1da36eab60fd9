import { setTimeout as delay } from 'node:timers/promises';

/** Milliseconds that what was not sent yet may take when the gateway ends. */
const flushMs = 3000;

/** Waits until the last of something has been sent, whatever became of it, and not for ever. */
export async function flushed(sent: Promise<unknown>): Promise<void> {
  await Promise.race([sent.catch(() => {}), delay(flushMs, undefined, { ref: false })]);
}
