import type { OpenApiBackend } from '../config/backend.js';
import { operationMethods } from '../config/openapi.js';
import { isObject, type JsonObject } from '../contracts/json-rpc.js';
import { type Described, parametersOf, textOf, Unusable } from './dialect.js';
import type { OpenApiDocument } from './document.js';
import { openApi3 } from './openapi-3.js';
import type { LeftOut, Operation, OperationMethod, Parameter } from './operation.js';
import type { References } from './references.js';
import { swagger2 } from './swagger-2.js';

/** Operations of which is told why they are left out. */
const mostLeftOut = 1000;

/** Parameters of one operation. */
const mostParameters = 200;

type Wanted = NonNullable<OpenApiBackend['operations']>;

/** The operations of a document that are wanted, and those of them that cannot be tools. */
export function operationsOf(
  { content, version }: OpenApiDocument,
  references: References,
  wanted: Wanted = {},
): { operations: Operation[]; leftOut: LeftOut[] } {
  const describe = version === '2.0' ? swagger2 : openApi3;
  const context = { document: content, references };
  const operations: Operation[] = [];
  const leftOut: LeftOut[] = [];
  const leaveOut = (operation: string, reason: string) => {
    if (leftOut.length < mostLeftOut) leftOut.push({ operation: operation.slice(0, 200), reason });
  };
  for (const [path, item] of Object.entries(isObject(content.paths) ? content.paths : {})) {
    if (path.startsWith('x-')) continue;
    const shared = references.resolve(item);
    if (!shared) leaveOut(path, 'it is described elsewhere');
    for (const method of operationMethods) {
      const operation = shared?.[method.toLowerCase()];
      if (!shared || !isObject(operation) || !isWanted(method, operation, wanted)) continue;
      try {
        checkPath(path);
        const parameters = parametersOf(operation, shared, context);
        if (parameters.length > mostParameters) throw new Unusable(`it has more than ${mostParameters} parameters`);
        const described = describe(operation, parameters, context);
        operations.push({ method, path, ...generalOf(operation, shared), ...withPathParameters(described, path) });
      } catch (error) {
        if (!(error instanceof Unusable)) throw error;
        leaveOut(`${method} ${path}`, error.message);
      }
    }
  }
  return { operations, leftOut };
}

function isWanted(method: OperationMethod, { tags }: JsonObject, wanted: Wanted): boolean {
  if (wanted.methods && !wanted.methods.includes(method)) return false;
  return !wanted.tags || (Array.isArray(tags) && wanted.tags.some((tag) => tags.includes(tag)));
}

/** A path is appended to the url of the backend, and may not lead anywhere else. @throws {Unusable} */
function checkPath(path: string): void {
  if (!path.startsWith('/')) throw new Unusable('its path does not begin with a slash');
  if (/[?#\\\s\p{Cc}]/u.test(path)) throw new Unusable('its path holds more than a path');
  if (path.split('/').some((segment) => /^(\.|%2e){1,2}(;|$)/i.test(segment))) {
    throw new Unusable('its path leads upwards');
  }
}

function generalOf(operation: JsonObject, shared: JsonObject) {
  return {
    id: textOf(operation.operationId),
    summary: textOf(operation.summary) ?? textOf(shared.summary),
    description: textOf(operation.description) ?? textOf(shared.description),
    isDeprecated: operation.deprecated === true,
  };
}

/** Every parameter of the path is asked for, whether or not it is described, and no other one. */
function withPathParameters(described: Described, path: string): Described {
  const names = new Set([...path.matchAll(/\{([^{}]+)\}/g)].map(([, name]) => name as string));
  const kept = described.parameters.filter(({ place, name }) => place !== 'path' || names.has(name));
  const known = new Set(kept.filter(({ place }) => place === 'path').map(({ name }) => name));
  const undescribed = [...names].filter((name) => !known.has(name)).map(pathParameter);
  return { ...described, parameters: [...undescribed, ...kept] };
}

function pathParameter(name: string): Parameter {
  return {
    ...{ name, place: 'path', isRequired: true, schema: { type: 'string' } },
    ...{ style: 'simple', explode: false, allowReserved: false, isJson: false },
  };
}
