import * as z from 'zod';
import { optional, pattern, strict, text } from './field.js';

/** Characters and length that every known client and model accepts in the name of a tool. */
const toolName = /^[A-Za-z0-9_.-]{1,64}$/;

/** Labels by which views choose. */
export const Tags = z.array(text('a tag'), { error: 'a list of strings' }).default([]);

/** Names of tools, in which `*` stands for any characters. */
export const ToolPatterns = z.array(text('the name of a tool, in which * stands for any characters'), {
  error: 'a list of tool names, in which * stands for any characters',
});

/** What clients are told about a tool in place of what its backend says. */
const ToolOverride = strict({
  name: optional(pattern(toolName, '1 to 64 letters, digits, "-", "_" or "."')).describe(
    'Name that clients see; it gets no prefix',
  ),
  title: optional(text()).describe('Name for people'),
  description: optional(text()).describe('What models read about it'),
  tags: Tags.describe('Labels of this tool, besides those of its backend'),
});

/** What clients are told about a tool in place of what its backend says. */
export type ToolOverride = z.output<typeof ToolOverride>;

/** Which tools of a backend are exposed, and as what. */
export const exposedTools = {
  namespace_tools: z
    .union([z.boolean(), z.literal('on_conflict')], { error: 'true, false or "on_conflict"' })
    .default(true)
    .describe(
      'Expose tools and prompts as <name>_<tool>: all of them, none, or with "on_conflict" those whose own name was given ' +
        'to another backend',
    ),
  allowed_tools: optional(ToolPatterns).describe(
    "The backend's own names of the tools to expose, in which * stands for any characters; all of them when absent",
  ),
  denied_tools: ToolPatterns.default([]).describe('The same for tools to leave out, whatever allowed_tools says'),
  tools: z
    .record(text("the backend's own name of a tool"), ToolOverride, {
      error: "an object of the backend's own tool name: { name, title, description, tags }",
    })
    .default({})
    .describe("Other names and descriptions, by the backend's own name of the tool"),
  tags: Tags.describe('Labels, by which views choose backends'),
};
