import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Listening, listen } from './gateway-servers.js';

/** Stand-ins for the services of models: each calls the tool it is told to once, and says its answer. */
export interface ModelServices extends Listening {
  /** Bodies of requests, oldest first. */
  readonly requests: { readonly path: string; readonly body: Request }[];
  /** What their SDKs read of the environment. */
  readonly environment: Record<string, string>;
}

// biome-ignore lint/suspicious/noExplicitAny: the bodies of four services
type Request = Record<string, any>;

/** How one service answers: before it knows what the tool found, and after. */
interface Service {
  readonly path: RegExp;
  /** What the tool found; `undefined` before. */
  found(request: Request): string | undefined;
  call(tool: string, args: object): object;
  say(text: string): object;
}

const services: readonly Service[] = [
  {
    path: /\/responses$/,
    found: ({ input }) => input.find(({ type }: Request) => type === 'function_call_output')?.output,
    call: (name, args) => ({
      id: 'r1',
      object: 'response',
      output: [{ type: 'function_call', id: 'f1', call_id: 'c1', name, arguments: JSON.stringify(args) }],
    }),
    say: (text) => ({
      id: 'r2',
      object: 'response',
      output: [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text, annotations: [] }] }],
    }),
  },
  {
    path: /:generateContent$/,
    found: ({ contents }) => {
      const parts = contents.flatMap(({ parts }: Request) => parts) as Request[];
      const answer = parts.find(({ functionResponse }) => functionResponse)?.functionResponse.response.output;
      return answer && JSON.stringify(answer);
    },
    call: (name, args) => ({ candidates: [{ content: { role: 'model', parts: [{ functionCall: { name, args } }] } }] }),
    say: (text) => ({ candidates: [{ content: { role: 'model', parts: [{ text }] } }] }),
  },
  {
    path: /\/messages$/,
    found: ({ messages }) => {
      const blocks = messages.flatMap(({ content }: Request) => (Array.isArray(content) ? content : [])) as Request[];
      return blocks.find(({ type }) => type === 'tool_result')?.content;
    },
    call: (name, input) => ({
      type: 'message',
      role: 'assistant',
      content: [{ type: 'tool_use', id: 't1', name, input }],
    }),
    say: (text) => ({ type: 'message', role: 'assistant', content: [{ type: 'text', text }] }),
  },
];

/** Starts the services. @param tool What they call. @param args With what. */
export async function startModelServices(tool: string, args: object): Promise<ModelServices> {
  const requests: ModelServices['requests'] = [];
  const listening = await listen(async (request: IncomingMessage, response: ServerResponse) => {
    const path = (request.url ?? '').split('?')[0] as string;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Request;
    requests.push({ path, body });
    const service = services.find((candidate) => candidate.path.test(path));
    const found = service?.found(body);
    const answer = found === undefined ? service?.call(tool, args) : service?.say(`It found ${found}`);
    response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(answer ?? {}));
  });
  const { url } = listening;
  const environment = {
    ...{ OPENAI_BASE_URL: `${url}/v1`, OPENAI_API_KEY: 'key' },
    ...{ ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: 'key' },
    ...{ GOOGLE_GEMINI_BASE_URL: url, GEMINI_API_KEY: 'key' },
  };
  return { ...listening, requests, environment };
}
