import { randomUUID } from 'node:crypto';
import type { BackendInput } from '../../../gateway-runtime/src/config/index.js';
import type { Era } from '../../../gateway-runtime/src/config/versions.js';
import { startGateway, until } from '../../helpers/gateway-instance.js';
import { type Listening, listen } from '../../helpers/gateway-servers.js';
import type { PeerSession } from '../../helpers/peer-client.js';
import { type ServerSdk, startPeerServer } from '../../helpers/peer-servers.js';
import { connectTypeScript2 } from '../../helpers/peer-typescript.js';

const eras: readonly Era[] = ['legacy', 'modern'];
const pairs = (['typescript-1', 'typescript-2'] as const).flatMap((sdk) => eras.map((era) => [sdk, era] as const));

async function gatewayOf(url: string, options: Partial<BackendInput> = {}) {
  const gateway = await startGateway({ backends: [{ name: 'sink', namespace_tools: false, url, ...options }] });
  await gateway.waitFor('sink', 'connected');
  return gateway;
}

const urlOf = async (sdk: ServerSdk) => `${await startPeerServer(sdk)}/mcp`;

const said = async (session: PeerSession, name: string, given: object) => {
  const { result } = (await session.request('tools/call', { name, arguments: given })) as {
    result: { content: { text: string }[] };
  };
  return result.content[0]?.text;
};

test.each(pairs)('a tool of %s that goes on and on keeps a client of the %s era waiting', async (sdk, era) => {
  const { url } = await gatewayOf(await urlOf(sdk), { request_timeout: 0.5 });
  const session = await connectTypeScript2({ transport: 'http', url }, era);
  // It takes longer than request_timeout, and the client does not ask how far it has come.
  expect(await said(session, 'progress', { ms: 300 })).toBe('done');
  await session.close();
});

test.each(pairs)('a server of %s learns that a client of the %s era has vanished', async (sdk, era) => {
  const server = await urlOf(sdk);
  const gateway = await gatewayOf(server);
  const key = randomUUID();
  const gone = new AbortController();
  const params: Record<string, unknown> = { name: 'wait', arguments: { key } };
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  };
  if (era === 'modern') {
    Object.assign(headers, { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': 'wait' });
    params._meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
    };
  } else {
    const hello = {
      protocolVersion: '2025-11-25',
      capabilities: { sampling: {} },
      clientInfo: { name: 't', version: '1' },
    };
    const opened = await gateway.post({ jsonrpc: '2.0', id: 0, method: 'initialize', params: hello });
    headers['mcp-session-id'] = opened.headers.get('mcp-session-id') as string;
  }
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
  const call = fetch(gateway.url, { method: 'POST', headers, body, signal: gone.signal });
  setTimeout(() => gone.abort(), 200);
  await expect(call.then((response) => response.text())).rejects.toThrow();
  const watcher = await connectTypeScript2({ transport: 'http', url: server }, 'legacy');
  await until(async () => (await said(watcher, 'cancelled', { key })) === 'true', 'the server to know', 4000);
  await watcher.close();
});

test('a backend may be replaced by one of the other era while clients are connected', async () => {
  const targets = { old: await urlOf('typescript-1'), both: await urlOf('typescript-2') };
  let target: string = targets.old;
  /** Where the backend is, whichever it is at the moment. */
  const address: Listening = await listen(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { host: _, connection: __, 'content-length': ___, ...headers } = request.headers;
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    try {
      const answer = await fetch(target, {
        method: request.method,
        headers: headers as Record<string, string>,
        body: chunks.length > 0 ? Buffer.concat(chunks) : undefined,
        signal: gone.signal,
      });
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      response.flushHeaders();
      for await (const chunk of answer.body ?? []) response.write(chunk);
      response.end();
    } catch {
      response.destroy();
    }
  });
  const { url } = await gatewayOf(`${address.url}/mcp`);
  const sessions = await Promise.all(eras.map((era) => connectTypeScript2({ transport: 'http', url }, era)));
  const works = async (session: PeerSession) => {
    const answer = await said(session, 'ask', { what: 'form' }).catch(() => undefined);
    return answer?.includes('Ada') ?? false;
  };
  for (const next of [targets.both, targets.old, targets.both]) {
    for (const session of sessions)
      await until(() => works(session), `the ${session.era} client to be served by ${target}`);
    target = next;
  }
  for (const session of sessions) {
    await until(() => works(session), 'the last backend to serve');
    await session.close();
  }
});
