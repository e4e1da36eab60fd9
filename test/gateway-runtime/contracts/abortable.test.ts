import { Cancellation, toAbortSignal } from '../../../gateway-runtime/src/contracts/abortable.js';

test('a cancellation tells everybody who listens, once', () => {
  const cancellation = new Cancellation();
  const told: string[] = [];
  const leaves = () => told.push('leaves');
  cancellation.addEventListener('abort', leaves);
  cancellation.addEventListener('abort', () => told.push('first'));
  cancellation.addEventListener('abort', () => told.push('second'));
  cancellation.removeEventListener('abort', leaves);
  expect(cancellation.aborted).toBe(false);
  cancellation.abort();
  cancellation.abort();
  expect(cancellation.aborted).toBe(true);
  expect(told).toEqual(['first', 'second']);
});

test('a signal made of a cancellation ends with it, also when it has ended already', () => {
  const cancellation = new Cancellation();
  const before = toAbortSignal(cancellation);
  expect(before.aborted).toBe(false);
  cancellation.abort();
  expect(before.aborted).toBe(true);
  expect(toAbortSignal(cancellation).aborted).toBe(true);
});

test('a signal stays the signal it is', () => {
  const { signal } = new AbortController();
  expect(toAbortSignal(signal)).toBe(signal);
});
