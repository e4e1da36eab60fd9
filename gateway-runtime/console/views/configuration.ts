import { ask, type Overview } from '../api.js';
import { ago, element, nothing, table } from '../dom.js';
import type { View } from '../view.js';

/** What the gateway was told, and what was wrong with it. */
export const configuration: View = {
  name: 'configuration',
  title: 'Configuration',
  async show(main, overview) {
    const reloads = element('div');
    const shown = await ask<object>('configuration');
    main.append(
      element('h1', {}, 'Configuration'),
      element('h2', {}, 'Reloads'),
      reloads,
      element('h2', {}, 'In use'),
      element('p', {}, 'Secrets are hidden. What is not set has its default.'),
      element('pre', { tabindex: 0, 'aria-label': 'Configuration' }, JSON.stringify(shown, null, 2)),
    );
    const update = (latest: Overview) => reloads.replaceChildren(...told(latest));
    update(overview);
    return update;
  },
};

function told({ reloads, started }: Overview): HTMLElement[] {
  const { counts, lastReload, faults } = reloads;
  const last = lastReload === undefined ? 'Never read again' : `Last read again ${ago(lastReload)}`;
  const summary = `Started ${ago(started)}. ${last}; ${counts.success} times without and ${counts.failure} times with a fault.`;
  const rows = faults.map(({ path, message }) => [element('code', {}, path), message]);
  return [
    element('p', {}, summary),
    faults.length > 0
      ? element('div', { role: 'alert' }, table('Faults', ['Where', 'What'], rows))
      : nothing('Nothing is wrong with the files.'),
  ];
}
