import type { JsonObject } from '../../contracts/json-rpc.js';
import { Memo } from '../memo.js';
import type { Translate } from '../schema/components.js';
import { toOpenApi30 } from '../schema/openapi-3-0.js';
import { toOpenApi31 } from '../schema/openapi-3-1.js';

/** How much a document may say. */
export interface DocumentLimits {
  readonly operations: number;
  /** Characters of what is said of an operation. */
  readonly summary: number;
  /** Characters of what is said of an argument. */
  readonly description: number;
}

/**
 * What actions of ChatGPT take. The number of operations is what people found, the others are documented.
 * https://developers.openai.com/api/docs/actions/production https://github.com/kovartravis/tripkit/issues/12
 */
const chatGptLimits: DocumentLimits = { operations: 30, summary: 300, description: 700 };

/** Versions of OpenAPI in which documents are written. */
export type OpenApiVersion = '3.1' | '3.0';

/** A tool as an operation of a document. */
export interface Operation {
  readonly operation: JsonObject;
  /** What its schemas refer to, for `components.schemas`. */
  readonly schemas: JsonObject;
  /** What could not be said. */
  readonly changes: readonly string[];
}

/** How a document is written. */
export interface DocumentForm {
  /** What it says of its version. */
  readonly openapi: string;
  readonly translate: Translate;
  /** @default - everything is said, of all tools */
  readonly limits?: DocumentLimits;
  /** What was written before. */
  readonly written: Memo<Operation | string>;
}

const written = {
  '3.1': { openapi: '3.1.0', translate: toOpenApi31 },
  '3.0': { openapi: '3.0.3', translate: toOpenApi30 },
};

const form = (version: OpenApiVersion, limits?: DocumentLimits): DocumentForm => ({
  ...written[version],
  limits,
  written: new Memo(),
});

/** Everything there is to say. */
export const completeForms = { '3.1': form('3.1'), '3.0': form('3.0') };

/** As much of it as ChatGPT takes. */
export const chatGptForms = { '3.1': form('3.1', chatGptLimits), '3.0': form('3.0', chatGptLimits) };
