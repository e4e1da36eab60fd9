import { startGateway } from '../../helpers/gateway-instance.js';
import { discovered, startModernScripted } from '../../helpers/gateway-modern-scripted.js';
import { startHttpServer } from '../../helpers/gateway-servers.js';

const version = '2026-07-28';
const _meta = {
  'io.modelcontextprotocol/protocolVersion': version,
  'io.modelcontextprotocol/clientCapabilities': {},
};

/** A gateway in front of modern backends whose lists say this of themselves, and perhaps of a legacy one. */
async function gatewayOf(hints: object[], options: { readonly token?: string; readonly legacy?: boolean } = {}) {
  const servers = await Promise.all(
    hints.map((hint, i) =>
      startModernScripted({
        'server/discover': discovered({ tools: {}, resources: {} }),
        'tools/list': { tools: [{ name: `t${i}`, inputSchema: { type: 'object' } }], ...hint },
        'resources/list': { resources: [{ uri: `note://${i}`, name: 'note' }], ...hint },
        'resources/templates/list': { resourceTemplates: [], ...hint },
        'resources/read': { contents: [{ uri: `note://${i}`, text: 'x' }], ...hint },
      }),
    ),
  );
  const backends = servers.map(({ url }, i) => ({ name: `m${i}`, url }));
  const legacy = options.legacy ? [{ name: 'l', url: (await startHttpServer('l')).url }] : [];
  const auth = options.token ? { static_tokens: { [options.token]: { client_id: 'ada' } } } : { enabled: false };
  const gateway = await startGateway({ auth, backends: [...backends, ...legacy] });
  for (const { name } of [...backends, ...legacy]) await gateway.waitFor(name, 'connected');
  const ask = async (method: string, params: Record<string, unknown> = {}) => {
    const headers = {
      'mcp-protocol-version': version,
      'mcp-method': method,
      ...(typeof params.uri === 'string' && { 'mcp-name': params.uri }),
      ...(options.token && { authorization: `Bearer ${options.token}` }),
    };
    const response = await gateway.post({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta } }, headers);
    const { result = {} } = (await response.json()) as { result?: Record<string, unknown> };
    return { ttlMs: result.ttlMs, cacheScope: result.cacheScope };
  };
  return { ask, servers };
}

test('a list is good as long as its shortest part, and private as soon as one part is', async () => {
  const { ask } = await gatewayOf([
    { ttlMs: 60_000, cacheScope: 'public' },
    { ttlMs: 30_000, cacheScope: 'public' },
  ]);
  expect(await ask('tools/list')).toEqual({ ttlMs: 30_000, cacheScope: 'public' });
  const mixed = await gatewayOf([
    { ttlMs: 60_000, cacheScope: 'public' },
    { ttlMs: 90_000, cacheScope: 'private' },
  ]);
  expect(await mixed.ask('tools/list')).toEqual({ ttlMs: 60_000, cacheScope: 'private' });
});

test.each([
  ['nothing', {}],
  ['a time that is none', { ttlMs: 'soon', cacheScope: 'public' }],
  ['a time before now', { ttlMs: -5, cacheScope: 'public' }],
])('a list of a backend that says %s of it holds no longer than now', async (_, hint) => {
  const { ask } = await gatewayOf([{ ttlMs: 60_000, cacheScope: 'public' }, hint]);
  expect(await ask('tools/list')).toMatchObject({ ttlMs: 0 });
});

test('what a legacy backend offers holds no longer than now, and is private', async () => {
  const { ask } = await gatewayOf([{ ttlMs: 60_000, cacheScope: 'public' }], { legacy: true });
  expect(await ask('tools/list')).toEqual({ ttlMs: 0, cacheScope: 'private' });
});

test('no list holds longer than five minutes, or than until a backend that is down is back', async () => {
  const { ask, servers } = await gatewayOf([
    { ttlMs: 86_400_000, cacheScope: 'public' },
    { ttlMs: 86_400_000, cacheScope: 'public' },
  ]);
  expect(await ask('tools/list')).toEqual({ ttlMs: 300_000, cacheScope: 'public' });
  expect(await ask('prompts/list')).toEqual({ ttlMs: 300_000, cacheScope: 'public' });
  await servers[1]?.close();
  let hint = await ask('tools/list');
  for (let i = 0; i < 100 && hint.ttlMs !== 0; i++) {
    await ask('resources/read', { uri: 'note://1' });
    hint = await ask('tools/list');
  }
  expect(hint).toEqual({ ttlMs: 0, cacheScope: 'public' });
});

test('what callers with names see is private, whatever a backend says that knows the gateway only', async () => {
  const { ask } = await gatewayOf([{ ttlMs: 60_000, cacheScope: 'public' }], { token: 'token-of-ada' });
  expect(await ask('tools/list')).toEqual({ ttlMs: 60_000, cacheScope: 'private' });
  expect(await ask('server/discover')).toMatchObject({ cacheScope: 'private' });
  expect(await ask('resources/read', { uri: 'note://0' })).toEqual({ ttlMs: 60_000, cacheScope: 'private' });
});

test('a resource is as good as its backend says', async () => {
  const { ask } = await gatewayOf([{ ttlMs: 86_400_000, cacheScope: 'public' }]);
  expect(await ask('resources/read', { uri: 'note://0' })).toEqual({ ttlMs: 86_400_000, cacheScope: 'public' });
});
