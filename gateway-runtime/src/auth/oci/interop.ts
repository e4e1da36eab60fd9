/**
 * The default export of a CommonJS module: Node gives an ES module the whole of `module.exports` in its place, while
 * compilers that write CommonJS look into it.
 */
export function defaultOf<T>(imported: { default: T } | T): T {
  return typeof imported === 'object' && imported !== null && 'default' in imported
    ? imported.default
    : (imported as T);
}
