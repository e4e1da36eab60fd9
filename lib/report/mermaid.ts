import { createHash } from 'node:crypto';
import { type PictureNode, pictureOf } from './picture';
import type { PlatformDocument } from './platform-document';

const shapes: { readonly [kind in PictureNode['kind']]: readonly [string, string] } = {
  edge: ['{{', '}}'],
  gateway: ['([', '])'],
  client: ['>', ']'],
  other: ['[', ']'],
};

/**
 * The platform as a Mermaid flowchart: edges, gateways and servers, who calls whom, and what else may connect to them. A line
 * is dotted where it is not encrypted.
 * @see https://mermaid.js.org/syntax/flowchart.html
 */
export function mermaidOf(document: PlatformDocument): string {
  const { nodes, links } = pictureOf(document);
  const boxes = nodes.map(({ path, kind }) => {
    const [open, close] = shapes[kind];
    return `  ${idOf(path)}${open}"${labelOf(path)}"${close}`;
  });
  const lines = links.map(({ from, to, label, encrypted }) => {
    const arrow = encrypted === false ? '-.->' : '-->';
    return `  ${idOf(from)} ${arrow}|"${labelOf(label)}"| ${idOf(to)}`;
  });
  return ['flowchart LR', ...boxes, ...lines].join('\n');
}

/** Any path makes an id, and the same one in every report: `end` and other words of the language cannot be one. */
function idOf(path: string): string {
  return `n${createHash('sha256').update(path).digest('hex').slice(0, 12)}`;
}

/** @see https://mermaid.js.org/syntax/flowchart.html#entity-codes-to-escape-characters */
function labelOf(text: string): string {
  return text.replace(/[^\w ,.:*/()${}-]/g, (sign) => `#${sign.codePointAt(0)};`);
}
