/** Something that is there already, or comes later. To wait for what is there costs more than to use it. */
export type Eventual<T> = T | Promise<T>;

/** Goes on with something as soon as it is there, which may be at once. */
export function andThen<T, R>(value: Eventual<T>, next: (value: T) => Eventual<R>): Eventual<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}
