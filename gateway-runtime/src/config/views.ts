import * as z from 'zod';
import { Scopes } from './access-rules.js';
import { type ToolOverride, ToolPatterns } from './exposed-tools.js';
import { knownNames, quote } from './faults.js';
import { optional, strict, text } from './field.js';

const name = '1 to 64 letters, digits, "-" or "_"';

/** One selection of what the gateway offers. */
const View = strict({
  description: optional(text()).describe('What it is for; clients are told it first'),
  backends: optional(z.array(text('the name of a backend'), { error: 'a list of names of backends' })).describe(
    'Backends to show',
  ),
  tags: optional(z.array(text('a tag'), { error: 'a list of tags' })).describe(
    'Tags of backends, and of single tools, to show besides those',
  ),
  tools: optional(ToolPatterns).describe('The only tools to show of those, by the names clients see'),
  required_scopes: Scopes.default([]).describe(
    'Scopes that callers need for every request to it, besides those of auth',
  ),
  tool_search: z
    .boolean({ error: 'true or false' })
    .default(false)
    .describe('List two tools in place of all: one that finds tools, and one that calls them'),
});

/** One selection of what the gateway offers. */
export type View = z.output<typeof View>;

/** Selections of what the gateway offers, each of which is served at a path of its own. */
export const ViewsSchema = z.record(
  z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, { error: `the name of a view: ${name}` }),
  View,
  { error: 'an object of view name: { description, backends, tags, tools, tool_search }' },
);

/** Backends and tags that views name and nobody has: such a view would show less than it says. */
export function* viewFaults({ backends, views }: Configured): Generator<{ path: string[]; message: string }> {
  const known = {
    backends: new Set(backends.map(({ name }) => name)),
    tags: new Set(backends.flatMap((backend) => [...backend.tags, ...Object.values(backend.tools).flatMap(tagsOf)])),
  };
  for (const [view, chosen] of Object.entries(views)) {
    for (const field of ['backends', 'tags'] as const) {
      const missing = chosen[field]?.filter((name) => !known[field].has(name)) ?? [];
      for (const name of missing) {
        const message = `no backend ${field === 'tags' ? 'or tool has the tag' : 'is named'} ${quote(name)}; ${knownNames(known[field])}`;
        yield { path: ['views', view, field], message };
      }
    }
  }
}

/** What views choose from. */
interface Configured {
  readonly backends: readonly {
    readonly name: string;
    readonly tags: readonly string[];
    readonly tools: Readonly<Record<string, ToolOverride>>;
  }[];
  readonly views: Readonly<Record<string, View>>;
}

function tagsOf({ tags }: ToolOverride): readonly string[] {
  return tags;
}
