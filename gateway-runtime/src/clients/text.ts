import type { ClientConfiguration, Snippet } from './index.js';

/** Everything for people who read it in a terminal. */
export function toText(configurations: readonly ClientConfiguration[], isTerminal: boolean): string {
  const bold = (text: string) => (isTerminal ? `\u001b[1m${text}\u001b[22m` : text);
  const parts = configurations.flatMap(({ title, source, snippets }) => [
    `${bold(title)} (${source})`,
    ...(snippets.length > 0 ? snippets.map(asText) : ['It cannot use the gateway in this way.\n']),
  ]);
  return parts.join('\n');
}

function asText({ title, text, file }: Snippet): string {
  const places = file === undefined ? [] : typeof file === 'string' ? [file] : Object.values(file);
  return `${[title, ...places].join('\n  ')}\n\n${text.replace(/^(?=.)/gm, '    ')}\n`;
}
