/** Results that tell models that a backend could not be asked. It goes with them. */
const known = new WeakSet<object>();

/** Remembers that no backend gave this result, for those who tell their clients in another way. */
export function rememberUnavailable<T extends object>(result: T): T {
  known.add(result);
  return result;
}

/** Whether a result tells of a backend that could not be asked, or of one that gave no usable answer. */
export function isUnavailable(result: object): boolean {
  return known.has(result);
}
