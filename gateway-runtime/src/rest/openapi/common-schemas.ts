/** The answer of a tool that does not say what it answers. */
const ToolAnswer = {
  type: 'object',
  description: 'What the tool found. Text and other content is in `content`.',
  properties: {
    content: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          type: { type: 'string', description: 'text, image, audio, resource or resource_link' },
          text: { type: 'string' },
        },
        required: ['type'],
      },
    },
  },
};

/** What went wrong. */
const Problem = {
  type: 'object',
  description: 'What went wrong (RFC 9457)',
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'What went wrong in this case' },
    code: { type: 'string', description: 'The same for programs, such as tool_failed or limited' },
    request_id: { type: 'string' },
  },
  required: ['title', 'status', 'code'],
};

/** Schemas that operations share, for `components.schemas`. */
export const commonSchemas = { ToolAnswer, Problem };
