import type { JsonObject } from '../contracts/json-rpc.js';
import { Budget } from './budget.js';
import { type Input, inputsOf } from './inputs.js';
import { lenient } from './lenient-schema.js';
import type { Operation } from './operation.js';
import { type SchemaSource, SchemaWriter } from './schema-writer.js';
import type { IsSettled } from './settled.js';

/** Characters that the schemas of one tool may take, about. */
const mostOfTool = 256 * 1024;

/** Characters of a description. */
const longestDescription = 4096;

/** An operation as clients see it, and what is needed to call it. */
export interface Tool {
  readonly name: string;
  readonly operation: Operation;
  readonly inputs: readonly Input[];
  /** As in tools/list. */
  readonly item: JsonObject;
  readonly outputSchema?: JsonObject;
}

/** Makes a tool of an operation. */
export function toolOf(name: string, operation: Operation, source: SchemaSource, isSettled: IsSettled): Tool {
  const inputs = inputsOf(operation, isSettled);
  const budget = new Budget(mostOfTool, source.budget);
  const description = descriptionOf(operation);
  const outputSchema = outputOf(operation, source, budget);
  const item = {
    name,
    ...(operation.summary && { title: operation.summary.slice(0, 200) }),
    description: budget.spend(description.length) ? description : `${operation.method} ${operation.path}`,
    inputSchema: inputSchemaOf(operation, inputs, source, budget),
    ...(outputSchema && { outputSchema }),
    annotations: annotations[operation.method],
  };
  return { name, operation, inputs, item, outputSchema };
}

/** What a method promises. https://www.rfc-editor.org/rfc/rfc9110.html#section-9.2 */
const annotations: Record<Operation['method'], JsonObject> = {
  GET: { readOnlyHint: true },
  POST: { readOnlyHint: false },
  PUT: { readOnlyHint: false, idempotentHint: true },
  PATCH: { readOnlyHint: false },
  DELETE: { readOnlyHint: false, destructiveHint: true, idempotentHint: true },
};

function descriptionOf({ summary, description, isDeprecated, method, path }: Operation): string {
  const said = [summary, description === summary ? undefined : description].filter((text) => text !== undefined);
  const text = said.length > 0 ? said.join('\n\n') : `${method} ${path}`;
  return (isDeprecated ? `Deprecated. ${text}` : text).slice(0, longestDescription);
}

function inputSchemaOf(
  operation: Operation,
  inputs: readonly Input[],
  source: SchemaSource,
  budget: Budget,
): JsonObject {
  const { body } = operation;
  const writer = new SchemaWriter(source, budget, 'request', body?.kind === 'multipart');
  const properties = inputs.map(({ argument, parameter }): [string, JsonObject] => {
    if (parameter) return [argument, described(writer.write(parameter.schema), parameter.description)];
    const schema = body?.kind === 'binary' ? bytes : writer.write(body?.schema);
    return [argument, described(body?.kind === 'text' ? { ...schema, type: 'string' } : schema, body?.description)];
  });
  const required = inputs.filter(({ parameter }) => (parameter ?? body)?.isRequired).map(({ argument }) => argument);
  return {
    type: 'object',
    properties: Object.fromEntries(properties),
    ...(required.length > 0 && { required }),
    additionalProperties: false,
    ...writer.definitions(),
  };
}

const bytes = { type: 'string', contentEncoding: 'base64' };

function described(schema: JsonObject, description: string | undefined): JsonObject {
  return description === undefined ? schema : { ...schema, description: description.slice(0, longestDescription) };
}

/** The schema of an answer that is an object; clients take no other one. */
function outputOf({ answer }: Operation, source: SchemaSource, budget: Budget): JsonObject | undefined {
  const target = source.references.resolve(answer);
  if (!target) return undefined;
  const isObjectType = [target.type].flat().includes('object') || target.properties !== undefined;
  if (!isObjectType) return undefined;
  const writer = new SchemaWriter(source, budget, 'answer');
  const written = writer.write(target);
  return { ...lenient({ ...written, ...writer.definitions() }), type: 'object' };
}
