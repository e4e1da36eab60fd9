import { form, type Json, Refusal } from './call';
import { picture } from './media';

interface Prompt {
  readonly name: string;
  readonly description: string;
  readonly arguments?: readonly { readonly name: string; readonly description: string; readonly required: boolean }[];
  get(args: Json, inputResponses?: Json): Json;
}

const message = (content: Json): Json => ({ role: 'user', content });
const argument = (name: string, description: string) => ({ name, description, required: true });

const prompts: readonly Prompt[] = [
  {
    name: 'test_simple_prompt',
    description: 'A text',
    get: () => ({ messages: [message({ type: 'text', text: 'This is a simple prompt for testing.' })] }),
  },
  {
    name: 'test_prompt_with_arguments',
    description: 'A text of two arguments',
    arguments: [argument('arg1', 'First'), argument('arg2', 'Second')],
    get: ({ arg1, arg2 }) => ({
      messages: [message({ type: 'text', text: `Prompt with arguments: arg1='${arg1}', arg2='${arg2}'` })],
    }),
  },
  {
    name: 'test_prompt_with_embedded_resource',
    description: 'A resource and a text',
    arguments: [argument('resourceUri', 'URI of the resource')],
    get: ({ resourceUri: uri }) => ({
      messages: [
        message({ type: 'resource', resource: { uri, mimeType: 'text/plain', text: 'Content of the resource.' } }),
        message({ type: 'text', text: 'Please process the embedded resource above.' }),
      ],
    }),
  },
  {
    name: 'test_prompt_with_image',
    description: 'A picture and a text',
    get: () => ({
      messages: [
        message({ type: 'image', data: picture, mimeType: 'image/png' }),
        message({ type: 'text', text: 'Please analyze the image above.' }),
      ],
    }),
  },
];

/** A prompt of the stateless era that needs something of the user first. */
const askingPrompt: Prompt = {
  name: 'test_input_required_result_prompt',
  description: 'A text of what the user answers',
  get(_args, inputResponses) {
    const { content } = (inputResponses?.['user_context'] ?? {}) as { content?: Json };
    if (content) return { messages: [message({ type: 'text', text: `Prompt with context: ${content['context']}` })] };
    const inputRequests = { user_context: form('What context should the prompt use?', 'context') };
    return { resultType: 'input_required', inputRequests };
  },
};

/** The prompts of an era. */
export function promptsOf(era: 'legacy' | 'modern'): { list: Json[]; get: Prompt['get'] } {
  const offered = era === 'legacy' ? prompts : [...prompts, askingPrompt];
  return {
    list: offered.map(({ get: _, ...told }) => told),
    get(params, inputResponses) {
      const prompt = offered.find(({ name }) => name === params['name']);
      if (!prompt) throw new Refusal(-32602, `there is no prompt ${params['name']}`);
      return prompt.get((params['arguments'] ?? {}) as Json, inputResponses);
    },
  };
}
