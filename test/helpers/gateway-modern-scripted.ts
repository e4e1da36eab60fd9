import { type Listening, listen } from './gateway-servers.js';

/** Params of a request. */
export type Params = Record<string, unknown>;

/** A backend of 2026-07-28, and of nothing before, that says what a test wants. */
export interface ModernScriptedServer extends Listening {
  /** Requests that it got, oldest first. */
  readonly got: { readonly method: string; readonly params: Params }[];
}

/**
 * Starts one.
 * @param answers Results by method, or what makes one. `resultType` is added; other methods do not exist.
 */
export async function startModernScripted(
  answers: Readonly<Record<string, object | ((params: Params) => object)>>,
): Promise<ModernScriptedServer> {
  const got: ModernScriptedServer['got'] = [];
  const listening = await listen(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { id, method, params } = JSON.parse(Buffer.concat(chunks).toString() || '{}');
    got.push({ method, params });
    const answer = answers[method];
    const result = typeof answer === 'function' ? answer(params) : answer;
    const body = result
      ? { jsonrpc: '2.0', id, result: { resultType: 'complete', ...result } }
      : { jsonrpc: '2.0', id, error: { code: -32601, message: 'no such method' } };
    response.writeHead(result ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  return { ...listening, got };
}

/** The answer to `server/discover`. */
export function discovered(capabilities: object): object {
  return { supportedVersions: ['2026-07-28'], capabilities };
}
