import { callableText } from './client-tools';
import type { PlatformDocument, RouteEntry } from './platform-document';

/** What is drawn of a platform, in whichever language. */
export interface Picture {
  /** In the order of their paths. */
  readonly nodes: readonly PictureNode[];
  readonly links: readonly PictureLink[];
}

/** A box of the picture. */
export interface PictureNode {
  /** Path of a construct, or addresses. */
  readonly path: string;
  readonly kind: 'edge' | 'gateway' | 'client' | 'other';
}

/** A line of the picture. */
export interface PictureLink {
  readonly from: string;
  readonly to: string;
  readonly label: string;
  /** Undefined where nobody knows. */
  readonly encrypted?: boolean;
}

/** Edges, gateways and servers, who calls whom, and what else may connect to them. */
export function pictureOf(document: PlatformDocument): Picture {
  const links = linksOf(document);
  const kinds = new Map<string, PictureNode['kind']>([
    ...document.edges.map(({ path }): [string, PictureNode['kind']] => [path, 'edge']),
    ...document.gateways.map(({ path }): [string, PictureNode['kind']] => [path, 'gateway']),
    ...document.clients.map(({ path }): [string, PictureNode['kind']] => [path, 'client']),
  ]);
  const paths = new Set([
    ...document.edges.map(({ path }) => path),
    ...document.gateways.map(({ path }) => path),
    ...document.servers.map(({ path }) => path),
    ...links.flatMap(({ from, to }) => [from, to]),
  ]);
  return { nodes: [...paths].sort().map((path) => ({ path, kind: kinds.get(path) ?? 'other' })), links };
}

/** Where all ways out lead, which would be a line from every box to one. */
const everywhere: ReadonlySet<string> = new Set(['0.0.0.0/0', 'everywhere']);

/** Calls, clients, and the network paths of servers, gateways and edges. */
function linksOf({ calls, clients, edges, gateways, paths, servers }: PlatformDocument): PictureLink[] {
  const components = new Set([...edges, ...gateways, ...servers].map(({ path }) => path));
  const behind = edges.flatMap(({ path, leadsTo, routes }) =>
    leadsTo.map((to) => linkOf(path, to, 'forwards', areEncrypted(routes))),
  );
  const called = new Set([...calls, ...behind].map(({ from, to }) => `${from} ${to}`));
  const links = [
    ...clients.flatMap(({ path, tools, except = {} }) =>
      Object.entries(tools).map(([to, names]) => linkOf(path, to, `may call ${callableText(names, except[to])}`)),
    ),
    ...behind,
    ...calls.map(({ from, to, tools, encrypted }) => linkOf(from, to, tools.join(', '), encrypted)),
    ...paths
      .filter(({ from, to }) => from !== to && !called.has(`${from} ${to}`))
      .filter(({ from, to }) => components.has(to) || (components.has(from) && !everywhere.has(to)))
      .map(({ from, to, port, encrypted }) => linkOf(from, to, port, encrypted)),
  ];
  return [...new Map(links.map((link) => [JSON.stringify(link), link])).values()];
}

function linkOf(from: string, to: string, text: string, encrypted?: boolean): PictureLink {
  const words = encrypted === undefined ? '' : encrypted ? ', encrypted' : ', not encrypted';
  return { from, to, label: `${text}${words}`, ...(encrypted !== undefined && { encrypted }) };
}

/** Encrypted where every way to a backend is, as far as it is known. */
function areEncrypted(routes: readonly RouteEntry[]): boolean | undefined {
  const ways = routes.filter(({ backend, encrypted }) => backend !== undefined && encrypted !== undefined);
  return ways.length === 0 ? undefined : ways.every(({ encrypted }) => encrypted);
}
