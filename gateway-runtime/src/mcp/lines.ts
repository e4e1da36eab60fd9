import type { Readable } from 'node:stream';

/** What happens while lines are read. */
export interface LineEvents {
  onLine(line: string): void;
  /** Called once when a line is longer than allowed; nothing is read after that. */
  onTooLong(): void;
}

/** Calls back for every line. Only a line feed ends one: JSON may hold the other line separators of Unicode. */
export function readLines(stream: Readable, longest: number, { onLine, onTooLong }: LineEvents): void {
  /** What came of a line that is not complete; joined only then, so that long lines cost no more than their length. */
  let parts: string[] = [];
  let length = 0;
  const take = (end: string) => {
    const line = parts.length === 0 ? end : parts.join('') + end;
    parts = [];
    length = 0;
    return line.endsWith('\r') ? line.slice(0, -1) : line;
  };
  const onData = (chunk: string) => {
    const lines = chunk.split('\n');
    const rest = lines.pop() as string;
    for (const line of lines) onLine(take(line));
    parts.push(rest);
    length += rest.length;
    if (length <= longest) return;
    stream.off('data', onData).resume();
    take('');
    onTooLong();
  };
  stream.setEncoding('utf8').on('data', onData);
  stream.on('end', () => {
    const rest = take('');
    if (rest !== '') onLine(rest);
  });
}
