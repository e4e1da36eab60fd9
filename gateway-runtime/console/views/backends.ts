import type { Backend } from '../api.js';
import { ago, chip, clock, element, nothing, table } from '../dom.js';
import type { View } from '../view.js';

/** How each backend is, and was. */
export const backends: View = {
  name: 'backends',
  title: 'Backends',
  async show(main) {
    const place = element('div');
    main.append(element('h1', {}, 'Backends'), place);
    return ({ backends: all }) =>
      place.replaceChildren(
        ...(all.length > 0 ? [overview(all), ...all.map(history)] : [nothing('No backend is configured.')]),
      );
  },
};

function overview(all: readonly Backend[]): HTMLElement {
  return table(
    'Backends',
    ['Name', 'State', 'Since', 'Transport', 'Version', 'Tools', 'Prompts', 'Resources', 'Reason'],
    all.map((backend) => [
      element('strong', {}, backend.name),
      chip(backend.state),
      ago(backend.since),
      backend.transport,
      backend.version ?? '–',
      backend.tools ?? '–',
      backend.prompts ?? '–',
      backend.resources ?? '–',
      backend.reason ?? '',
    ]),
  );
}

function history({ name, history: changes }: Backend): HTMLElement {
  const items = [...changes]
    .reverse()
    .map(({ state, at, reason }) =>
      element(
        'li',
        {},
        element('time', { datetime: new Date(at).toISOString() }, clock(at)),
        ' ',
        chip(state),
        reason ? ` ${reason}` : '',
      ),
    );
  return element('section', {}, element('h2', {}, `History of ${name}`), element('ol', { class: 'history' }, ...items));
}
