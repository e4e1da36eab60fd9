/** A JSON object. */
export type Json = { readonly [key: string]: unknown };

/** What a tool or prompt of the fixture can do while it answers. Whatever only one era has is optional. */
export interface Call {
  /** What the client declared that it can be asked. */
  readonly capabilities: Json;
  /** The client's token for progress. */
  readonly progressToken: string | number | undefined;
  notify(method: string, params: Json): Promise<void>;
  /** Writes a log message of level `info`, if the client wants such. */
  log(text: string): Promise<void>;
  /** Asks the client while the call is open (up to 2025-11-25). */
  readonly ask?: (method: string, params: Json) => Promise<Json>;
  /** Ends the stream that the answer was to come on; it has to be fetched (2025-11-25). */
  readonly closeStream?: () => void;
  /** The client's answers to an earlier `input_required` result (2026-07-28). */
  readonly inputResponses?: Json;
  /** The state that an earlier `input_required` result handed out (2026-07-28). */
  readonly requestState?: string;
}

/** A request that the client has to answer before the call can go on. */
export interface InputRequest {
  readonly method: 'elicitation/create' | 'sampling/createMessage' | 'roots/list';
  readonly params: Json;
}

/** A tool: what `tools/list` tells of it, and what it does. */
export interface Tool {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments; by default it takes none. */
  readonly inputSchema?: Json;
  run(args: Json, call: Call): Json | Promise<Json>;
}

/** A refusal with a JSON-RPC error code. */
export class Refusal extends Error {
  constructor(
    readonly code: number,
    message: string,
    readonly data?: Json,
  ) {
    super(message);
  }
}

/** A result of one text. */
export const text = (value: string): Json => ({ content: [{ type: 'text', text: value }] });

/** A form of one field, which has to be filled in. */
export const form = (message: string, field: string, type: 'string' | 'boolean' = 'string'): InputRequest => ({
  method: 'elicitation/create',
  params: {
    mode: 'form',
    message,
    requestedSchema: { type: 'object', properties: { [field]: { type } }, required: [field] },
  },
});

/** A question to the client's model. */
export const sampling = (question: string): InputRequest => ({
  method: 'sampling/createMessage',
  params: { messages: [{ role: 'user', content: { type: 'text', text: question } }], maxTokens: 64 },
});

/** A question for the client's roots. */
export const roots: InputRequest = { method: 'roots/list', params: {} };
