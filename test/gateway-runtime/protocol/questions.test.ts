import { canAnswer } from '../../../gateway-runtime/src/protocol/questions.js';

const url = { mode: 'url', url: 'https://example.com' };
const form = { mode: 'form' };

test.each<[string, object, string, object, boolean]>([
  ['forms, of one that says no mode', { elicitation: {} }, 'elicitation/create', {}, true],
  ['forms by name, of one that says no mode', { elicitation: {} }, 'elicitation/create', form, true],
  ['forms, of one that has both', { elicitation: { form: {}, url: {} } }, 'elicitation/create', {}, true],
  ['forms, of one that has URLs only', { elicitation: { url: {} } }, 'elicitation/create', form, false],
  ['URLs, of one that says no mode', { elicitation: {} }, 'elicitation/create', url, false],
  ['URLs, of one that has forms only', { elicitation: { form: {} } }, 'elicitation/create', url, false],
  ['URLs, of one that has them', { elicitation: { url: {} } }, 'elicitation/create', url, true],
  ['forms, of one that has none', { sampling: {} }, 'elicitation/create', form, false],
  ['a sampling', { sampling: {} }, 'sampling/createMessage', {}, true],
  ['a sampling with tools, of one that has none', { sampling: {} }, 'sampling/createMessage', { tools: [] }, false],
  ['a sampling with tools', { sampling: { tools: {} } }, 'sampling/createMessage', { tools: [] }, true],
  ['its roots', { roots: {} }, 'roots/list', {}, true],
  ['its roots, of one that has none', {}, 'roots/list', {}, false],
  ['what nobody knows, of one that knows something', { 'x/y': {} }, 'x/ask', {}, true],
  ['what nobody knows, of one that knows nothing', {}, 'x/ask', {}, false],
])('a client can be asked for %s', (_, capabilities, method, params, expected) => {
  const client = { era: 'legacy', version: '2025-11-25', capabilities } as const;
  expect(canAnswer(client as never, method, params as never)).toBe(expected);
});
