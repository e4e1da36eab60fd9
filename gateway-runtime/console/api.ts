/** How a backend came into a state. */
export interface StateChange {
  readonly state: string;
  readonly at: number;
  readonly reason?: string;
}

export interface Backend {
  readonly name: string;
  readonly description?: string;
  readonly transport: string;
  readonly tags: readonly string[];
  readonly state: string;
  readonly since: string;
  readonly failures?: number;
  readonly reason?: string;
  readonly version?: string;
  readonly tools?: number;
  readonly prompts?: number;
  readonly resources?: number;
  readonly history: readonly StateChange[];
}

export interface Fault {
  readonly path: string;
  readonly message: string;
}

export interface Overview {
  readonly name: string;
  readonly version: string;
  readonly started: number;
  readonly path: string;
  readonly auth: boolean;
  readonly views: readonly string[];
  readonly worker?: number;
  readonly workers?: number;
  readonly backends: readonly Backend[];
  readonly sessions: number;
  readonly reloads: {
    readonly counts: { readonly success: number; readonly failure: number };
    readonly lastReload?: number;
    readonly lastSuccess?: number;
    readonly faults: readonly Fault[];
  };
}

export interface Session {
  readonly id: string;
  readonly client: string;
  readonly subject?: string;
  readonly version: string;
  readonly view?: string;
  readonly isIdle: boolean;
  readonly usedAt: number;
}

export interface AuditRecord {
  readonly time: string;
  readonly client: string;
  readonly method: string;
  readonly tool?: string;
  readonly prompt?: string;
  readonly resource?: string;
  readonly backend?: string;
  readonly outcome: string;
  readonly reason?: string;
  readonly ms: number;
  readonly request_id?: string;
}

export interface Audit {
  readonly records: readonly AuditRecord[];
  readonly isAudited: boolean;
}

export interface Point {
  readonly at: number;
  readonly calls: number;
  readonly failed: number;
  readonly refused: number;
  readonly p50?: number;
  readonly p99?: number;
}

export interface Tool {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly inputSchema: Schema;
  readonly annotations?: { readonly readOnlyHint?: boolean; readonly destructiveHint?: boolean };
}

/** What is used of JSON Schema. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
}

/** Whoever asks is not known, or may not look. */
export class NotAdmitted extends Error {}

const place = 'mcp-gateway-token';

/** The token, kept until the tab is closed. Never a cookie: no other page can have it sent. */
export const token = {
  get: () => sessionStorage.getItem(place) ?? undefined,
  set: (value: string) => sessionStorage.setItem(place, value),
  forget: () => sessionStorage.removeItem(place),
};

function headers(): Record<string, string> {
  const held = token.get();
  return held ? { authorization: `Bearer ${held}` } : {};
}

/** Asks for what the console shows. @throws {NotAdmitted} */
export async function ask<T>(subject: string, query = ''): Promise<T> {
  const response = await fetch(`/console/api/${subject}${query}`, { headers: headers() });
  const body = await response.json().catch(() => undefined);
  if (response.ok) return body;
  const message = body?.error?.message ?? `the gateway answered with ${response.status}`;
  throw response.status === 401 || response.status === 403 ? new NotAdmitted(message) : new Error(message);
}

const protocolVersion = '2026-07-28';
let lastId = 0;

/** A request of MCP, as any other client sends it. @param path The endpoint, or a view. */
export async function request<T>(path: string, method: string, params: object, name?: string): Promise<T> {
  const id = ++lastId;
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': protocolVersion,
    'io.modelcontextprotocol/clientInfo': { name: 'console', version: '1.0.0' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const response = await fetch(path, {
    method: 'POST',
    headers: {
      ...headers(),
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': protocolVersion,
      'mcp-method': method,
      ...(name !== undefined && { 'mcp-name': name }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...params, _meta } }),
  });
  const { result, error } = messageIn(await response.text(), id);
  if (error) throw new Error(error.message);
  return result as T;
}

/** The answer, alone or at the end of a stream. */
function messageIn(text: string, id: number): { result?: unknown; error?: { message: string } } {
  const events = text.startsWith('{')
    ? [text]
    : [...text.matchAll(/^data: ?(.+)$/gm)].map(([, data]) => data as string);
  const answer = events.map((event) => JSON.parse(event)).find((message) => message.id === id || message.error);
  return answer ?? { error: { message: 'the gateway did not answer' } };
}

/** Every tool, page by page. */
export async function allTools(path: string): Promise<Tool[]> {
  const tools: Tool[] = [];
  let cursor: string | undefined;
  do {
    const page = await request<{ tools: Tool[]; nextCursor?: string }>(path, 'tools/list', cursor ? { cursor } : {});
    tools.push(...page.tools);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return tools;
}
