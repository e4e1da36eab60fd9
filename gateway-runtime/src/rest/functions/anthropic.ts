import { isObject } from '../../contracts/json-rpc.js';
import { Memo } from '../memo.js';
import { plainSchema } from '../schema/plain-schema.js';
import type { FunctionFormat } from './format.js';

/** Names that properties of arguments may have. https://github.com/n8n-io/n8n/issues/30590 */
const propertyForm = /^[a-zA-Z0-9_.-]{1,64}$/;

/** Tools of Anthropic's Messages API. https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview */
export const anthropic: FunctionFormat = {
  one: (name, description, translation) => {
    const input_schema = plainSchema(translation);
    const names = Object.keys(isObject(input_schema.properties) ? input_schema.properties : {});
    const wrong = names.find((property) => !propertyForm.test(property));
    if (wrong !== undefined) {
      return `a property is called ${JSON.stringify(wrong.slice(0, 100))}; allowed are 64 letters, digits, "_", "." and "-"`;
    }
    return { name, ...(description && { description }), input_schema };
  },
  made: new Memo(),
  all: (tools) => tools,
};
