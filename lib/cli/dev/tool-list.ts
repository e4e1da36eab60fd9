/** Milliseconds between two questions. */
const askMs = 100;

/** Milliseconds until a question counts as lost. */
const patienceMs = 5000;

const version = '2025-06-18';

/**
 * Names of the tools that a gateway lists, once those of every backend are there.
 * @param prefixes What the tools of each backend begin with.
 * @returns what is there in time
 */
export async function toolsOf(
  url: string,
  token: string,
  prefixes: readonly string[],
  { seconds = 30, signal }: { readonly seconds?: number; readonly signal?: AbortSignal } = {},
): Promise<readonly string[]> {
  const deadline = Date.now() + seconds * 1000;
  const headers: { [name: string]: string } = {
    authorization: `Bearer ${token}`,
    accept: 'application/json, text/event-stream',
    'content-type': 'application/json',
  };
  const clientInfo = { name: 'cdktf-oci-mcp', version: '1.0.0' };
  const hello = await ask(url, headers, 'initialize', { protocolVersion: version, capabilities: {}, clientInfo });
  headers['mcp-protocol-version'] = version;
  if (hello.session !== null) headers['mcp-session-id'] = hello.session;
  await ask(url, headers, 'notifications/initialized');
  try {
    for (;;) {
      const tools = await list(url, headers);
      const isComplete = prefixes.every((prefix) => tools.some((tool) => tool.startsWith(prefix)));
      if (isComplete || Date.now() > deadline || signal?.aborted) return tools;
      await new Promise((resolve) => setTimeout(resolve, askMs));
    }
  } finally {
    await fetch(url, { method: 'DELETE', headers, signal: AbortSignal.timeout(patienceMs) }).catch(() => {});
  }
}

async function list(url: string, headers: { [name: string]: string }): Promise<string[]> {
  const names: string[] = [];
  let cursor: string | undefined;
  do {
    const { result } = await ask(url, headers, 'tools/list', cursor === undefined ? {} : { cursor });
    const page = result as { tools?: { name: string }[]; nextCursor?: string } | undefined;
    names.push(...(page?.tools ?? []).map(({ name }) => name));
    cursor = page?.nextCursor;
  } while (cursor !== undefined);
  return names;
}

async function ask(
  url: string,
  headers: { [name: string]: string },
  method: string,
  params: object = {},
): Promise<{ readonly result?: unknown; readonly session: string | null }> {
  const id = method.startsWith('notifications/') ? undefined : 1;
  const body = JSON.stringify({ jsonrpc: '2.0', id, method, params });
  const answer = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(patienceMs) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`the gateway answered ${answer.status} to ${method}: ${text.slice(0, 200)}`);
  return { result: resultIn(text), session: answer.headers.get('mcp-session-id') };
}

/** An answer is JSON, or the last event of a stream. */
function resultIn(text: string): unknown {
  const lines = text.split('\n').filter((line) => line.startsWith('data:'));
  for (const json of [...lines.map((line) => line.slice('data:'.length)), ...(lines.length > 0 ? [] : [text])]) {
    if (json.trim() === '') continue;
    const message = JSON.parse(json) as { result?: unknown };
    if (message.result !== undefined) return message.result;
  }
  return undefined;
}
