import { clock, drawn, element, table } from './dom.js';

/** One line of a plot; nothing where there is no value. */
export interface Line {
  readonly name: string;
  readonly values: readonly (number | undefined)[];
}

const size = { width: 980, height: 190, left: 52, right: 8, top: 10, bottom: 24 };

/** Lines over time, and the same as a table for those who do not see them. */
export function plot(title: string, unit: string, times: readonly number[], lines: readonly Line[]): HTMLElement {
  const most = Math.max(1, ...lines.flatMap(({ values }) => values.map((value) => value ?? 0)));
  const top = niceAbove(most);
  const [first = 0, last = 1] = [times[0], times.at(-1)];
  const x = (at: number) =>
    size.left + ((at - first) / Math.max(1, last - first)) * (size.width - size.left - size.right);
  const y = (value: number) => size.top + (1 - value / top) * (size.height - size.top - size.bottom);
  const grid = [0, 0.5, 1].flatMap((share) => [
    drawn('line', {
      x1: size.left,
      x2: size.width - size.right,
      y1: y(top * share),
      y2: y(top * share),
      class: 'grid',
    }),
    drawn(
      'text',
      { x: size.left - 8, y: y(top * share) + 4, 'text-anchor': 'end' },
      String(Number((top * share).toPrecision(3))),
    ),
  ]);
  const legend = lines.map(({ name }, index) =>
    element('li', {}, element('span', { class: `key line-${index}` }), name),
  );
  const latest = lines.map(({ name, values }) => `${name} ${format(values.findLast((value) => value !== undefined))}`);
  return element(
    'figure',
    {},
    element('figcaption', {}, `${title} (${unit})`),
    drawn(
      'svg',
      {
        viewBox: `0 0 ${size.width} ${size.height}`,
        role: 'img',
        'aria-label': `${title}: now ${latest.join(', ')}`,
        class: 'plot',
      },
      ...grid,
      drawn('text', { x: size.left, y: size.height - 6 }, clock(first)),
      drawn('text', { x: size.width - size.right, y: size.height - 6, 'text-anchor': 'end' }, clock(last)),
      ...lines.map(({ values }, index) => drawn('path', { d: pathOf(times, values, x, y), class: `line-${index}` })),
    ),
    element('ul', { class: 'legend' }, ...legend),
    element(
      'details',
      {},
      element('summary', {}, `${title} as a table`),
      table(title, ['Time', ...lines.map(({ name }) => name)], rowsOf(times, lines)),
    ),
  );
}

/** The last ones: nobody reads all of them. */
function rowsOf(times: readonly number[], lines: readonly Line[]): string[][] {
  const rows = times.map((at, index) => [clock(at), ...lines.map(({ values }) => format(values[index]))]);
  return rows.slice(-12).reverse();
}

function format(value: number | undefined): string {
  return value === undefined ? '–' : String(Number(value.toPrecision(3)));
}

function pathOf(
  times: readonly number[],
  values: readonly (number | undefined)[],
  x: (at: number) => number,
  y: (value: number) => number,
): string {
  let isDown = false;
  return values
    .map((value, index) => {
      if (value === undefined) {
        isDown = false;
        return '';
      }
      const command = isDown ? 'L' : 'M';
      isDown = true;
      return `${command}${x(times[index] ?? 0).toFixed(1)} ${y(value).toFixed(1)}`;
    })
    .join('');
}

/** 1, 2 or 5 times a power of ten. */
function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((factor) => factor * power >= value) ?? 10) * power;
}
