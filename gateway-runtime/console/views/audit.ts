import { type Audit, ask } from '../api.js';
import { chip, clock, element, nothing, table } from '../dom.js';
import type { View } from '../view.js';

const outcomes = ['', 'ok', 'error', 'unavailable', 'cancelled', 'denied', 'limited'];

/** Who asked for what, as it happens. */
export const audit: View = {
  name: 'audit',
  title: 'Audit',
  async show(main) {
    const place = element('div');
    const text = (name: string, label: string) =>
      element('label', {}, label, element('input', { name, type: 'search', autocomplete: 'off', spellcheck: 'false' }));
    const form = element(
      'form',
      { class: 'filters', 'aria-label': 'Filters', submit: (event) => event.preventDefault() },
      text('tool', 'Tool, with * for any characters'),
      text('client', 'Client'),
      text('backend', 'Backend'),
      element(
        'label',
        {},
        'Outcome',
        element(
          'select',
          { name: 'outcome' },
          ...outcomes.map((value) => element('option', { value }, value || 'any')),
        ),
      ),
      text('request_id', 'Request id'),
    );
    const update = async () => {
      const given = [...new FormData(form)].filter(([, value]) => value !== '') as [string, string][];
      const query = new URLSearchParams(given).toString();
      const { records, isAudited } = await ask<Audit>('audit', query && `?${query}`);
      place.replaceChildren(isAudited ? shown(records) : nothing('Calls are not audited: enable_audit_log is false.'));
    };
    form.addEventListener('input', () => void update());
    main.append(element('h1', {}, 'Audit'), form, place);
    return update;
  },
};

function shown(records: Audit['records']): HTMLElement {
  if (records.length === 0) return nothing('No record fits.');
  const rows = records.map((record) => [
    element('time', { datetime: record.time }, clock(record.time)),
    record.client,
    record.tool ?? record.prompt ?? record.resource ?? record.method,
    record.backend ?? '–',
    chip(record.outcome),
    record.ms.toFixed(1),
    record.reason ?? '',
    element('code', {}, record.request_id ?? ''),
  ]);
  return table(
    'Records, the newest first',
    ['Time', 'Client', 'Asked for', 'Backend', 'Outcome', 'ms', 'Reason', 'Request id'],
    rows,
  );
}
