import { Client as ModernClient, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { GatewayConfigInput } from '../../../gateway-runtime/src/config/index.js';
import { startGateway, type TestGateway, textOf } from '../../helpers/gateway-instance.js';
import { startIssuer, type TestIssuer } from '../../helpers/gateway-jwt.js';
import { type OfferingServer, startOffering } from '../../helpers/gateway-offering.js';

let open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const resource of open.reverse()) await resource.close();
  open = [];
});

const schema = { inputSchema: { type: 'object' as const } };

const offered = {
  tools: [
    { name: 'delete_nothing', ...schema, annotations: { readOnlyHint: true } },
    { name: 'get_rid_of', ...schema, annotations: { readOnlyHint: false } },
    { name: 'list', ...schema, annotations: { idempotentHint: true, destructiveHint: false } },
  ],
  prompts: ['greet', 'scold'],
  resources: ['note://open', 'note://secret'],
  templates: ['item://open/{id}', 'item://secret/{id}'],
};

const rules = {
  tool_scopes: { 'n_*': { read: ['read'], write: ['write'] } },
  prompt_scopes: { n_greet: ['greet'] },
  resource_scopes: { '*://open*': ['open'], '*://secret*': ['secret'] },
};

/** A gateway in front of a backend `n`, and clients of it by their scopes. */
async function start(config: GatewayConfigInput = {}, backend: object = {}) {
  const server = await startOffering('n', offered);
  const gateway = await startGateway({
    backends: [{ name: 'n', url: server.url, ...backend }],
    ...config,
    auth: {
      static_tokens: Object.fromEntries(
        ['none', 'read', 'write', 'greet', 'open', 'secret', 'view', 'backend', 'view,backend', '*'].map((scopes) => [
          scopes,
          { client_id: scopes, scopes: scopes === 'none' ? [] : scopes.split(',') },
        ]),
      ),
      resource_url: 'https://mcp.example/mcp',
      ...config.auth,
    },
  });
  open.push(server, gateway);
  await gateway.waitFor('n', 'connected');
  return { server, gateway };
}

const bearer = (token: string) => ({ requestInit: { headers: { authorization: `Bearer ${token}` } } });

async function connectModern({ url }: TestGateway, token: string, view = ''): Promise<ModernClient> {
  const client = new ModernClient(
    { name: 'modern', version: '1' },
    { versionNegotiation: { mode: { pin: '2026-07-28' } } },
  );
  await client.connect(new StreamableHTTPClientTransport(new URL(url + view), bearer(token)));
  open.push(client);
  return client;
}

/** What both SDKs do in the same way. */
type AnyClient = Pick<Client, 'listTools' | 'listPrompts' | 'listResources' | 'listResourceTemplates' | 'callTool'> &
  Pick<Client, 'getPrompt' | 'readResource' | 'complete'>;

async function listed(client: AnyClient) {
  return {
    tools: (await client.listTools()).tools.map(({ name }) => name),
    prompts: (await client.listPrompts()).prompts.map(({ name }) => name),
    resources: (await client.listResources()).resources.map(({ uri }) => uri),
    templates: (await client.listResourceTemplates()).resourceTemplates.map(({ uriTemplate }) => uriTemplate),
  };
}

/** What a client can use, whatever it is shown. */
async function usable(client: AnyClient) {
  const those = async (names: string[], use: (name: string) => Promise<unknown>) => {
    const used = await Promise.all(
      names.map((name) =>
        use(name).then(
          () => true,
          () => false,
        ),
      ),
    );
    return names.filter((_, index) => used[index]);
  };
  const templates = await those(offered.templates, (uri) =>
    client.complete({ ref: { type: 'ref/resource', uri }, argument: { name: 'id', value: '' } }),
  );
  const items = offered.templates.map((uri) => uri.replace('{id}', '1'));
  expect((await those(items, (uri) => client.readResource({ uri }))).length).toBe(templates.length);
  const prompts = await those(['n_greet', 'n_scold'], (name) => client.getPrompt({ name }));
  const completed = await those(['n_greet', 'n_scold'], (name) =>
    client.complete({ ref: { type: 'ref/prompt', name }, argument: { name: 'x', value: '' } }),
  );
  expect(completed).toEqual(prompts);
  return {
    tools: await those(['n_delete_nothing', 'n_get_rid_of', 'n_list'], (name) => client.callTool({ name })),
    prompts,
    resources: await those(offered.resources, (uri) => client.readResource({ uri })),
    templates,
  };
}

const nothing = { tools: [], prompts: [], resources: [], templates: [] };

