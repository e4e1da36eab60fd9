/** Lines printed for one step where output is not a terminal. */
const PLAIN_LINES = 4;

/**
 * Shows how far a step is: one line that is rewritten on a terminal, a few plain lines elsewhere.
 *
 * @param {string} label what is being done, such as `generating`
 * @param {NodeJS.WriteStream} stream
 * @returns `(done, total) => void`, to be called once with `done === total`
 */
export function progress(label, stream = process.stdout) {
  const start = Date.now();
  let printed = 0;
  return (done, total) => {
    const seconds = `${((Date.now() - start) / 1000).toFixed(0)} s`;
    if (stream.isTTY) {
      const bar = '#'.repeat(Math.round((done / total) * 24)).padEnd(24, '.');
      stream.write(`\r${label.padEnd(10)} [${bar}] ${done}/${total} ${seconds}${done === total ? '\n' : ''}`);
    } else if (done === total || done >= ((printed + 1) * total) / PLAIN_LINES) {
      printed = Math.floor((done / total) * PLAIN_LINES);
      stream.write(`${label} ${done}/${total} (${seconds})\n`);
    }
  };
}
