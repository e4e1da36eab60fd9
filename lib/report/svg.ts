import { type Picture, type PictureLink, type PictureNode, pictureOf } from './picture';
import type { PlatformDocument } from './platform-document';

/** Pixels. A letter is as wide as one of the font, so that boxes fit their texts without measuring them. */
const letter = 7.3;
const padding = 14;
const boxHeight = 36;
const rowGap = 34;
const columnGap = 70;
const margin = 24;
const longestLabel = 44;

interface Box extends PictureNode {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/**
 * The same picture as an SVG that needs nothing else: clients at the left, what is called at the right, light and dark as the
 * reader's screen. A line is dotted where it is not encrypted; what a label leaves out is in its tooltip.
 */
export function svgOf(document: PlatformDocument, title = 'MCP platform'): string {
  const picture = pictureOf(document);
  const columns = columnsOf(picture);
  const boxes = placed(columns, picture.links);
  const width = Math.max(margin, ...[...boxes.values()].map((box) => box.x + box.width)) + margin;
  const height = Math.max(margin, ...[...boxes.values()].map((box) => box.y + boxHeight)) + margin;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${round(width)} ${round(height)}" width="${round(width)}" height="${round(height)}" role="img" aria-label="${escaped(title)}">`,
    `<title>${escaped(title)}</title>`,
    style,
    '<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path class="head" d="M0 0 8 4 0 8z"/></marker></defs>',
    ...picture.links.map((link) => lineOf(link, boxes)),
    ...[...boxes.values()].map((box) => boxOf(box)),
    ...labelsOf(picture.links, boxes),
    '</svg>',
    '',
  ].join('\n');
}

const style = `<style>
svg { --ink: #1b1f24; --line: #6b7280; --back: #ffffff; --edge: #fff1d6; --gateway: #dbeafe; --client: #ede4fb; --other: #eef1f4; font: 12px ui-monospace, Menlo, Consolas, monospace; background: var(--back) }
@media (prefers-color-scheme: dark) { svg { --ink: #e6e8eb; --line: #9aa4b1; --back: #14171b; --edge: #4a3612; --gateway: #173a63; --client: #3c2a5c; --other: #2a2f36 } }
.box { stroke: var(--line) } .edge { fill: var(--edge) } .gateway { fill: var(--gateway) } .client { fill: var(--client) } .other { fill: var(--other) }
text { fill: var(--ink) } .link { fill: none; stroke: var(--line) } .open { stroke-dasharray: 4 4 } .head { fill: var(--line) }
.label { font-size: 11px; paint-order: stroke; stroke: var(--back); stroke-width: 4px; text-anchor: middle }
</style>`;

/** Boxes by how many calls away from the outside they are. A call back into an earlier column does not move it. */
function columnsOf({ nodes, links }: Picture): PictureNode[][] {
  const rank = new Map<string, number>();
  const place = (path: string, at: number, before: readonly string[]) => {
    if (before.includes(path) || (rank.get(path) ?? -1) >= at) return;
    rank.set(path, at);
    for (const { from, to } of links) if (from === path) place(to, at + 1, [...before, path]);
  };
  const called = new Set(links.filter(({ from, to }) => from !== to).map(({ to }) => to));
  for (const { path } of nodes) if (!called.has(path)) place(path, 0, []);
  for (const { path } of nodes) if (!rank.has(path)) place(path, 0, []);
  const columns: PictureNode[][] = [];
  for (const node of nodes) {
    const at = rank.get(node.path) ?? 0;
    columns[at] = [...(columns[at] ?? []), node];
  }
  return columns.filter((column) => column !== undefined);
}

