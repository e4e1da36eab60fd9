import fc from 'fast-check';
import type { JsonObject } from '../../../../gateway-runtime/src/contracts/json-rpc.js';
import { exported, functionFormats } from '../../../../gateway-runtime/src/rest/functions/export.js';
import { openApiDocument } from '../../../../gateway-runtime/src/rest/openapi/document.js';
import { chatGptForms, completeForms } from '../../../../gateway-runtime/src/rest/openapi/form.js';
import { faultsOfOpenApi } from '../../../helpers/openapi-documents';

const types = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'];
const references = [
  '#',
  '#/$defs/a',
  '#/$defs/b',
  '#/properties/x',
  '#/$defs/none',
  'https://evil.example/x',
  '//evil.example',
];

/** Schemas of every kind, well-formed or not. */
const { schema } = fc.letrec<{ schema: JsonObject | boolean }>((tie) => {
  const inner = tie('schema');
  const some = fc.array(inner, { maxLength: 3 });
  const named = fc.dictionary(fc.constantFrom('x', 'y', 'a-b', '__proto__', 'constructor', 'type'), inner, {
    maxKeys: 3,
  });
  const number = fc.oneof(fc.integer(), fc.double(), fc.boolean());
  return {
    schema: fc.oneof(
      { maxDepth: 3 },
      fc.boolean(),
      fc.record(
        {
          type: fc.oneof(fc.constantFrom(...types), fc.subarray(types), fc.json()),
          title: fc.oneof(fc.string(), fc.integer()),
          description: fc.oneof(fc.string({ maxLength: 1000 }), fc.constant(null)),
          properties: fc.oneof(named, some),
          required: fc.oneof(fc.array(fc.constantFrom('x', 'y', 'x', 'z')), fc.string()),
          additionalProperties: inner,
          items: fc.oneof(inner, some),
          prefixItems: some,
          allOf: some,
          anyOf: some,
          oneOf: some,
          not: inner,
          enum: fc.array(fc.jsonValue()),
          const: fc.jsonValue(),
          format: fc.constantFrom('date', 'date-time', 'int32', 5),
          pattern: fc.constantFrom('^a', '(', 7),
          minimum: number,
          exclusiveMinimum: number,
          exclusiveMaximum: number,
          minLength: number,
          maxItems: number,
          multipleOf: number,
          default: fc.jsonValue(),
          examples: fc.oneof(fc.array(fc.jsonValue()), fc.string()),
          nullable: fc.boolean(),
          $ref: fc.constantFrom(...references),
          $id: fc.constant('https://evil.example/id'),
          $defs: fc.record({ a: inner, b: inner }),
          patternProperties: named,
          if: inner,
        },
        { requiredKeys: [] },
      ),
    ),
  };
});

const sampled = fc.sample(schema, { numRuns: 90, seed: 7 });
const tools = sampled.map((inputSchema, index) => ({ name: `t${index}`, inputSchema, outputSchema: inputSchema }));

test('whatever backends write, documents are valid and lead nowhere', async () => {
  const forms = [completeForms['3.1'], completeForms['3.0'], chatGptForms['3.1']];
  const security = { schemes: {}, required: [] };
  const documents = forms.map((form) => openApiDocument({ form, title: 't', version: '1', url: '/', security, tools }));
  for (const document of documents) {
    expect(Object.keys(document.paths as object).length).toBeGreaterThan(25);
    expectToBeClosed(document);
  }
  expect(await faultsOfOpenApi(...documents)).toEqual([[], [], []]);
});

test.each([...functionFormats])('whatever backends write, %s takes it', (name, format) => {
  const lists = Array.from({ length: 3 }, (_, index) =>
    exported(name, format, tools.slice(index * 30, index * 30 + 30)),
  );
  for (const list of lists) {
    expectToBeClosed(list.tools);
    expect(list.omitted.length).toBeLessThan(20);
    const made = name === 'gemini' ? (list.tools[0]?.functionDeclarations as JsonObject[]) : list.tools;
    for (const tool of made) {
      const { parameters, input_schema = parameters } = (tool.function ?? tool) as Record<
        string,
        JsonObject | undefined
      >;
      if (input_schema === undefined) continue;
      expect(input_schema).toMatchObject({
        type: name === 'gemini' ? 'OBJECT' : 'object',
        properties: expect.anything(),
      });
      for (const member of ['anyOf', 'oneOf', 'allOf', 'not', 'enum', 'const'])
        expect(input_schema).not.toHaveProperty(member);
      if (name === 'gemini') expectOfGemini(input_schema);
    }
  }
});

/** Nothing refers to another document. */
function expectToBeClosed(value: unknown): void {
  const wrong: unknown[] = [];
  JSON.stringify(value, (key, member) => {
    if (key === '$ref' && typeof member === 'string' && !member.startsWith('#')) wrong.push(member);
    if (key === '$id' && typeof member === 'string') wrong.push(member);
    return member;
  });
  expect(wrong).toEqual([]);
}

const known = new Set([
  ...[
    'anyOf',
    'description',
    'enum',
    'format',
    'items',
    'maxItems',
    'maxLength',
    'maxProperties',
    'maximum',
    'minItems',
  ],
  ...['minLength', 'minProperties', 'minimum', 'nullable', 'pattern', 'properties', 'required', 'title', 'type'],
]);

/** A schema that Gemini knows, all the way down. */
function expectOfGemini(schema: JsonObject): void {
  expect(Object.keys(schema).filter((name) => !known.has(name))).toEqual([]);
  const { type, anyOf, properties = {}, items } = schema;
  if (anyOf === undefined) expect(type).toMatch(/^(ARRAY|BOOLEAN|INTEGER|NUMBER|OBJECT|STRING)$/);
  else expect(Object.keys(schema)).toEqual(['anyOf']);
  if (type === 'ARRAY') expect(items).toBeDefined();
  const inner = [...((anyOf as JsonObject[]) ?? []), ...Object.values(properties as object), ...(items ? [items] : [])];
  for (const part of inner) expectOfGemini(part as JsonObject);
}
