import type { JsonObject } from '../contracts/json-rpc.js';
import { bestType, type Dialect, type DialectContext, found, successIn, textOf, Unusable } from './dialect.js';
import {
  bodyKindOf,
  formWriting,
  isJsonType,
  type Parameter,
  type ParameterPlace,
  type RequestBody,
  type Style,
  type Writing,
} from './operation.js';

/** How lists are written. https://swagger.io/specification/v2/#parameter-object */
const collectionFormats: Record<string, Pick<Writing, 'style' | 'explode'>> = {
  csv: { style: 'form', explode: false },
  ssv: { style: 'spaceDelimited', explode: false },
  pipes: { style: 'pipeDelimited', explode: false },
  multi: { style: 'form', explode: true },
};

const places: readonly string[] = ['path', 'query', 'header'] satisfies ParameterPlace[];

/** Swagger 2.0. https://swagger.io/specification/v2/#operation-object */
export const swagger2: Dialect = (operation, parameters, context) => {
  const consumes = typesIn(operation.consumes) ?? typesIn(context.document.consumes) ?? ['application/json'];
  return {
    parameters: parameters.filter((parameter) => places.includes(parameter.in as string)).map(toParameter),
    body: bodyOf(parameters, consumes),
    answer: answerOf(operation, context),
  };
};

function toParameter(parameter: JsonObject): Parameter {
  const place = parameter.in as ParameterPlace;
  return {
    name: parameter.name as string,
    place,
    isRequired: place === 'path' || parameter.required === true,
    description: textOf(parameter.description),
    schema: schemaOf(parameter),
    ...writingOf(parameter, place === 'query' ? undefined : 'simple'),
  };
}

/** @param style The only one that there is in its place. */
function writingOf({ collectionFormat }: JsonObject, style?: Style): Writing {
  const format = String(collectionFormat ?? 'csv');
  const { csv } = collectionFormats;
  const written = (Object.hasOwn(collectionFormats, format) ? collectionFormats[format] : undefined) ?? csv;
  return { ...formWriting, ...written, ...(style && { style, explode: false }) };
}

/** The schema of a parameter is the parameter itself. */
function schemaOf({ name, in: place, required, description, collectionFormat, ...schema }: JsonObject): JsonObject {
  return schema;
}

const easiest = ['json', 'text', 'binary', 'form', 'multipart'];

function bodyOf(parameters: readonly JsonObject[], consumes: readonly string[]): RequestBody | undefined {
  const body = parameters.find((parameter) => parameter.in === 'body');
  const fields = parameters.filter((parameter) => parameter.in === 'formData');
  if (body) {
    const mediaType = bestType(consumes, easiest, bodyKindOf);
    if (mediaType === undefined) throw new Unusable('the type of its body is not known');
    return {
      kind: bodyKindOf(mediaType),
      mediaType,
      isRequired: body.required === true,
      description: textOf(body.description),
      schema: body.schema,
      fields: new Map(),
    };
  }
  return fields.length > 0 ? formOf(fields, consumes) : undefined;
}

function formOf(fields: readonly JsonObject[], consumes: readonly string[]): RequestBody {
  const hasFiles = fields.some(({ type }) => type === 'file');
  const isMultipart = hasFiles || consumes.some((type) => bodyKindOf(type) === 'multipart');
  const described = fields.map((field) => [
    field.name as string,
    { ...schemaOf(field), description: field.description },
  ]);
  const required = fields.filter((field) => field.required === true).map(({ name }) => name);
  return {
    kind: isMultipart ? 'multipart' : 'form',
    mediaType: isMultipart ? 'multipart/form-data' : 'application/x-www-form-urlencoded',
    isRequired: required.length > 0,
    schema: { type: 'object', properties: Object.fromEntries(described), required },
    fields: new Map(fields.map((field) => [field.name as string, writingOf(field)])),
  };
}

function answerOf({ responses, produces }: JsonObject, context: DialectContext): unknown {
  const types = typesIn(produces) ?? typesIn(context.document.produces) ?? ['application/json'];
  if (!types.some((type) => isJsonType(type.toLowerCase()))) return undefined;
  const success = successIn(responses);
  return success === undefined ? undefined : found(success, context).schema;
}

function typesIn(value: unknown): string[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  return value.filter((type) => typeof type === 'string');
}
