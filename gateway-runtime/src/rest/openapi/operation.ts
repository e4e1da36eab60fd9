import { isObject } from '../../contracts/json-rpc.js';
import type { NamedTool } from '../names.js';
import { withComponents } from '../schema/components.js';
import { withShortDescriptions } from '../schema/descriptions.js';
import { SchemaTooLargeError, Translation } from '../schema/translation.js';
import { shortened } from '../text.js';
import { needsTask } from '../tool-list.js';
import type { DocumentForm, Operation } from './form.js';

/** The operation that calls a tool, or why there is none. */
export function operationOf(candidate: NamedTool, form: DocumentForm): Operation | string {
  return form.written.of(candidate.tool, () => {
    try {
      return needsTask(candidate.tool) ? 'it answers only as a task' : write(candidate, form);
    } catch (error) {
      if (error instanceof SchemaTooLargeError) return error.message;
      throw error;
    }
  });
}

function write({ name, original, tool }: NamedTool, { translate, limits }: DocumentForm): Operation {
  const { annotations, inputSchema, outputSchema } = tool;
  const input = new Translation({ type: 'object', ...(isObject(inputSchema) && inputSchema) });
  const output = isObject(outputSchema) ? new Translation(outputSchema) : undefined;
  const taken = withComponents(name, input, (...translated) => {
    const schema = translate(...translated);
    return limits ? withShortDescriptions(schema, limits.description, input) : schema;
  });
  const given = output && withComponents(`${name}.answer`, output, translate);
  const text = (member: string) => {
    const said = tool[member];
    if (typeof said !== 'string' || said === '') return undefined;
    const most = limits?.summary ?? Number.POSITIVE_INFINITY;
    if (said.length > most) input.note('', `the ${member} is cut to ${most} characters`);
    return shortened(said, most);
  };
  const description = text('description');
  const { required } = input.root;
  const operation = {
    operationId: name,
    summary: text('title') ?? name,
    ...(description && { description }),
    // A model may do without asking its user what only reads. https://developers.openai.com/api/docs/actions/production
    'x-openai-isConsequential': !(isObject(annotations) && annotations.readOnlyHint === true),
    requestBody: {
      required: Array.isArray(required) && required.length > 0,
      content: { 'application/json': { schema: taken.schema } },
    },
    responses: {
      200: {
        description: 'What the tool found',
        content: { 'application/json': { schema: given?.schema ?? { $ref: '#/components/schemas/ToolAnswer' } } },
      },
      '4XX': { $ref: '#/components/responses/Problem' },
      '5XX': { $ref: '#/components/responses/Problem' },
    },
  };
  if (name !== original) input.note('', `it is called ${name} here, and ${JSON.stringify(original)} elsewhere`);
  const ofAnswer = output?.notes.map((note) => `answer: ${note}`) ?? [];
  return {
    operation,
    schemas: { ...taken.schemas, ...given?.schemas },
    changes: [...input.notes, ...ofAnswer],
  };
}
