import { isObject, type JsonObject } from '../../contracts/json-rpc.js';
import { type LeftOut, type NamedTool, named } from '../names.js';
import { SchemaTooLargeError, Translation } from '../schema/translation.js';
import { shortened } from '../text.js';
import { needsTask } from '../tool-list.js';
import { anthropic } from './anthropic.js';
import type { FunctionFormat, MadeTool } from './format.js';
import { gemini } from './gemini.js';
import { openAi, openAiChat } from './openai.js';

/** The formats by the name that a request asks for. */
export const functionFormats: ReadonlyMap<string, FunctionFormat> = new Map([
  ['openai', openAi],
  ['openai-chat', openAiChat],
  ['gemini', gemini],
  ['anthropic', anthropic],
]);

/** What a tool lost on its way into a format. */
export interface Narrowed {
  /** Its name there. */
  readonly name: string;
  readonly changes: readonly string[];
}

/** Tools as one service takes them. */
export interface ExportedTools {
  readonly format: string;
  /** What goes into the request as it is. */
  readonly tools: readonly JsonObject[];
  /** Tools that are not among them. */
  readonly omitted: readonly LeftOut[];
  /** Tools of which something could not be said. */
  readonly narrowed: readonly Narrowed[];
}

/** Puts tools into the format of a service, with what does not fit in it. */
export function exported(name: string, format: FunctionFormat, tools: readonly JsonObject[]): ExportedTools {
  const { tools: candidates, leftOut } = named(tools);
  const omitted: LeftOut[] = [...leftOut];
  const narrowed: Narrowed[] = [];
  const fitting: JsonObject[] = [];
  for (const candidate of candidates) {
    const { mostTools = Number.POSITIVE_INFINITY } = format;
    const one =
      fitting.length < mostTools
        ? format.made.of(candidate.tool, () => oneOf(candidate, format))
        : `a request takes no more than ${mostTools} tools`;
    if (typeof one === 'string') omitted.push({ name: candidate.original, reason: one });
    else {
      fitting.push(one.tool);
      if (one.changes.length > 0) narrowed.push({ name: candidate.name, changes: one.changes });
    }
  }
  return { format: name, tools: fitting.length > 0 ? format.all(fitting) : [], omitted, narrowed };
}

function oneOf({ name, original, tool }: NamedTool, format: FunctionFormat): MadeTool | string {
  if (needsTask(tool)) return 'it answers only as a task';
  const { longestDescription = Number.POSITIVE_INFINITY } = format;
  const told = [tool.description, tool.title].find((text) => typeof text === 'string' && text !== '') as
    | string
    | undefined;
  const translation = new Translation(isObject(tool.inputSchema) ? tool.inputSchema : {});
  if (name !== original) translation.note('', `it is called ${name} here, and ${JSON.stringify(original)} elsewhere`);
  if (told !== undefined && told.length > longestDescription) {
    translation.note('', `the description is cut to ${longestDescription} characters`);
  }
  try {
    const one = format.one(name, told === undefined ? undefined : shortened(told, longestDescription), translation);
    return typeof one === 'string' ? one : { tool: one, changes: translation.notes };
  } catch (error) {
    if (error instanceof SchemaTooLargeError) return error.message;
    throw error;
  }
}
