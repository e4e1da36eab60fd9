import * as z from 'zod';
import { optional, strict, text, webUrl } from './field.js';
import { isSetToo } from './secret-places.js';

/** Methods of HTTP whose operations can be tools. */
export const operationMethods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

const methods = `a list of ${operationMethods.join(', ')}`;

const interval = 'a number of seconds, 0 for never';

/** Fields of a service that is no MCP server, and is described by a document. */
export const openApiFields = {
  document_url: optional(webUrl()).describe(
    'Where the OpenAPI document of the service is; asked with its credentials only if it is on the host of url (openapi)',
  ),
  document_file: optional(text()).describe('File that holds the OpenAPI document, as JSON or YAML (openapi)'),
  document: optional(
    z.union([z.string().regex(/\S/), z.record(z.string(), z.unknown())], {
      error: 'an object, or a text in JSON or YAML',
    }),
  ).describe('The OpenAPI document itself: an object, or a text in JSON or YAML (openapi)'),
  document_refresh_interval: z
    .number({ error: interval })
    .min(0, { error: interval })
    .default(300)
    .describe('Seconds after which the document is looked at again; 0 for never (openapi)'),
  operations: optional(
    strict({
      methods: optional(z.array(z.enum(operationMethods), { error: methods }).min(1, { error: methods })).describe(
        'Only those of these methods of HTTP; ["GET"] offers nothing that changes anything',
      ),
      tags: optional(z.array(text('a tag of the document'), { error: 'a list of tags of the document' })).describe(
        'Only those that have one of these tags in the document',
      ),
    }),
  ).describe('Operations of the document that become tools, by default all (openapi)'),
};

/** Where a document may be, of which a backend has one. */
const places = ['document_url', 'document_file', 'document'] as const;

/** A backend as far as these rules look at it. */
interface Configured extends Partial<Record<keyof typeof openApiFields, unknown>> {
  readonly protocol_version?: unknown;
  readonly sessions?: unknown;
}

/** What is wrong with how a service is described. */
export function* openApiFaults(
  backend: Configured,
  isOpenApi: boolean,
): Generator<[keyof Configured & string, string]> {
  const only = 'is only used with transport "openapi"; remove the field';
  if (!isOpenApi) {
    for (const field of [...places, 'operations'] as const) {
      if (backend[field] !== undefined) yield [field, only];
    }
    return;
  }
  const [first, second] = places.filter((place) => backend[place] !== undefined);
  if (first && second) yield [second, isSetToo(first)];
  if (!first) {
    yield [
      'document_url',
      'transport "openapi" needs a document that describes the service: document_url, document_file or document',
    ];
  }
  if (backend.protocol_version !== undefined) {
    yield ['protocol_version', 'is a version of MCP, which the service does not speak; remove the field'];
  }
  if (backend.sessions === 'per_client') {
    yield ['sessions', 'there are no sessions with a service that does not speak MCP; remove the field'];
  }
}
