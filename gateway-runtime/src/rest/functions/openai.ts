import type { JsonObject } from '../../contracts/json-rpc.js';
import { Memo } from '../memo.js';
import { plainSchema } from '../schema/plain-schema.js';
import type { Translation } from '../schema/translation.js';
import type { FunctionFormat } from './format.js';

/** https://platform.openai.com/docs/api-reference/chat/create#chat-create-tools */
const mostTools = 128;

/** Many models refuse longer ones, and with them the whole request. https://github.com/getsentry/sentry-mcp/issues/106 */
const longestDescription = 1024;

/** Strict schemas name every property as required, which schemas of tools rarely do; the Responses API is strict unless told otherwise. */
const strict = false;

const limits = { mostTools, longestDescription, all: (tools: readonly JsonObject[]) => tools };

/** Tools of OpenAI's Responses API. https://platform.openai.com/docs/guides/function-calling */
export const openAi: FunctionFormat = {
  ...limits,
  made: new Memo(),
  one: (name, description, translation) => ({ type: 'function', ...functionOf(name, description, translation) }),
};

/** Tools of OpenAI's Chat Completions API, which many other services take, too. */
export const openAiChat: FunctionFormat = {
  ...limits,
  made: new Memo(),
  one: (name, description, translation) => ({
    type: 'function',
    function: functionOf(name, description, translation),
  }),
};

function functionOf(name: string, description: string | undefined, translation: Translation): JsonObject {
  return { name, ...(description && { description }), parameters: plainSchema(translation), strict };
}
