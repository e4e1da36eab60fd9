import type { Backend, Overview } from '../api.js';
import { chip, drawn, element, nothing } from '../dom.js';
import type { View } from '../view.js';

const box = { width: 220, height: 56, gap: 18 };
const columns = { clients: 10, gateway: 330, backends: 650 };

/** Who is connected with whom. */
export const topology: View = {
  name: 'topology',
  title: 'Topology',
  async show(main) {
    const place = element('div');
    main.append(element('h1', {}, 'Topology'), place);
    return (overview) => place.replaceChildren(...picture(overview));
  },
};

function picture({ name, sessions, backends, path, auth }: Overview): Element[] {
  const rows = Math.max(1, backends.length);
  const height = rows * (box.height + box.gap) + box.gap;
  const middle = (height - box.height) / 2;
  const label = `Sessions of clients: ${sessions}; ${name}; ${backends.length} backends`;
  const svg = drawn(
    'svg',
    {
      viewBox: `0 0 ${columns.backends + box.width + 10} ${height}`,
      role: 'img',
      'aria-label': label,
      class: 'topology',
    },
    ...backends.map((_, index) => line(columns.gateway + box.width, middle, columns.backends, top(index))),
    line(columns.clients + box.width, middle, columns.gateway, middle),
    node(columns.clients, middle, 'Clients', sessions === 1 ? '1 session' : `${sessions} sessions`, 'client'),
    node(columns.gateway, middle, name, `${path}, ${auth ? 'with tokens' : 'open'}`, 'gateway'),
    ...backends.map((backend, index) =>
      node(columns.backends, top(index), backend.name, about(backend), backend.state),
    ),
  );
  if (backends.length === 0) return [nothing('No backend is configured.')];
  const list = backends.map(({ name: each, state }) => element('li', {}, `${each} `, chip(state)));
  return [
    element('div', { class: 'scrolls', tabindex: 0, role: 'region', 'aria-label': 'Picture' }, svg),
    element('ul', { class: 'legend' }, ...list),
  ];
}

function top(index: number): number {
  return box.gap + index * (box.height + box.gap);
}

function about({ state, transport, tools }: Backend): string {
  return tools === undefined ? `${transport}, ${state}` : `${transport}, ${state}, ${tools} tools`;
}

function node(x: number, y: number, title: string, text: string, kind: string): SVGElement {
  return drawn(
    'g',
    { class: `node ${kind}` },
    drawn('rect', { x, y, width: box.width, height: box.height, rx: 8 }),
    drawn('text', { x: x + 14, y: y + 23, class: 'name' }, shortened(title, 24)),
    drawn('text', { x: x + 14, y: y + 42 }, shortened(text, 32)),
  );
}

function line(x1: number, y1: number, x2: number, y2: number): SVGElement {
  const [from, to] = [y1 + box.height / 2, y2 + box.height / 2];
  const half = (x1 + x2) / 2;
  return drawn('path', { d: `M${x1} ${from} C${half} ${from} ${half} ${to} ${x2} ${to}`, class: 'line' });
}

function shortened(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
