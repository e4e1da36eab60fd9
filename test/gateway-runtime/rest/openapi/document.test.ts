import { openApiDocument } from '../../../../gateway-runtime/src/rest/openapi/document.js';
import { chatGptForms, completeForms } from '../../../../gateway-runtime/src/rest/openapi/form.js';
import { oddTools } from '../../../helpers/odd-tools';
import { faultsOfOpenApi } from '../../../helpers/openapi-documents';

const options = {
  title: 'gateway',
  version: '1.0.0',
  url: 'https://mcp.example/api/v1',
  security: { schemes: { bearer: { type: 'http', scheme: 'bearer' } }, required: [{ bearer: [] }] },
};
// biome-ignore lint/suspicious/noExplicitAny: tests look at single members
type Document = Record<string, any>;
const documentOf = (version: '3.1' | '3.0', tools = oddTools, forms = completeForms): Document =>
  openApiDocument({ ...options, form: forms[version], tools });
const inputIn = (document: Document, tool: string) =>
  document.paths[`/tools/${tool}`].post.requestBody.content['application/json'].schema;

test('documents of the oddest tools are valid', async () => {
  const documents = [
    documentOf('3.1'),
    documentOf('3.0'),
    documentOf('3.1', oddTools, chatGptForms),
    documentOf('3.1', []),
  ];
  expect(documents.map(({ openapi }) => openapi)).toEqual(['3.1.0', '3.0.3', '3.1.0', '3.1.0']);
  expect(await faultsOfOpenApi(...documents)).toEqual([[], [], [], []]);
  // The validator sees what is wrong.
  const wrong = documentOf('3.0');
  inputIn(wrong, 'plain').type = ['object', 'null'];
  expect((await faultsOfOpenApi(wrong))[0]).not.toEqual([]);
});

test('each tool is one operation with a name that clients take', () => {
  const { paths, 'x-omitted': omitted } = documentOf('3.1');
  const ids = Object.values(paths).map((path) => (path as Document).post.operationId);
  expect(ids).toEqual([
    ...['plain', 'no_schema', 'logs_search_v2_9826d32e', 'tree', 'choice', 'thief', 'nonsense', '__proto__'],
    ...['_2fast_323a2d31', 'bomb'],
  ]);
  expect(Object.keys(paths)).toEqual(ids.map((id) => `/tools/${id}`));
  expect(omitted).toEqual([{ name: 'later', reason: 'it answers only as a task' }]);
});

test('nothing leads out of a document', () => {
  for (const version of ['3.1', '3.0'] as const) {
    const text = JSON.stringify(documentOf(version));
    const references = [...text.matchAll(/"\$ref":"([^"]*)"/g)].map(([, reference]) => reference as string);
    expect(references.length).toBeGreaterThan(8);
    expect(references.filter((reference) => !reference.startsWith('#/components/'))).toEqual([]);
    expect(text).not.toMatch(/169\.254|etc\/passwd|evil\.example|backend\.example/);
  }
  expect(documentOf('3.1')['x-narrowed']).toContainEqual({
    name: 'thief',
    changes: expect.arrayContaining(['properties.file: a reference that leads nowhere in the schema is left out']),
  });
});

test('3.0 says in its own words what it can', () => {
  const { properties } = inputIn(documentOf('3.0'), 'logs_search_v2_9826d32e');
  expect(properties).toMatchObject({
    since: { type: 'string', nullable: true, format: 'date' },
    level: { enum: ['error'] },
    size: { minimum: 0, exclusiveMinimum: true, maximum: 100, exclusiveMaximum: true },
    ratio: { minimum: 0, exclusiveMinimum: true, maximum: 1, multipleOf: 0.5 },
    either: { anyOf: [{ type: 'string' }, { type: 'integer' }], example: 'a' },
    maybe: { type: 'string', minLength: 1, nullable: true, default: null },
    pair: { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'number' }] } },
    free: {},
    any: {},
    never: { not: {} },
    map: { additionalProperties: { type: 'number' } },
    nothing: { nullable: true, enum: [null] },
  });
  expect(properties.day).toEqual({
    description: 'The day',
    allOf: [{ $ref: '#/components/schemas/logs_search_v2_9826d32e.Day' }],
  });
  const { changes } = documentOf('3.0')['x-narrowed'].find(({ name }: Document) => name.startsWith('logs'));
  expect(changes).toContain('properties.map: "patternProperties" is left out');
  expect(changes).toContain('properties.tuple: each item may be what any item of the tuple may be');
});

test('3.1 says what the backend says', () => {
  const { properties } = inputIn(documentOf('3.1'), 'logs_search_v2_9826d32e');
  expect(properties.since).toMatchObject({ type: ['string', 'null'], format: 'date' });
  expect(properties.size).toEqual({ type: 'integer', exclusiveMinimum: 0, exclusiveMaximum: 100 });
  expect(properties.pair).toEqual({
    type: 'array',
    prefixItems: [{ type: 'string' }, { type: 'number' }],
    items: false,
  });
  expect(properties.day).toEqual({ $ref: '#/components/schemas/logs_search_v2_9826d32e.Day', description: 'The day' });
});

test('a schema that refers to itself does so in the document, too', () => {
  const { components } = documentOf('3.1');
  expect(components.schemas['tree.Node']).toEqual({
    type: 'object',
    properties: { name: { type: 'string' }, parent: { $ref: '#/components/schemas/tree.Node' } },
  });
  expect(components.schemas['tree.answer.Node']).toBeDefined();
});

test('ChatGPT gets what it takes, and is told what is missing', () => {
  const many = Array.from({ length: 35 }, (_, index) => ({ name: `t${index}`, inputSchema: { type: 'object' } }));
  const document = documentOf('3.1', [...oddTools.slice(2, 3), ...many], chatGptForms);
  const operations = Object.values(document.paths).map((path) => (path as Document).post);
  expect(operations).toHaveLength(30);
  const [first, second] = operations;
  expect(first.description).toHaveLength(300);
  expect(first.description).toMatch(/x…$/);
  expect(inputIn(document, first.operationId).properties.since.description).toHaveLength(700);
  expect([first['x-openai-isConsequential'], second['x-openai-isConsequential']]).toEqual([false, true]);
  expect(document['x-omitted']).toHaveLength(6);
  expect(document['x-omitted'][0]).toEqual({ name: 't29', reason: expect.stringContaining('?limits=none') });
  expect(document['x-narrowed'][0].changes).toEqual([
    'properties.since: the description is cut to 700 characters',
    'the description is cut to 300 characters',
    'it is called logs_search_v2_9826d32e here, and "logs.search/v2" elsewhere',
  ]);
});
