import type { JsonObject } from '../../contracts/json-rpc.js';
import type { Memo } from '../memo.js';
import type { Translation } from '../schema/translation.js';

/** A tool in one format. */
export interface MadeTool {
  readonly tool: JsonObject;
  /** What could not be said. */
  readonly changes: readonly string[];
}

/** How the service of a model takes tools. */
export interface FunctionFormat {
  /** Tools in one request at most. @default - any number */
  readonly mostTools?: number;
  /** Characters of a description at most. @default - any number */
  readonly longestDescription?: number;
  /** One tool, or why it cannot be one. @throws {SchemaTooLargeError} */
  one(name: string, description: string | undefined, translation: Translation): JsonObject | string;
  /** What was made before, or why it could not be. */
  readonly made: Memo<MadeTool | string>;
  /** All of them, as a request wants them. */
  all(tools: readonly JsonObject[]): readonly JsonObject[];
}
