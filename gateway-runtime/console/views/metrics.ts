import { ask, type Point } from '../api.js';
import { element } from '../dom.js';
import { plot } from '../plot.js';
import type { View } from '../view.js';

/** Seconds that one point stands for. */
const interval = 5;

/** The last quarter of an hour. */
export const metrics: View = {
  name: 'metrics',
  title: 'Metrics',
  async show(main) {
    const place = element('div', { class: 'plots' });
    main.append(element('h1', {}, 'Metrics'), element('p', {}, 'The last quarter of an hour of this process.'), place);
    return async () => {
      // Plots are not drawn anew below somebody who reads their table.
      if (place.querySelector('details[open]')) return;
      const points = await ask<Point[]>('activity');
      const times = points.map(({ at }) => at);
      const line = (name: string, value: (point: Point) => number | undefined) => ({ name, values: points.map(value) });
      place.replaceChildren(
        plot('Calls', 'per second', times, [
          line('answered', ({ calls }) => calls / interval),
          line('failed', ({ failed }) => failed / interval),
          line('refused', ({ refused }) => refused / interval),
        ]),
        plot('Duration', 'ms', times, [line('median', ({ p50 }) => p50), line('99th percentile', ({ p99 }) => p99)]),
      );
    };
  },
};