test.each([
  ['none', {}],
  ['read', { tools: ['n_delete_nothing'] }],
  ['write', { tools: ['n_get_rid_of', 'n_list'] }],
  ['greet', { prompts: ['n_greet'] }],
  ['open', { resources: ['note://open'], templates: ['item://open/{id}'] }],
  ['secret', { resources: ['note://secret'], templates: ['item://secret/{id}'] }],
  ['*', { ...offered, tools: ['n_delete_nothing', 'n_get_rid_of', 'n_list'], prompts: ['n_greet'] }],
])('clients of both eras with the scope %s see and use %j', async (token, some) => {
  const { gateway } = await start({ auth: rules });
  const expected = { ...nothing, ...some };
  const clients = [await gateway.connect(bearer(token)), await connectModern(gateway, token)];
  for (const client of clients as AnyClient[]) {
    expect(await listed(client)).toEqual(expected);
    expect(await usable(client)).toEqual(expected);
  }
});

test('what no rule names is logged once, by its kind', async () => {
  const { gateway } = await start({ auth: { ...rules, tool_scopes: { 'n_*': { read: [] } } } });
  const unreleased = gateway.logs.filter(({ msg }) => /so nobody may use them/.test(String(msg)));
  expect(unreleased).toMatchObject([
    { tools: ['n_get_rid_of', 'n_list'], count: 2, msg: expect.stringContaining('no rule of tool_scopes') },
    { prompts: ['n_scold'], count: 1, msg: expect.stringContaining('no rule of prompt_scopes') },
  ]);
});

const modernMeta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
};

/** Sends one request as it is, in the modern era. */
function ask({ url }: TestGateway, token: string, method: string, params: object, view = ''): Promise<Response> {
  const named = Object.values(params).find((value) => typeof value === 'string');
  return fetch(url + view, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(named && { 'mcp-name': named }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: modernMeta } }),
  });
}

test.each([
  ['prompts/get', { name: 'n_greet' }, 'mcp greet'],
  ['resources/read', { uri: 'note://secret' }, 'mcp secret'],
  ['resources/read', { uri: 'item://secret/1' }, 'mcp secret'],
  ['tools/call', { name: 'n_list' }, 'mcp write'],
])('a denied %s of %j asks for all scopes at once', async (method, params, scopes) => {
  const { gateway } = await start({ auth: { ...rules, required_scopes: ['mcp'], scope_hierarchy: { view: ['mcp'] } } });
  const answer = await ask(gateway, 'view', method, params);
  expect(answer.status).toBe(403);
  expect(answer.headers.get('www-authenticate')).toContain(`error="insufficient_scope"`);
  expect(answer.headers.get('www-authenticate')).toContain(`scope="${scopes}"`);
  expect(await answer.json()).toMatchObject({ error: { code: -32000, message: expect.stringContaining('needs') } });
});

describe('scopes of backends and views', () => {
  const config: GatewayConfigInput = {
    views: { all: {}, guarded: { required_scopes: ['view'] } },
  };

  test('a backend shows nothing to who lacks its scope, not even how it is used', async () => {
    const { gateway } = await start({}, { required_scopes: ['backend'] });
    const clients = async (token: string) => [
      await gateway.connect(bearer(token)),
      await connectModern(gateway, token),
    ];
    for (const client of await clients('none')) {
      expect(await listed(client as AnyClient)).toEqual(nothing);
      expect(await usable(client as AnyClient)).toEqual(nothing);
      expect(client.getInstructions()).toBeUndefined();
      expect(Object.keys(client.getServerCapabilities() ?? {})).toContain('prompts');
    }
    for (const client of await clients('backend')) {
      expect((await listed(client as AnyClient)).prompts).toEqual(['n_greet', 'n_scold']);
      expect(client.getInstructions()).toContain('How to use n.');
    }
  });

  test('a challenge names the scopes of gateway, view, backend and rule', async () => {
    const auth = {
      required_scopes: ['mcp'],
      scope_hierarchy: { '*': ['mcp'], view: ['mcp'] },
      tool_scopes: { '*': ['t'] },
    };
    const { gateway } = await start({ ...config, auth }, { required_scopes: ['backend'] });
    const answer = await ask(gateway, 'view', 'tools/call', { name: 'n_list' }, '/guarded');
    expect(answer.status).toBe(403);
    expect(answer.headers.get('www-authenticate')).toContain('scope="mcp view backend t"');
  });

  test('a guarded view refuses every request, the first one included', async () => {
    const { gateway } = await start({ ...config, enable_sse: true });
    const initialize = {
      jsonrpc: '2.0',
      id: 0,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } },
    };
    const post = (view: string, token?: string) =>
      fetch(`${gateway.url}/${view}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
        body: JSON.stringify(initialize),
      });
    const refused = await post('guarded', 'none');
    expect(refused.status).toBe(403);
    expect(refused.headers.get('www-authenticate')).toContain('scope="view"');
    const unknown = await post('guarded');
    expect(unknown.status).toBe(401);
    expect(unknown.headers.get('www-authenticate')).toContain('scope="view"');
    expect((await post('all', 'none')).status).toBe(200);
    expect((await post('guarded', 'view')).status).toBe(200);
    const headers = { authorization: 'Bearer none', accept: 'text/event-stream' };
    expect((await fetch(`${gateway.origin}/sse/guarded`, { headers })).status).toBe(403);
    await expect(connectModern(gateway, 'none', '/guarded')).rejects.toThrow(/./);
    const client = await connectModern(gateway, 'view', '/guarded');
    expect((await client.listPrompts()).prompts).toHaveLength(2);
  });
});

describe('a URI that no backend lists', () => {
  let gateway: TestGateway;
  let server: OfferingServer;
  let client: Client;
  const resource_scopes = { '*': [], 'item://secret/*': ['secret'], 'mcp-gateway://n/item://hidden/*': ['secret'] };

  beforeAll(async () => {
    server = await startOffering('n', { templates: ['item://{+path}'], resources: ['note://a/../b'] });
    gateway = await startGateway({
      backends: [{ name: 'n', url: server.url }],
      auth: { static_tokens: { none: { client_id: 'none' } }, resource_scopes },
    });
    await gateway.waitFor('n', 'connected');
    client = await gateway.connect(bearer('none'));
  });

  afterAll(async () => {
    await gateway?.close();
    await server?.close();
  });

  test.each([
    'item://secret/1',
    'mcp-gateway://n/item://secret/1',
    'ITEM://secret/1',
    'item://secre%74/1',
    'item://secre%2574/1',
    'item://secret%2f1',
    'item://secret\\1',
    'item://hidden/1',
    'item://open/../secret/1',
    'item://open/%2e%2E/secret/1',
    'item://open/..\\secret/1',
    'item://open//../secret/1',
    'item://open//1',
    'item://open?/../../secret/1',
    'item://open/.',
    'item://open/%00',
  ])('does not get around a rule as %s', async (uri) => {
    await expect(client.readResource({ uri })).rejects.toThrow(/needs secret|is released to nobody/);
  });

  test('does not get around a rule by escapes of escapes, nor hold anybody up', async () => {
    const uri = `item://open/%${'25'.repeat(500_000)}41`;
    const started = performance.now();
    await expect(client.readResource({ uri })).rejects.toThrow('is released to nobody');
    expect(performance.now() - started).toBeLessThan(1000);
  });

  test.each(['item://open/1', 'item://open/a%20b', 'item://open/a.b/..c', 'item://open/1?q=a//b', 'note://a/../b'])(
    'is read as %s',
    async (uri) => {
      expect((await client.readResource({ uri })).contents[0]).toEqual({ uri, text: 'n' });
    },
  );
});

