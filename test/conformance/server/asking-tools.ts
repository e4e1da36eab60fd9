import { type Call, type Json, type Tool, text } from './call';

const choices = (first: string, second: string, third: string): Json[] => [
  { const: 'value1', title: first },
  { const: 'value2', title: second },
  { const: 'value3', title: third },
];

/** Each type that a field of a form can have, with a default. */
const defaults: Json = {
  name: { type: 'string', description: 'User name', default: 'John Doe' },
  age: { type: 'integer', description: 'User age', default: 30 },
  score: { type: 'number', description: 'User score', default: 95.5 },
  status: { type: 'string', description: 'User status', enum: ['active', 'inactive', 'pending'], default: 'active' },
  verified: { type: 'boolean', description: 'Verification status', default: true },
};

/** Each way that a form has to offer a choice. */
const enums: Json = {
  untitledSingle: { type: 'string', enum: ['option1', 'option2', 'option3'] },
  titledSingle: { type: 'string', oneOf: choices('First Option', 'Second Option', 'Third Option') },
  legacyEnum: {
    type: 'string',
    enum: ['opt1', 'opt2', 'opt3'],
    enumNames: ['Option One', 'Option Two', 'Option Three'],
  },
  untitledMulti: {
    type: 'array',
    minItems: 1,
    maxItems: 3,
    items: { type: 'string', enum: ['option1', 'option2', 'option3'] },
  },
  titledMulti: {
    type: 'array',
    minItems: 1,
    maxItems: 3,
    items: { anyOf: choices('First Choice', 'Second Choice', 'Third Choice') },
  },
};

const argument = (name: string, description: string): Json => ({
  type: 'object',
  properties: { [name]: { type: 'string', description } },
  required: [name],
});

/** Tools of the handshake era: they ask the client while the call is open. */
export const askingTools: readonly Tool[] = [
  {
    name: 'test_sampling',
    description: "Asks the client's model",
    inputSchema: argument('prompt', 'What to ask'),
    async run({ prompt }, call) {
      const messages = [{ role: 'user', content: { type: 'text', text: prompt } }];
      const { content } = await ask(call, 'sampling/createMessage', { messages, maxTokens: 100 });
      return text(`LLM response: ${(content as Json).text}`);
    },
  },
  {
    name: 'test_elicitation',
    description: 'Asks the user',
    inputSchema: argument('message', 'What to ask'),
    async run({ message }, call) {
      const response = { type: 'string', description: "User's response" };
      return answer('User response', await askForm(call, String(message), { response }, ['response']));
    },
  },
  {
    name: 'test_elicitation_sep1034_defaults',
    description: 'Asks the user with a form of defaults',
    run: async (_args, call) => answer('Elicitation completed', await askForm(call, 'Please review', defaults)),
  },
  {
    name: 'test_elicitation_sep1330_enums',
    description: 'Asks the user with a form of choices',
    run: async (_args, call) => answer('Elicitation completed', await askForm(call, 'Please choose', enums)),
  },
  {
    name: 'test_reconnection',
    description: 'Ends its stream; the answer has to be fetched on another one',
    async run(_args, { closeStream }) {
      closeStream?.();
      // Long enough for the client to see the end of the stream before there is an answer.
      await new Promise((resolve) => setTimeout(resolve, 100));
      return text('The client came back for this');
    },
  },
];

function askForm(call: Call, message: string, properties: Json, required: string[] = []): Promise<Json> {
  return ask(call, 'elicitation/create', { message, requestedSchema: { type: 'object', properties, required } });
}

async function ask(call: Call, method: string, params: Json): Promise<Json> {
  if (!call.ask) throw new Error('nobody can be asked');
  return call.ask(method, params);
}

const answer = (title: string, { action, content = {} }: Json): Json =>
  text(`${title}: action=${action}, content=${JSON.stringify(content)}`);
