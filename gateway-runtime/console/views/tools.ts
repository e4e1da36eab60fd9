import { allTools, request, type Tool } from '../api.js';
import { chip, element, nothing } from '../dom.js';
import { argumentsForm } from '../form.js';
import type { View } from '../view.js';

/** Tools shown at a time: thousands would make the page slow. */
const mostShown = 100;

/** Every tool that the caller may use, and a form to call it. */
export const tools: View = {
  name: 'tools',
  title: 'Tools',
  async show(main, { path }) {
    const all = await allTools(path);
    const list = element('div', { class: 'tools' });
    const count = element('p', { role: 'status' });
    const search = element('input', { type: 'search', id: 'search', autocomplete: 'off' });
    const update = () => {
      const words = search.value.toLowerCase().split(/\s+/);
      const fit = all.filter((tool) =>
        words.every((word) => `${tool.name} ${tool.description}`.toLowerCase().includes(word)),
      );
      count.textContent =
        fit.length > mostShown ? `${fit.length} tools, the first ${mostShown} shown` : `${fit.length} tools`;
      list.replaceChildren(...fit.slice(0, mostShown).map((tool) => entry(tool, path)));
    };
    search.addEventListener('input', update);
    main.append(element('h1', {}, 'Tools'), element('label', { for: 'search' }, 'Search'), search, count, list);
    if (all.length === 0) list.append(nothing('There is no tool that you may use.'));
    else update();
  },
};

function entry(tool: Tool, path: string): HTMLElement {
  const { readOnlyHint, destructiveHint } = tool.annotations ?? {};
  const body = element('div');
  return element(
    'details',
    {
      toggle: () => {
        if (body.childElementCount === 0) body.append(...details(tool, path));
      },
    },
    element(
      'summary',
      {},
      element('strong', {}, tool.name),
      readOnlyHint === true && chip('reads'),
      destructiveHint === true && chip('may destroy'),
      element('span', { class: 'about' }, tool.title ?? tool.description?.split('\n')[0] ?? ''),
    ),
    body,
  );
}

function details(tool: Tool, path: string): HTMLElement[] {
  const form = argumentsForm(tool.inputSchema);
  const result = element('div', { class: 'result', role: 'status' });
  const button = element('button', { type: 'submit' }, 'Call');
  const call = async (event: Event) => {
    event.preventDefault();
    button.disabled = true;
    result.replaceChildren('Calling …');
    try {
      const began = performance.now();
      const answer = await request<Answer>(path, 'tools/call', { name: tool.name, arguments: form.read() }, tool.name);
      result.replaceChildren(...shown(answer, performance.now() - began));
    } catch (error) {
      result.replaceChildren(chip('error'), element('p', {}, (error as Error).message));
    } finally {
      button.disabled = false;
    }
  };
  return [
    element('p', { class: 'description' }, tool.description ?? ''),
    element('form', { submit: (event) => void call(event), 'aria-label': `Call ${tool.name}` }, form.fields, button),
    result,
    element(
      'details',
      {},
      element('summary', {}, 'Schema of the arguments'),
      element('pre', { tabindex: 0 }, JSON.stringify(tool.inputSchema, null, 2)),
    ),
  ];
}

interface Answer {
  readonly content?: readonly { readonly type: string; readonly text?: string; readonly mimeType?: string }[];
  readonly structuredContent?: object;
  readonly isError?: boolean;
}

function shown(answer: Answer, ms: number): HTMLElement[] {
  const { content = [], structuredContent, isError } = answer;
  const parts = content.map(({ type, text, mimeType }) =>
    element('pre', { tabindex: 0 }, text ?? `${type} ${mimeType ?? ''}`),
  );
  const structured = structuredContent && element('pre', { tabindex: 0 }, JSON.stringify(structuredContent, null, 2));
  return [
    chip(isError ? 'error' : 'ok'),
    element('p', {}, `in ${ms.toFixed(0)} ms`),
    ...parts,
    ...(structured ? [structured] : []),
  ];
}
