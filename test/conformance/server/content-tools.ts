import { type Json, type Tool, text } from './call';
import { picture, sound } from './media';

/** A schema with what JSON Schema 2020-12 has beyond properties; it must arrive as it is. */
const richSchema: Json = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  $defs: {
    address: {
      $anchor: 'addressDef',
      type: 'object',
      properties: { street: { type: 'string' }, city: { type: 'string' } },
    },
  },
  properties: {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { required: ['phone'] },
  else: { required: ['email'] },
  additionalProperties: false,
};

const embedded = (uri: string, mimeType: string, value: string): Json => ({
  type: 'resource',
  resource: { uri, mimeType, text: value },
});

/** Tools that both eras have: each kind of content, errors, progress and logs. */
export const contentTools: readonly Tool[] = [
  {
    name: 'test_simple_text',
    description: 'Answers with a text',
    run: () => text('This is a simple text response for testing.'),
  },
  {
    name: 'test_image_content',
    description: 'Answers with a picture',
    run: () => ({ content: [{ type: 'image', data: picture, mimeType: 'image/png' }] }),
  },
  {
    name: 'test_audio_content',
    description: 'Answers with a sound',
    run: () => ({ content: [{ type: 'audio', data: sound, mimeType: 'audio/wav' }] }),
  },
  {
    name: 'test_embedded_resource',
    description: 'Answers with a resource',
    run: () => ({
      content: [embedded('test://embedded-resource', 'text/plain', 'This is an embedded resource content.')],
    }),
  },
  {
    name: 'test_multiple_content_types',
    description: 'Answers with a text, a picture and a resource',
    run: () => ({
      content: [
        { type: 'text', text: 'Multiple content types test:' },
        { type: 'image', data: picture, mimeType: 'image/png' },
        embedded('test://mixed-content-resource', 'application/json', '{"test":"data","value":123}'),
      ],
    }),
  },
  {
    name: 'test_error_handling',
    description: 'Fails',
    run: () => ({ ...text('This tool intentionally returns an error for testing'), isError: true }),
  },
  {
    name: 'test_tool_with_logging',
    description: 'Writes three log messages while it works',
    async run(_args, call) {
      for (const message of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
        await call.log(message);
        await pause();
      }
      return text('Tool with logging executed successfully');
    },
  },
  {
    name: 'test_tool_with_progress',
    description: 'Tells its progress three times while it works',
    async run(_args, { progressToken, notify }) {
      for (const progress of progressToken === undefined ? [] : [0, 50, 100]) {
        const message = `Completed step ${progress} of 100`;
        await notify('notifications/progress', { progressToken, progress, total: 100, message });
        await pause();
      }
      return text(`Progress went to ${progressToken}`);
    },
  },
  {
    name: 'json_schema_2020_12_tool',
    description: 'Has a schema with references, compositions and conditions',
    inputSchema: richSchema,
    run: (args) => text(JSON.stringify(args)),
  },
];

/** Lets what was sent go out on its own, as between two steps of real work; 20 ms. */
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}
