import { createHash } from 'node:crypto';
import { callableText } from './client-tools';
import type { PlatformDocument, RouteEntry } from './platform-document';

interface Link {
  readonly from: string;
  readonly to: string;
  readonly label: string;
}

/**
 * The platform as a Mermaid flowchart: edges, gateways and servers, who calls whom, and what else may connect to them. A line
 * is dotted where it is not encrypted.
 * @see https://mermaid.js.org/syntax/flowchart.html
 */
export function mermaidOf(document: PlatformDocument): string {
  const links = linksOf(document);
  const named = new Set([
    ...document.edges.map(({ path }) => path),
    ...document.gateways.map(({ path }) => path),
    ...document.servers.map(({ path }) => path),
    ...links.flatMap(({ from, to }) => [from, to]),
  ]);
  const shapes = new Map<string, [string, string]>([
    ...document.edges.map(({ path }): [string, [string, string]] => [path, ['{{', '}}']]),
    ...document.gateways.map(({ path }): [string, [string, string]] => [path, ['([', '])']]),
    ...document.clients.map(({ path }): [string, [string, string]] => [path, ['>', ']']]),
  ]);
  const nodes = [...named].sort().map((path) => {
    const [open, close] = shapes.get(path) ?? ['[', ']'];
    return `  ${idOf(path)}${open}"${labelOf(path)}"${close}`;
  });
  const lines = links.map(({ from, to, label }) => {
    const arrow = label.includes('not encrypted') ? '-.->' : '-->';
    return `  ${idOf(from)} ${arrow}|"${labelOf(label)}"| ${idOf(to)}`;
  });
  return ['flowchart LR', ...nodes, ...lines].join('\n');
}

/** Where all ways out lead, which would be a line from every box to one. */
const everywhere: ReadonlySet<string> = new Set(['0.0.0.0/0', 'everywhere']);

/** Calls, clients, and the network paths of servers, gateways and edges. */
function linksOf({ calls, clients, edges, gateways, paths, servers }: PlatformDocument): Link[] {
  const components = new Set([...edges, ...gateways, ...servers].map(({ path }) => path));
  const behind = edges.flatMap(({ path, leadsTo, routes }) =>
    leadsTo.map((to) => ({ from: path, to, label: edgeLabel(routes) })),
  );
  const called = new Set([...calls, ...behind].map(({ from, to }) => `${from} ${to}`));
  const links = [
    ...clients.flatMap(({ path, tools, except = {} }) =>
      Object.entries(tools).map(([to, names]) => ({
        from: path,
        to,
        label: `may call ${callableText(names, except[to])}`,
      })),
    ),
    ...behind,
    ...calls.map(({ from, to, tools, encrypted }) => ({ from, to, label: `${tools.join(', ')}${inWords(encrypted)}` })),
    ...paths
      .filter(({ from, to }) => from !== to && !called.has(`${from} ${to}`))
      .filter(({ from, to }) => components.has(to) || (components.has(from) && !everywhere.has(to)))
      .map(({ from, to, port, encrypted }) => ({ from, to, label: `${port}${inWords(encrypted)}` })),
  ];
  return [...new Map(links.map((link) => [JSON.stringify(link), link])).values()];
}

/** Encrypted where every way to a backend is, as far as it is known. */
function edgeLabel(routes: readonly RouteEntry[]): string {
  const ways = routes.filter(({ backend, encrypted }) => backend !== undefined && encrypted !== undefined);
  return `forwards${inWords(ways.length === 0 ? undefined : ways.every(({ encrypted }) => encrypted))}`;
}

function inWords(encrypted: boolean | undefined): string {
  if (encrypted === undefined) return '';
  return encrypted ? ', encrypted' : ', not encrypted';
}

/** Any path makes an id, and the same one in every report: `end` and other words of the language cannot be one. */
function idOf(path: string): string {
  return `n${createHash('sha256').update(path).digest('hex').slice(0, 12)}`;
}

/** @see https://mermaid.js.org/syntax/flowchart.html#entity-codes-to-escape-characters */
function labelOf(text: string): string {
  return text.replace(/[^\w ,.:*/()${}-]/g, (sign) => `#${sign.codePointAt(0)};`);
}
