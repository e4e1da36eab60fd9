import { isObject, type JsonObject } from '../contracts/json-rpc.js';
import { bestType, type Dialect, type DialectContext, found, successIn, textOf, Unusable } from './dialect.js';
import {
  bodyKindOf,
  isJsonType,
  type Parameter,
  type ParameterPlace,
  type RequestBody,
  type Style,
  type Writing,
} from './operation.js';

/** How parameters are written unless the document says otherwise. https://spec.openapis.org/oas/v3.1.1.html#parameter-style */
const usualStyles: Record<ParameterPlace, Style> = { path: 'simple', query: 'form', header: 'simple', cookie: 'form' };

const styles: Record<ParameterPlace, readonly Style[]> = {
  path: ['simple', 'label', 'matrix'],
  query: ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'],
  header: ['simple'],
  cookie: ['form'],
};

/** OpenAPI 3. https://spec.openapis.org/oas/v3.1.1.html#operation-object */
export const openApi3: Dialect = (operation, parameters, context) => ({
  parameters: parameters.map(toParameter),
  body: operation.requestBody === undefined ? undefined : toBody(found(operation.requestBody, context), context),
  answer: answerOf(operation, context),
});

function toParameter(parameter: JsonObject): Parameter {
  const { name, content } = parameter;
  const place = parameter.in as ParameterPlace;
  if (!Object.hasOwn(styles, place)) throw new Unusable(`the place of its parameter ${quoted(name)} is not known`);
  const [type, media] = isObject(content) ? (Object.entries(content)[0] ?? []) : [];
  const isJson = type !== undefined && isJsonType(type.toLowerCase());
  return {
    name: name as string,
    place,
    isRequired: place === 'path' || parameter.required === true,
    description: textOf(parameter.description),
    schema: isObject(media) ? media.schema : parameter.schema,
    ...writingOf(parameter, styles[place], usualStyles[place]),
    isJson,
  };
}

function writingOf(holder: JsonObject, possible: readonly Style[], usual: Style): Writing {
  const style = possible.find((each) => each === holder.style) ?? usual;
  const explode = typeof holder.explode === 'boolean' ? holder.explode : style === 'form';
  return { style, explode, allowReserved: holder.allowReserved === true, isJson: false };
}

const easiest = ['json', 'form', 'multipart', 'text', 'binary'];

function toBody(body: JsonObject, { references }: DialectContext): RequestBody {
  const content = isObject(body.content) ? body.content : {};
  const mediaType = bestType(Object.keys(content), easiest, bodyKindOf);
  if (mediaType === undefined) throw new Unusable('the type of its body is not known');
  const media = references.resolve(content[mediaType]) ?? {};
  const encoding = isObject(media.encoding) ? Object.entries(media.encoding) : [];
  return {
    kind: bodyKindOf(mediaType),
    // A range says nothing of what is sent.
    mediaType: mediaType.includes('*') ? 'application/octet-stream' : mediaType,
    isRequired: body.required === true,
    description: textOf(body.description),
    schema: media.schema,
    fields: new Map(encoding.map(([name, field]) => [name, fieldOf(field)])),
  };
}

function fieldOf(field: unknown): Writing {
  const holder = isObject(field) ? field : {};
  const isJson = typeof holder.contentType === 'string' && isJsonType(holder.contentType.toLowerCase());
  return { ...writingOf(holder, styles.query, 'form'), isJson };
}

function answerOf({ responses }: JsonObject, { references }: DialectContext): unknown {
  const response = references.resolve(successIn(responses));
  const content = isObject(response?.content) ? response.content : {};
  const [, media] = Object.entries(content).find(([type]) => isJsonType(type.toLowerCase())) ?? [];
  return isObject(media) ? media.schema : undefined;
}

function quoted(name: unknown): string {
  return JSON.stringify(String(name).slice(0, 60));
}