test('nobody hears about a resource that he may not read', async () => {
  const { gateway, server } = await start({ auth: rules });
  const client = await gateway.connect(bearer('open'));
  await client.subscribeResource({ uri: 'note://open' });
  await expect(client.subscribeResource({ uri: 'note://secret' })).rejects.toThrow('needs secret');
  const uris = ['note://open', 'note://secret', 'item://secret/1'];
  const heard = await ask(gateway, 'open', 'subscriptions/listen', { notifications: { resourceSubscriptions: uris } });
  const reader = heard.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (!text.includes('acknowledged')) text += (await reader?.read())?.value ?? '';
  expect(text).toContain('"resourceSubscriptions":["note://open"]');
  await reader?.cancel();
  expect(server.subscriptions.every((uri) => uri.includes('note://open'))).toBe(true);
});

describe('rules about claims', () => {
  let issuer: TestIssuer;

  beforeAll(async () => {
    issuer = await startIssuer();
  });

  afterAll(() => issuer?.close());

  test('open what they name to the tokens that say so, and ask nobody for scopes', async () => {
    const { gateway } = await start({
      auth: {
        jwt_public_key: issuer.publicKey,
        jwt_audience: 'mcp',
        tool_scopes: { '*': { claims: { groups: ['staff'] }, write: { claims: { groups: ['admins'] } } } },
      },
    });
    const as = async (groups?: unknown) => gateway.connect(bearer(await issuer.sign({ groups, scope: '*' })));
    const staff = await as(['staff']);
    expect((await staff.listTools()).tools.map(({ name }) => name)).toEqual(['n_delete_nothing']);
    expect(textOf(await staff.callTool({ name: 'n_delete_nothing' }))).toContain('delete_nothing');
    expect((await (await as(['staff', 'admins'])).listTools()).tools).toHaveLength(3);
    expect((await (await as()).listTools()).tools).toEqual([]);
    for (const token of ['*', await issuer.sign({ groups: 'other' })]) {
      const answer = await ask(gateway, token, 'tools/call', { name: 'n_delete_nothing' });
      expect(answer.headers.get('www-authenticate')).toBeNull();
      const message = 'tool "n_delete_nothing" needs a token with an accepted claim "groups"';
      expect(await answer.json()).toMatchObject({ error: { code: -32000, message } });
    }
    const audited = gateway.logs.flatMap(({ audit }) => (audit ? [audit] : []));
    expect(audited.at(-1)).toMatchObject({
      client: 'ada',
      outcome: 'denied',
      rule: 'tool_scopes.*',
      tool: 'n_delete_nothing',
    });
  });
});
