import { isObject, type JsonObject } from '../contracts/json-rpc.js';
import { countArgument, type OwnTool, textArgument, WrongArgument } from './own-tool.js';
import { bestTools } from './word-index.js';

/** Names of the two tools that stand for all others. */
export const searchNames = { search: 'search_tools', call: 'call_tool' } as const;

/** Tools in one answer: with their schemas, more would fill what the search is to keep free. */
const limits = { usual: 5, most: 20 };

/** What models need to know of a tool to call it. */
const shown = ['name', 'title', 'description', 'inputSchema', 'annotations'];

const searchItem = {
  name: searchNames.search,
  title: 'Search tools',
  description:
    'Finds tools by what they do. There are many tools, and only this one and call_tool are listed: search here first, with a ' +
    'few words for what you want to do, such as "list buckets". Returns name, description and input schema of those that fit ' +
    'best. Call them with call_tool.',
  inputSchema: {
    type: 'object',
    properties: {
      query: { type: 'string', minLength: 1, description: 'A few words for what the tool should do, or its name' },
      limit: {
        type: 'integer',
        minimum: 1,
        maximum: limits.most,
        default: limits.usual,
        description: 'How many tools to return at most',
      },
    },
    required: ['query'],
    additionalProperties: false,
  },
  outputSchema: {
    type: 'object',
    properties: {
      tools: {
        type: 'array',
        items: {
          type: 'object',
          properties: { name: { type: 'string' }, description: { type: 'string' }, inputSchema: { type: 'object' } },
          required: ['name', 'inputSchema'],
        },
      },
      found: { type: 'integer', description: 'How many tools fit, of which these are the best' },
      available: { type: 'integer', description: 'How many tools there are' },
    },
    required: ['tools', 'found', 'available'],
  },
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
};

const callItem = {
  name: searchNames.call,
  title: 'Call a tool',
  description: 'Calls a tool that search_tools found, by its name, with arguments that fit its input schema.',
  inputSchema: {
    type: 'object',
    properties: {
      name: { type: 'string', description: 'Name of the tool as search_tools gave it' },
      arguments: { type: 'object', description: 'Arguments of the tool, as its input schema wants them' },
    },
    required: ['name'],
    additionalProperties: false,
  },
  // It does whatever the tool does, so nothing less can be promised.
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
};

/** The list in place of all tools. */
export const searchItems: readonly JsonObject[] = [searchItem, callItem];

/** Finds tools. @param tools Those that the caller may use. */
export function searchTool(tools: () => readonly JsonObject[]): OwnTool {
  return {
    item: searchItem,
    call: (args) => {
      const query = textArgument(args, 'query')?.slice(0, 1000);
      if (!query?.trim()) throw new WrongArgument('query must say in a few words what the tool should do');
      const limit = countArgument(args, 'limit', limits);
      const all = tools();
      const found = bestTools(all, query);
      return { tools: found.slice(0, limit).map(summary), found: found.length, available: all.length };
    },
  };
}

/** The call that a call of `call_tool` stands for. @throws {WrongArgument} */
export function callMeant(params: JsonObject): JsonObject {
  const args = isObject(params.arguments) ? params.arguments : {};
  const name = textArgument(args, 'name');
  if (!name) throw new WrongArgument('name must be the name of a tool that search_tools found');
  if (args.arguments !== undefined && !isObject(args.arguments)) throw new WrongArgument('arguments must be an object');
  return { ...params, name, arguments: args.arguments ?? {} };
}

function summary(tool: JsonObject): JsonObject {
  return Object.fromEntries(
    shown.filter((member) => tool[member] !== undefined).map((member) => [member, tool[member]]),
  );
}
