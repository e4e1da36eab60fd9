import { ask, type Session } from '../api.js';
import { ago, element, nothing, table } from '../dom.js';
import type { View } from '../view.js';

/** Who has a session at this process. */
export const sessions: View = {
  name: 'sessions',
  title: 'Sessions',
  async show(main) {
    const place = element('div');
    main.append(
      element('h1', {}, 'Sessions'),
      element('p', {}, 'Clients of MCP 2026-07-28 and of stateless gateways have none.'),
      place,
    );
    return async () => {
      const all = await ask<Session[]>('sessions');
      const rows = all.map((session) => [
        element('code', {}, session.id),
        session.client,
        session.subject ?? '–',
        session.version,
        session.view ?? 'everything',
        session.isIdle ? 'idle' : 'in use',
        ago(session.usedAt),
      ]);
      const head = ['Id begins with', 'Client', 'Subject', 'Version', 'View', 'State', 'Last used'];
      place.replaceChildren(all.length > 0 ? table('Sessions', head, rows) : nothing('There is no session.'));
    };
  },
};
