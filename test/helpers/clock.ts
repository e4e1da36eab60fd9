/** Everything that waits goes on as ever: only what the time is, is set. */
const untouched = [
  ...(['nextTick', 'setImmediate', 'clearImmediate', 'setTimeout', 'clearTimeout', 'setInterval'] as const),
  ...(['clearInterval', 'queueMicrotask', 'performance', 'hrtime'] as const),
];

/** Sets what the time is, in milliseconds since 1970, until `jest.useRealTimers()`. */
export function setClock(now: number): void {
  jest.useFakeTimers({ now, doNotFake: untouched });
}
