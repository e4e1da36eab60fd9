import { isObject, type JsonObject } from '../../contracts/json-rpc.js';
import { listed } from './keywords.js';
import type { Translation } from './translation.js';

/** Members that the models' services take nowhere but below the root. */
const forbidden = ['allOf', 'anyOf', 'oneOf', 'not', 'enum', 'const'] as const;

/** References that lead to each other at most. */
const mostSteps = 20;

/**
 * The schema of arguments as one object with all properties that they may have: models' services refuse alternatives at the root,
 * and with them every other tool of the request.
 * https://github.com/langchain-ai/langchainjs/issues/9804 https://github.com/anthropics/claude-code/issues/5973
 */
export function objectRoot(translation: Translation): JsonObject {
  const root = followed(translation.root, translation, 0);
  const { $ref, required: _, ...rest } = root;
  const properties = new Map<string, unknown>();
  const required = new Set<string>();
  collect(root, true, translation, properties, required, 0);
  const said = Object.entries(rest).filter(([name]) => !forbidden.some((member) => member === name));
  for (const name of forbidden) {
    if (name in root) translation.note('', `"${name}" is left out, and the properties it knows are all offered`);
  }
  return {
    ...Object.fromEntries(said),
    type: 'object',
    properties: Object.fromEntries(properties),
    ...(required.size > 0 && { required: [...required] }),
  };
}

/** The schema that a reference at the root leads to, with what is said beside it. */
function followed(schema: JsonObject, translation: Translation, steps: number): JsonObject {
  if (schema.$ref === undefined || steps > mostSteps) return schema;
  const { $ref, ...beside } = schema;
  const found = translation.find('', $ref);
  return isObject(found) ? { ...followed(found, translation, steps + 1), ...beside } : beside;
}

function collect(
  schema: JsonObject,
  isCertain: boolean,
  translation: Translation,
  properties: Map<string, unknown>,
  required: Set<string>,
  level: number,
): void {
  translation.count(level);
  for (const [name, property] of Object.entries(isObject(schema.properties) ? schema.properties : {})) {
    if (!properties.has(name)) properties.set(name, property);
  }
  if (isCertain) for (const name of listed(schema.required)) required.add(name);
  for (const member of ['allOf', 'anyOf', 'oneOf'] as const) {
    for (const part of Array.isArray(schema[member]) ? schema[member] : []) {
      if (!isObject(part)) continue;
      const whole = followed(part, translation, 0);
      collect(whole, isCertain && member === 'allOf', translation, properties, required, level + 1);
    }
  }
}
