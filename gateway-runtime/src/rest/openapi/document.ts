import { isObject, type JsonObject } from '../../contracts/json-rpc.js';
import { type LeftOut, type NamedTool, named } from '../names.js';
import { Components, type Translate } from '../schema/components.js';
import { withShortDescriptions } from '../schema/descriptions.js';
import { toOpenApi30 } from '../schema/openapi-3-0.js';
import { toOpenApi31 } from '../schema/openapi-3-1.js';
import { SchemaTooLargeError, Translation } from '../schema/translation.js';
import { shortened } from '../text.js';
import { needsTask } from '../tool-list.js';
import type { Security } from './security.js';

/** Versions of OpenAPI in which the document is written. */
export const openApiVersions: {
  readonly [version: string]: { readonly openapi: string; readonly translate: Translate };
} = {
  '3.1': { openapi: '3.1.1', translate: toOpenApi31 },
  '3.0': { openapi: '3.0.3', translate: toOpenApi30 },
};

/**
 * What actions of ChatGPT take. The number of operations is what people found, the others are documented.
 * https://developers.openai.com/api/docs/actions/production https://github.com/kovartravis/tripkit/issues/12
 */
export const chatGptLimits: DocumentLimits = { operations: 30, summary: 300, description: 700 };

/** How much of it there may be. */
export interface DocumentLimits {
  readonly operations: number;
  /** Characters of what is said of an operation. */
  readonly summary: number;
  /** Characters of what is said of an argument. */
  readonly description: number;
}

/** What a document is made of. */
export interface DocumentOptions {
  readonly version: '3.1' | '3.0';
  readonly title: string;
  readonly gatewayVersion: string;
  /** What the view is for. */
  readonly purpose?: string;
  /** URL of the REST API, or of a view of it. */
  readonly url: string;
  readonly security: Security;
  /** Tools as their caller may see them. */
  readonly tools: readonly JsonObject[];
  /** @default - everything is said, of all tools */
  readonly limits?: DocumentLimits;
}

/** The answer of a tool that does not say what it answers. */
const toolAnswer = {
  type: 'object',
  description: 'What the tool found. Text and other content is in `content`.',
  properties: {
    content: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          type: { type: 'string', description: 'text, image, audio, resource or resource_link' },
          text: { type: 'string' },
        },
        required: ['type'],
      },
    },
  },
};

const problem = {
  type: 'object',
  description: 'What went wrong (RFC 9457)',
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'What went wrong in this case' },
    code: { type: 'string', description: 'The same for programs, such as tool_failed or limited' },
    request_id: { type: 'string' },
  },
  required: ['title', 'status', 'code'],
};

/** An OpenAPI document of tools, each of which is one operation. */
export function openApiDocument(options: DocumentOptions): JsonObject {
  const { version, title, gatewayVersion, purpose, url, security, tools, limits } = options;
  const { openapi, translate } = openApiVersions[version] as (typeof openApiVersions)[string];
  const components = new Components();
  const { tools: candidates, leftOut } = named(tools);
  const omitted: LeftOut[] = [...leftOut];
  const narrowed: { name: string; changes: readonly string[] }[] = [];
  const paths: [string, JsonObject][] = [];
  for (const candidate of candidates) {
    const fits = paths.length < (limits?.operations ?? Number.POSITIVE_INFINITY);
    const one = fits
      ? operationOf(candidate, components, translate, limits)
      : `a document for ChatGPT has no more than ${limits?.operations} operations; ask for a view, or for ?limits=none`;
    if (typeof one === 'string') omitted.push({ name: candidate.tool.name, reason: one });
    else {
      paths.push([`/tools/${candidate.name}`, { post: one.operation }]);
      if (one.changes.length > 0) narrowed.push({ name: candidate.name, changes: one.changes });
    }
  }
  return {
    openapi,
    info: { title, version: gatewayVersion, ...(purpose && { description: purpose }) },
    servers: [{ url }],
    ...(security.required.length > 0 && { security: security.required }),
    paths: Object.fromEntries(paths),
    components: {
      schemas: { ToolAnswer: toolAnswer, Problem: problem, ...components.schemas },
      responses: {
        Problem: {
          description: 'The call did not succeed',
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
      ...(security.required.length > 0 && { securitySchemes: security.schemes }),
    },
    'x-omitted': omitted,
    'x-narrowed': narrowed,
  };
}

function operationOf(
  { name, tool }: NamedTool,
  components: Components,
  translate: Translate,
  limits: DocumentLimits | undefined,
): { operation: JsonObject; changes: readonly string[] } | string {
  if (needsTask(tool)) return 'it answers only as a task';
  const input = new Translation({ type: 'object', ...(isObject(tool.inputSchema) && tool.inputSchema) });
  const output = new Translation(isObject(tool.outputSchema) ? tool.outputSchema : {});
  const text = (member: string) => {
    const said = tool[member];
    if (typeof said !== 'string' || said === '') return undefined;
    const most = limits?.summary ?? Number.POSITIVE_INFINITY;
    if (said.length > most) input.note('', `the ${member} is cut to ${most} characters`);
    return shortened(said, most);
  };
  const shorter = (schema: JsonObject | boolean) =>
    limits ? withShortDescriptions(schema, limits.description, input) : schema;
  const { required } = input.root;
  const annotations = isObject(tool.annotations) ? tool.annotations : {};
  try {
    const schema = components.add(name, input, (...translated) => shorter(translate(...translated)));
    const answer = isObject(tool.outputSchema)
      ? components.add(`${name}.answer`, output, translate)
      : { $ref: '#/components/schemas/ToolAnswer' };
    const description = text('description');
    const operation = {
      operationId: name,
      summary: text('title') ?? shortened(tool.name, 300),
      ...(description && { description }),
      // A model may do without asking its user what only reads. https://developers.openai.com/api/docs/actions/production
      'x-openai-isConsequential': annotations.readOnlyHint !== true,
      requestBody: {
        required: Array.isArray(required) && required.length > 0,
        content: { 'application/json': { schema } },
      },
      responses: {
        200: { description: 'What the tool found', content: { 'application/json': { schema: answer } } },
        '4XX': { $ref: '#/components/responses/Problem' },
        '5XX': { $ref: '#/components/responses/Problem' },
      },
    };
    if (name !== tool.name) input.note('', `it is called ${name} here, and ${JSON.stringify(tool.name)} elsewhere`);
    const changes = [...input.notes, ...output.notes.map((note) => `answer: ${note}`)];
    return { operation, changes };
  } catch (error) {
    if (error instanceof SchemaTooLargeError) return error.message;
    throw error;
  }
}
