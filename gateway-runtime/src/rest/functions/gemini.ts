import { isObject, type JsonObject } from '../../contracts/json-rpc.js';
import { Memo } from '../memo.js';
import { geminiSchema } from '../schema/gemini.js';
import { listed } from '../schema/keywords.js';
import type { Translation } from '../schema/translation.js';
import type { FunctionFormat } from './format.js';

/** https://github.com/google-gemini/gemini-cli/issues/19083 */
const mostTools = 512;

/** Names that arguments may have. https://googleapis.github.io/js-genai/release_docs/interfaces/types.FunctionDeclaration.html */
const parameterForm = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

/** Function declarations of Gemini. https://ai.google.dev/api/caching#FunctionDeclaration */
export const gemini: FunctionFormat = {
  mostTools,
  made: new Memo(),
  one: (name, description, translation) => {
    const schema = geminiSchema(translation);
    const parameters = schema && withGoodNames(schema, translation);
    if (typeof parameters === 'string') return parameters;
    // It has to say something.
    return { name, description: description ?? name, ...(parameters && { parameters }) };
  },
  all: (tools) => [{ functionDeclarations: tools }],
};

/** A model may do without an argument that it cannot name, unless the tool needs it. */
function withGoodNames(schema: JsonObject, translation: Translation): JsonObject | string | undefined {
  const properties = Object.entries(isObject(schema.properties) ? schema.properties : {});
  const wrong = properties.map(([name]) => name).filter((name) => !parameterForm.test(name));
  if (wrong.length === 0) return schema;
  const needed = listed(schema.required).find((name) => wrong.includes(name));
  if (needed !== undefined) {
    return `it needs an argument called ${JSON.stringify(needed.slice(0, 100))}; allowed are 64 letters, digits and "_"`;
  }
  for (const name of wrong) translation.note(`properties.${name}`, 'it is left out, since its name is not allowed');
  const good = properties.filter(([name]) => !wrong.includes(name));
  return good.length > 0 ? { ...schema, properties: Object.fromEntries(good) } : undefined;
}
