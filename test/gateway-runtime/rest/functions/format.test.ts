import type { JsonObject } from '../../../../gateway-runtime/src/contracts/json-rpc.js';
import { exported, functionFormats } from '../../../../gateway-runtime/src/rest/functions/export.js';
import type { FunctionFormat } from '../../../../gateway-runtime/src/rest/functions/format.js';
import { oddTools } from '../../../helpers/odd-tools';

const exportOf = (format: string, tools: readonly JsonObject[] = oddTools) =>
  exported(format, functionFormats.get(format) as FunctionFormat, tools);
// biome-ignore lint/suspicious/noExplicitAny: tests look at single members
type Exported = Record<string, any>;
const renamed = 'logs_search_v2_9826d32e';
const declarations = (tools?: readonly JsonObject[]): Exported[] =>
  (exportOf('gemini', tools).tools[0] as Exported).functionDeclarations;

describe('openai', () => {
  test('has functions of the Responses API, and of Chat Completions', () => {
    const [plain] = exportOf('openai').tools;
    const parameters = { type: 'object', properties: {} };
    expect(plain).toEqual({
      type: 'function',
      name: 'plain',
      description: 'Says nothing of its arguments',
      parameters,
      strict: false,
    });
    expect(exportOf('openai-chat').tools[0]).toEqual({
      type: 'function',
      function: { name: 'plain', description: 'Says nothing of its arguments', parameters, strict: false },
    });
  });

  test('says what it had to leave out', () => {
    const { omitted, narrowed, tools } = exportOf('openai');
    expect(omitted).toEqual([{ name: 'later', reason: 'it answers only as a task' }]);
    expect(narrowed.map(({ name }) => name)).toEqual([...[renamed, 'choice', 'thief', 'nonsense', '_2fast_323a2d31']]);
    expect(narrowed[0]?.changes).toEqual([
      `it is called ${renamed} here, and "logs.search/v2" elsewhere`,
      'the description is cut to 1024 characters',
    ]);
    expect((tools[2] as Exported).description).toHaveLength(1024);
    expect(JSON.stringify(tools)).not.toMatch(/169\.254|etc\/passwd|evil\.example/);
  });

  test('has no schema that the service would refuse with all others', () => {
    const { parameters } = exportOf('openai').tools.find(({ name }) => name === 'nonsense') as Exported;
    expect(parameters).toEqual({ type: 'object', properties: { a: {} } });
  });

  test('has no alternatives at the root, and offers what they know', () => {
    const { parameters } = exportOf('openai').tools.find(({ name }) => name === 'choice') as Exported;
    expect(Object.keys(parameters.properties).sort()).toEqual(['a', 'id', 'name', 'sure']);
    expect(parameters.required).toEqual(['sure']);
    for (const member of ['anyOf', 'oneOf', 'allOf', 'not', 'enum']) expect(parameters).not.toHaveProperty(member);
  });

  test('takes 128 tools', () => {
    const many = Array.from({ length: 130 }, (_, index) => ({ name: `t${index}`, inputSchema: { type: 'object' } }));
    const { tools, omitted } = exportOf('openai', many);
    expect(tools).toHaveLength(128);
    expect(omitted).toEqual([
      { name: 't128', reason: 'a request takes no more than 128 tools' },
      { name: 't129', reason: 'a request takes no more than 128 tools' },
    ]);
  });
});

describe('anthropic', () => {
  test('has tools with an input schema', () => {
    const { tools, omitted } = exportOf('anthropic');
    expect(tools[0]).toEqual({
      name: 'plain',
      description: 'Says nothing of its arguments',
      input_schema: { type: 'object', properties: {} },
    });
    expect(omitted.map(({ name }) => name)).toEqual(['2fast', 'later']);
    expect(omitted[0]?.reason).toContain('"odd name!"');
  });
});

describe('gemini', () => {
  test('has function declarations in its own schemas', () => {
    const found = declarations().find(({ name }) => name === renamed) as Exported;
    expect(found.parameters.properties).toEqual({
      since: { type: 'STRING', nullable: true, description: 'y'.repeat(1000) },
      level: { type: 'STRING', enum: ['error'] },
      size: { type: 'INTEGER', minimum: 1, maximum: 99 },
      ratio: { type: 'NUMBER', minimum: 0, maximum: 1 },
      priority: { type: 'INTEGER', description: 'One of 1,2,3' },
      either: { anyOf: [{ type: 'STRING' }, { type: 'INTEGER' }] },
      maybe: { type: 'STRING', minLength: '1', nullable: true },
      pair: { type: 'ARRAY', items: { anyOf: [{ type: 'STRING' }, { type: 'NUMBER' }] } },
      tuple: { type: 'ARRAY', items: { anyOf: [{ type: 'STRING' }, { type: 'BOOLEAN' }] } },
      list: { type: 'ARRAY', items: anything, minItems: '1' },
      free: anything,
      any: anything,
      never: anything,
      map: { type: 'OBJECT' },
      day: { type: 'STRING', format: 'date-time', description: 'The day' },
      nothing: { type: 'STRING', nullable: true },
    });
    expect(found.parameters.required).toEqual(['level']);
    const narrowed = exportOf('gemini').narrowed.find(({ name }) => name === renamed);
    expect(narrowed?.changes).toEqual(
      expect.arrayContaining([
        'properties.since: the format "date" is left out',
        'properties.ratio: 0 itself is allowed, too',
        'properties.ratio: "multipleOf" is left out',
        'properties.priority: its choices are only told in the description',
        'properties.map: "patternProperties" is left out',
      ]),
    );
  });

  test('leaves the parameters of a tool without arguments out', () => {
    expect(declarations()[0]).toEqual({ name: 'plain', description: 'Says nothing of its arguments' });
  });

  test('ends a schema that refers to itself, and gives up one that grows without end', () => {
    const tree = declarations().find(({ name }) => name === 'tree') as Exported;
    expect(tree.parameters.properties.root).toEqual({
      type: 'OBJECT',
      properties: { name: { type: 'STRING' }, parent: { type: 'OBJECT' } },
    });
    expect(exportOf('gemini').omitted).toContainEqual({ name: 'bomb', reason: expect.stringContaining('5000 parts') });
  });

  test('leaves out an argument with a name it does not take, and a tool that needs one', () => {
    const inputSchema = { type: 'object', properties: { 'a-b': { type: 'string' }, c: { type: 'string' } } };
    const needing = { name: 'needing', inputSchema: { ...inputSchema, required: ['a-b'] } };
    const tools = [{ name: 'taking', inputSchema }, needing];
    expect(declarations(tools)).toEqual([
      { name: 'taking', description: 'taking', parameters: { type: 'OBJECT', properties: { c: { type: 'STRING' } } } },
    ]);
    expect(exportOf('gemini', tools).omitted[0]?.reason).toContain('"a-b"');
  });

  const anything = { anyOf: [{ type: 'STRING' }, { type: 'NUMBER' }, { type: 'BOOLEAN' }] };
});
