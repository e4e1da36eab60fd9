import { setTimeout as delay } from 'node:timers/promises';
import { BusyPolling } from '../../../gateway-runtime/src/outgoing/busy-polling.js';

/** Milliseconds that are certainly too long for a backend beside the gateway. */
const longMs = 5;

/** How many callbacks keep the event loop from sleeping. */
function immediates(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Immediate').length;
}

/** Sends a request. @returns when, and how many more callbacks that makes */
function send(polling: BusyPolling): { sentAt: number; awake: number } {
  const before = immediates();
  const sentAt = polling.sent();
  return { sentAt, awake: immediates() - before };
}

/** One that was answered at once before. */
function near(): BusyPolling {
  const polling = new BusyPolling();
  polling.answered(performance.now());
  return polling;
}

test('nobody stays awake for a backend of which nothing is known', () => {
  expect(send(new BusyPolling()).awake).toBe(0);
});

test('one that answered at once is waited for awake', () => {
  expect(send(near()).awake).toBe(1);
});

test('one that took longer is not', async () => {
  const polling = near();
  const { sentAt } = send(polling);
  await delay(longMs);
  polling.answered(sentAt);
  expect(send(polling).awake).toBe(0);
});

test('one that takes longer than before is not waited for any further', async () => {
  const before = immediates();
  expect(send(near()).awake).toBe(1);
  await delay(longMs);
  expect(immediates()).toBe(before);
});

test('after an answer everybody sleeps', async () => {
  const before = immediates();
  const polling = near();
  const { sentAt } = send(polling);
  polling.answered(sentAt);
  await delay(longMs);
  expect(immediates()).toBe(before);
});

test('requests at the same time are waited for once', () => {
  const polling = near();
  expect(send(polling).awake).toBe(1);
  expect(send(polling).awake).toBe(0);
});
