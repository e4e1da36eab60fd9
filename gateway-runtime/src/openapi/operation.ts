import type { operationMethods } from '../config/openapi.js';

/** A method of HTTP. */
export type OperationMethod = (typeof operationMethods)[number];

/** Where a parameter goes. */
export type ParameterPlace = 'path' | 'query' | 'header' | 'cookie';

/** How a value is written. https://spec.openapis.org/oas/v3.1.1.html#style-values */
export type Style = 'simple' | 'label' | 'matrix' | 'form' | 'spaceDelimited' | 'pipeDelimited' | 'deepObject';

/** How the value of a parameter, or of a field of a form, is written. */
export interface Writing {
  readonly style: Style;
  /** Whether each item of a list is a parameter of its own. */
  readonly explode: boolean;
  /** Whether characters that mean something in a URL are left as they are, where they cannot end a parameter. */
  readonly allowReserved: boolean;
  /** Whether it is written as JSON, whatever the style says. */
  readonly isJson: boolean;
}

/** What an operation takes beside its body. */
export interface Parameter extends Writing {
  readonly name: string;
  readonly place: ParameterPlace;
  readonly isRequired: boolean;
  readonly description?: string;
  /** As the document has it. */
  readonly schema: unknown;
}

/** What becomes of a value on its way into a body. */
export type BodyKind = 'json' | 'form' | 'multipart' | 'text' | 'binary';

/** What an operation takes as its body. */
export interface RequestBody {
  readonly kind: BodyKind;
  readonly mediaType: string;
  readonly isRequired: boolean;
  readonly description?: string;
  /** As the document has it. */
  readonly schema: unknown;
  /** How fields of a form are written, by their names; those that nothing is said of as lists of their own. */
  readonly fields: ReadonlyMap<string, Writing>;
}

/** One thing that a service can do. */
export interface Operation {
  readonly method: OperationMethod;
  /** Path with parameters in braces: `/orders/{id}`. */
  readonly path: string;
  readonly id?: string;
  readonly summary?: string;
  readonly description?: string;
  readonly isDeprecated: boolean;
  readonly parameters: readonly Parameter[];
  readonly body?: RequestBody;
  /** Schema of what it answers when it went well, as the document has it; absent where that is no JSON. */
  readonly answer?: unknown;
}

/** An operation that is no tool, and why. */
export interface LeftOut {
  /** Its method and path, or only its path. */
  readonly operation: string;
  readonly reason: string;
}

/** How a form is written unless the document says otherwise. */
export const formWriting: Writing = { style: 'form', explode: true, allowReserved: false, isJson: false };

/** What a body of this type is made of. */
export function bodyKindOf(mediaType: string): BodyKind {
  const [type = ''] = mediaType.toLowerCase().split(';');
  if (isJsonType(type)) return 'json';
  if (type === 'application/x-www-form-urlencoded') return 'form';
  if (type === 'multipart/form-data') return 'multipart';
  return isTextType(type) ? 'text' : 'binary';
}

/** Whether a media type, in lower case, is that of JSON. */
export function isJsonType(type: string): boolean {
  return /^application\/json\b|\+json\b/.test(type);
}

/** Whether what has a media type, in lower case, is text. */
export function isTextType(type: string): boolean {
  return /^text\/|^application\/([\w.-]*xml|yaml|x-yaml|javascript|x-ndjson|sql|x-www-form-urlencoded)\b|\+(xml|yaml)\b/.test(
    type,
  );
}
