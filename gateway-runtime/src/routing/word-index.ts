import { isObject, type JsonObject } from '../contracts/json-rpc.js';

/** What a word counts for by where it stands. */
const weights = { name: 4, title: 3, argument: 2, text: 1 };

/** Characters of a description that are searched; what a tool is for stands at its beginning. */
const mostText = 4000;

/** Words of a query that count, which bounds the work it makes. */
const mostWords = 32;

/** The words of one tool and what they count for. */
type Words = ReadonlyMap<string, number>;

/** Words by tool; a tool that changes is another object. */
const known = new WeakMap<JsonObject, Words>();

/**
 * The tools that fit a query best, best first: those with most of its words, in which rare words count more than frequent ones,
 * and names more than titles, names of arguments and descriptions. Case, accents and endings such as "-s" and "-ing" do not matter.
 */
export function bestTools(tools: readonly JsonObject[], query: string): JsonObject[] {
  const wanted = [...new Set(wordsOf(query))].slice(0, mostWords);
  const indexed = tools.map((tool) => ({ tool, words: indexOf(tool) }));
  const rarity = new Map(
    wanted.map((word) => {
      const holding = indexed.filter(({ words }) => words.has(word)).length;
      return [word, Math.log(1 + tools.length / Math.max(1, holding))];
    }),
  );
  const scoreOf = ({ tool, words }: { tool: JsonObject; words: Words }) => {
    if (tool.name === query.trim()) return Number.POSITIVE_INFINITY;
    return wanted.reduce((sum, word) => sum + (words.get(word) ?? 0) * (rarity.get(word) ?? 0), 0);
  };
  return indexed
    .map((each) => ({ tool: each.tool, score: scoreOf(each) }))
    .filter(({ score }) => score > 0)
    .sort((one, other) => (one.score === other.score ? 0 : other.score - one.score))
    .map(({ tool }) => tool);
}

function indexOf(tool: JsonObject): Words {
  const before = known.get(tool);
  if (before) return before;
  const words = new Map<string, number>();
  for (const [place, text] of textsOf(tool)) {
    for (const word of new Set(wordsOf(text))) words.set(word, (words.get(word) ?? 0) + weights[place]);
  }
  known.set(tool, words);
  return words;
}

function textsOf(tool: JsonObject): [keyof typeof weights, string][] {
  const { inputSchema } = tool;
  const properties = isObject(inputSchema) && isObject(inputSchema.properties) ? inputSchema.properties : {};
  const explanations = Object.values(properties).map((property) => (isObject(property) ? property.description : ''));
  const text = [tool.description, ...explanations].filter((part) => typeof part === 'string').join('\n');
  return [
    ['name', String(tool.name)],
    ['title', typeof tool.title === 'string' ? tool.title : ''],
    ['argument', Object.keys(properties).join('\n').slice(0, mostText)],
    ['text', text.slice(0, mostText)],
  ];
}

function wordsOf(text: string): string[] {
  // Most texts have no accents, and looking is faster than taking them off.
  const plain = /[^\0-\x7f]/.test(text) ? text.normalize('NFKD').replace(/\p{M}/gu, '') : text;
  const apart = plain.replace(/(?<=[\p{Ll}\p{N}])(?=\p{Lu})/gu, ' ').toLowerCase();
  return (apart.match(/\p{L}+|\p{N}+/gu) ?? []).map(stemOf);
}

const endings = ['ing', 'ed', 'es', 's', 'e'];

/** What is left without an ending: "queries" and "query", "deleting", "deleted" and "delete" come to the same. */
function stemOf(word: string): string {
  const singular = word.length > 4 && word.endsWith('ies') ? `${word.slice(0, -3)}y` : word;
  const ending = endings.find((each) => singular.length > each.length + 2 && singular.endsWith(each)) ?? '';
  const stem = singular.slice(0, singular.length - ending.length);
  const isDoubled = stem.length > 3 && stem.at(-1) === stem.at(-2) && !'aeiou'.includes(stem.at(-1) as string);
  return isDoubled ? stem.slice(0, -1) : stem;
}
