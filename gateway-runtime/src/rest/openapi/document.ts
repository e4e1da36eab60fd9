import type { JsonObject } from '../../contracts/json-rpc.js';
import { type LeftOut, named } from '../names.js';
import { commonSchemas } from './common-schemas.js';
import type { DocumentForm } from './form.js';
import { operationOf } from './operation.js';
import type { Security } from './security.js';

/** What a document is made of. */
export interface DocumentOptions {
  readonly form: DocumentForm;
  readonly title: string;
  readonly version: string;
  /** What the view is for. */
  readonly purpose?: string;
  /** URL of the REST API, or of a view of it. */
  readonly url: string;
  readonly security: Security;
  /** Tools as their caller may see them. */
  readonly tools: readonly JsonObject[];
}

/** An OpenAPI document of tools, each of which is one operation. */
export function openApiDocument(options: DocumentOptions): JsonObject {
  const { form, title, version, purpose, url, security, tools } = options;
  const most = form.limits?.operations ?? Number.POSITIVE_INFINITY;
  const { tools: candidates, leftOut } = named(tools);
  const omitted: LeftOut[] = [...leftOut];
  const narrowed: { name: string; changes: readonly string[] }[] = [];
  const paths: [string, JsonObject][] = [];
  const schemas: [string, unknown][] = Object.entries(commonSchemas);
  for (const candidate of candidates) {
    const { name, original } = candidate;
    const one =
      paths.length < most
        ? operationOf(candidate, form)
        : `a document for ChatGPT has no more than ${most} operations; ask for a view, or for ?limits=none`;
    if (typeof one === 'string') {
      omitted.push({ name: original, reason: one });
      continue;
    }
    paths.push([`/tools/${name}`, { post: one.operation }]);
    schemas.push(...Object.entries(one.schemas));
    if (one.changes.length > 0) narrowed.push({ name, changes: one.changes });
  }
  const isSecured = security.required.length > 0;
  return {
    openapi: form.openapi,
    info: { title, version, ...(purpose && { description: purpose }) },
    servers: [{ url }],
    ...(isSecured && { security: security.required }),
    paths: Object.fromEntries(paths),
    components: {
      schemas: Object.fromEntries(schemas),
      responses: {
        Problem: {
          description: 'The call did not succeed',
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
      ...(isSecured && { securitySchemes: security.schemes }),
    },
    'x-omitted': omitted,
    'x-narrowed': narrowed,
  };
}