/** Each box as near as may be to those that call it. */
function placed(columns: readonly PictureNode[][], links: readonly PictureLink[]): Map<string, Box> {
  const boxes = new Map<string, Box>();
  const tallest = Math.max(0, ...columns.map(({ length }) => length));
  const row = boxHeight + rowGap;
  let x = margin;
  for (const [i, column] of columns.entries()) {
    const order = new Map(column.map(({ path }, at) => [path, middleOfCallers(path, links, boxes) ?? at * row]));
    const sorted = [...column].sort((a, b) => (order.get(a.path) ?? 0) - (order.get(b.path) ?? 0));
    const top = margin + ((tallest - column.length) * row) / 2;
    for (const [at, node] of sorted.entries()) {
      boxes.set(node.path, { ...node, x, y: top + at * row, width: node.path.length * letter + 2 * padding });
    }
    const paths = new Set(columns.slice(0, i + 1).flatMap((each) => each.map(({ path }) => path)));
    const labels = links.filter(({ from, to }) => paths.has(from) && !paths.has(to)).map(({ label }) => label);
    const widest = Math.max(0, ...labels.map((label) => shortened(label).length * letter));
    x += Math.max(...column.map(({ path }) => path.length * letter)) + 2 * padding + columnGap + widest;
  }
  return boxes;
}

function middleOfCallers(path: string, links: readonly PictureLink[], boxes: Map<string, Box>): number | undefined {
  const callers = links.filter(({ to }) => to === path).flatMap(({ from }) => boxes.get(from)?.y ?? []);
  return callers.length === 0 ? undefined : callers.reduce((sum, y) => sum + y, 0) / callers.length;
}

function boxOf({ path, kind, x, y, width }: Box): string {
  const radius = kind === 'gateway' ? boxHeight / 2 : kind === 'client' ? 0 : 5;
  return [
    `<rect class="box ${kind}" x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${boxHeight}" rx="${radius}"/>`,
    `<text x="${round(x + padding)}" y="${round(y + boxHeight / 2 + 4)}">${escaped(path)}</text>`,
  ].join('');
}

function lineOf({ from, to, label, encrypted }: PictureLink, boxes: Map<string, Box>): string {
  const [start, end] = endsOf(boxes.get(from), boxes.get(to));
  const bend = Math.max(40, Math.abs(end.x - start.x) / 2);
  const d = `M${round(start.x)} ${round(start.y)}C${round(start.x + bend)} ${round(start.y)} ${round(end.x - bend)} ${round(end.y)} ${round(end.x)} ${round(end.y)}`;
  const name = `${from} to ${to}: ${label}`;
  return `<path class="link${encrypted === false ? ' open' : ''}" d="${d}" marker-end="url(#head)"><title>${escaped(name)}</title></path>`;
}

/** One label for all lines between two boxes, on the line's middle. */
function labelsOf(links: readonly PictureLink[], boxes: Map<string, Box>): string[] {
  const byEnds = new Map<string, PictureLink[]>();
  for (const link of links) {
    const key = JSON.stringify([link.from, link.to]);
    byEnds.set(key, [...(byEnds.get(key) ?? []), link]);
  }
  return [...byEnds.values()].flatMap((same) =>
    same.map(({ from, to, label }, i) => {
      const [start, end] = endsOf(boxes.get(from), boxes.get(to));
      const y = (start.y + end.y) / 2 - 6 + i * 13;
      return `<text class="label" x="${round((start.x + end.x) / 2)}" y="${round(y)}">${escaped(shortened(label))}</text>`;
    }),
  );
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function endsOf(from: Box | undefined, to: Box | undefined): [Point, Point] {
  const right = { x: (from?.x ?? 0) + (from?.width ?? 0), y: (from?.y ?? 0) + boxHeight / 2 };
  return [right, { x: to?.x ?? 0, y: (to?.y ?? 0) + boxHeight / 2 }];
}

function shortened(label: string): string {
  return label.length <= longestLabel ? label : `${label.slice(0, longestLabel - 1)}…`;
}

function round(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}

/** For text and attributes. Control characters are in no XML. */
function escaped(text: string): string {
  const clean = [...text].filter((sign) => sign >= ' ').join('');
  return clean.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
