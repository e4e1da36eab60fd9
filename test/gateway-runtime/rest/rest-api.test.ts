import { connect } from 'node:net';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { GatewayConfigInput } from '../../../gateway-runtime/src/config/index.js';
import { startAskingServer } from '../../helpers/gateway-asking';
import { startGateway, type TestGateway, textOf, until } from '../../helpers/gateway-instance';
import { startIssuer, type TestIssuer } from '../../helpers/gateway-jwt';
import { structuredServer } from '../../helpers/gateway-rest';
import { type SampleHttpServer, startHttpServer, startStatelessServer } from '../../helpers/gateway-servers';

const json = { 'content-type': 'application/json' };

/** Calls a tool over REST. */
function post(gateway: TestGateway, tool: string, body?: unknown, init: RequestInit = {}): Promise<Response> {
  const given = body === undefined ? {} : { headers: json, body: JSON.stringify(body) };
  return fetch(`${gateway.origin}/api/v1/tools/${tool}`, { method: 'POST', ...given, ...init });
}

describe('without authentication', () => {
  let server: SampleHttpServer;
  let gateway: TestGateway;

  beforeAll(async () => {
    server = await startHttpServer('alpha');
    const asking = await startAskingServer();
    const weather = await structuredServer();
    gateway = await startGateway({
      rest_api: true,
      page_size: 4,
      gateway_tools: { enabled: true },
      backends: [
        { name: 'alpha', url: server.url, namespace_tools: false },
        { name: 'asking', url: asking.url, namespace_tools: false },
        { name: 'weather', url: weather.url, namespace_tools: false },
      ],
      views: { forecast: { backends: ['weather'], description: 'The weather' } },
      auth: { enabled: false, cors_origins: ['https://app.example'] },
    });
    for (const name of ['alpha', 'asking', 'weather']) await gateway.waitFor(name, 'connected');
  });

  afterAll(() => gateway.close());

  test('tools are listed page by page', async () => {
    const names: string[] = [];
    let next: string | undefined = `${gateway.origin}/api/v1/tools`;
    let pages = 0;
    while (next !== undefined) {
      const answer: Response = await fetch(next);
      expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
      const { tools, nextCursor } = (await answer.json()) as { tools: { name: string }[]; nextCursor?: string };
      expect(tools.length).toBeLessThanOrEqual(4);
      names.push(...tools.map(({ name }) => name));
      next = /^<([^>]+)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1];
      expect(next === undefined).toBe(nextCursor === undefined);
      pages++;
    }
    expect(pages).toBeGreaterThan(2);
    expect(names).toEqual(expect.arrayContaining(['echo', 'ask', 'weather_forecast', 'gateway_health']));
    expect(new Set(names).size).toBe(names.length);
    expect((await fetch(`${gateway.origin}/api/v1/tools?cursor=nonsense`)).status).toBe(400);
  });

  test('a tool answers with its structured content, or else with its content', async () => {
    const forecast = await post(gateway, 'weather_forecast', { city: 'Berne', days: 2 });
    expect([forecast.status, forecast.headers.get('content-type')]).toEqual([200, 'application/json']);
    expect(await forecast.json()).toEqual({ city: 'Berne', days: [{ day: 1 }, { day: 2 }] });
    const echo = await post(gateway, 'echo', { text: 'hello' });
    expect(await echo.json()).toEqual({ content: [{ type: 'text', text: 'alpha: hello' }] });
    expect(echo.headers.get('x-request-id')).toMatch(/^[\w-]{36}$/);
  });

  test('a large answer comes whole', async () => {
    const text = 'long '.repeat(100_000);
    const answer = (await (await post(gateway, 'echo', { text })).json()) as { content: { text: string }[] };
    expect(answer.content[0]?.text).toBe(`alpha: ${text}`);
  });

  test('a tool without arguments needs no body', async () => {
    expect(await (await post(gateway, 'gateway_health')).json()).toMatchObject({ status: 'ok' });
  });

  test('a tool that fails is a problem', async () => {
    const failed = await post(gateway, 'fail', {}, { headers: { ...json, 'x-request-id': 'r-1' } });
    expect([failed.status, failed.headers.get('content-type')]).toEqual([422, 'application/problem+json']);
    expect(await failed.json()).toEqual({
      type: 'about:blank',
      title: 'Unprocessable Entity',
      status: 422,
      detail: 'alpha failed',
      code: 'tool_failed',
      request_id: 'r-1',
      content: [{ type: 'text', text: 'alpha failed' }],
    });
  });

  test.each([
    ['an unknown tool', 'nothing', '{}', json, 404, 'unknown_tool'],
    ['a body that is no JSON', 'echo', '{', json, 400, 'bad_request'],
    ['a body that is no object', 'echo', '[1]', json, 400, 'bad_request'],
    ['another type', 'echo', '{}', { 'content-type': 'text/plain' }, 415, 'unsupported_media_type'],
    ['a compressed body', 'echo', '{}', { ...json, 'content-encoding': 'gzip' }, 415, 'unsupported_media_type'],
    ['a token in the URL', 'echo?access_token=x', '{}', json, 400, 'bad_request'],
    ['a name that cannot be read', '%E0%A4%A', '{}', json, 404, 'not_found'],
    ['a huge body', 'echo', JSON.stringify({ text: 'x'.repeat(5_000_000) }), json, 413, 'too_large'],
  ])('%s is a problem', async (_, tool, body, headers, status, code) => {
    const answer = await post(gateway, tool, undefined, { headers: headers as Record<string, string>, body });
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.json()).toMatchObject({ status, code, request_id: answer.headers.get('x-request-id') });
    expect(answer.status).toBe(status);
  });

  test.each([
    ['GET', 'tools/echo', 405, 'POST'],
    ['POST', 'tools', 405, 'GET, HEAD'],
    ['DELETE', 'openapi.json', 405, 'GET, HEAD'],
    ['GET', 'nothing', 404, null],
    ['GET', 'tools/a/b', 404, null],
    ['GET', 'tools?format=nothing', 400, null],
    ['GET', 'tools?formt=openai', 400, null],
    ['GET', 'openapi.json?limits=some', 400, null],
    ['GET', 'views/nothing/tools', 404, null],
  ])('%s %s answers %i', async (method, path, status, allow) => {
    const answer = await fetch(`${gateway.origin}/api/v1/${path}`, { method });
    expect([answer.status, answer.headers.get('allow')]).toEqual([status, allow]);
    expect(((await answer.json()) as { status: number }).status).toBe(status);
  });

  test('a view shows and calls its own tools alone', async () => {
    const base = `${gateway.origin}/api/v1/views/forecast`;
    const { tools } = (await (await fetch(`${base}/tools`)).json()) as { tools: { name: string }[] };
    expect(tools.map(({ name }) => name)).not.toContain('echo');
    const call = (tool: string) =>
      fetch(`${base}/tools/${tool}`, { method: 'POST', headers: json, body: '{"city":"Berne","days":1}' });
    expect((await call('weather_forecast')).status).toBe(200);
    expect((await call('echo')).status).toBe(404);
    const document = (await (await fetch(`${base}/openapi.json`)).json()) as { info: object; servers: object[] };
    expect(document).toMatchObject({ info: { description: 'The weather' }, servers: [{ url: base }] });
  });

  test.each(['ask', 'sample', 'roots', 'visit_first'])(
    '%s, which asks its caller, says that it cannot',
    async (tool) => {
      const answer = await post(gateway, tool, {});
      const problem = (await answer.json()) as { detail: string; code: string };
      expect(answer.status).toBe(422);
      expect(problem.detail).toMatch(/REST|not support/);
      if (tool === 'ask' || tool === 'visit_first') expect(problem).toMatchObject({ code: 'input_required' });
    },
  );

  test('a client that leaves cancels its call', async () => {
    const leaving = new AbortController();
    const call = post(gateway, 'slow', { ms: 60_000 }, { signal: leaving.signal }).catch(() => 'left');
    await until(async () => (await metric(gateway, 'calls_in_flight')) > 0, 'the call to begin');
    leaving.abort();
    expect(await call).toBe('left');
    await until(() => server.seen.cancelled.includes('alpha'), 'the backend to hear of it');
  });

  test('pages of other origins are let in where cors_origins lists them', async () => {
    const url = `${gateway.origin}/api/v1/tools/echo`;
    const asking = { origin: 'https://app.example', 'access-control-request-method': 'POST' };
    const preflight = await fetch(url, { method: 'OPTIONS', headers: asking });
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, asking.origin]);
    expect(preflight.headers.get('access-control-allow-headers')).toContain('Content-Type');
    const called = await fetch(url, {
      method: 'POST',
      headers: { ...json, origin: asking.origin },
      body: '{"text":"x"}',
    });
    expect([called.status, called.headers.get('access-control-allow-origin')]).toEqual([200, asking.origin]);
    const stranger = await fetch(url, { method: 'POST', headers: { origin: 'https://evil.example' } });
    expect([stranger.status, await stranger.json()]).toEqual([403, expect.objectContaining({ code: 'forbidden' })]);
    expect(stranger.headers.get('access-control-allow-origin')).toBeNull();
  });

  test('a host name that was bound anew is not served', async () => {
    const { port } = new URL(gateway.origin);
    const answer = await raw(
      Number(port),
      'GET /api/v1/tools HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1.1 403 /);
    expect(answer).toContain('application/problem+json');
  });
});

describe('with authentication', () => {
  let issuer: TestIssuer;
  let gateway: TestGateway;
  let bearer: (claims?: object) => Promise<Record<string, string>>;

  beforeAll(async () => {
    issuer = await startIssuer();
    const server = await startHttpServer('alpha');
    gateway = await startGateway(secured(issuer, server.url));
    await gateway.waitFor('alpha', 'connected').catch(() => {});
    bearer = async (claims = { scope: 'mcp write' }) => ({
      ...json,
      authorization: `Bearer ${await issuer.sign({ ...claims })}`,
    });
    await until(async () => {
      const answer = await fetch(`${gateway.origin}/api/v1/tools`, { headers: await bearer() });
      return ((await answer.json()) as { tools?: object[] }).tools?.length === 4;
    }, 'the tools to be listed');
  });

  afterAll(async () => {
    await gateway.close();
    await issuer.close();
  });

  test('nobody comes in without a token, and is told where to get one', async () => {
    for (const path of ['tools', 'openapi.json', 'openapi-3.0.json', 'tools?format=gemini', 'views/all/tools']) {
      const answer = await fetch(`${gateway.origin}/api/v1/${path}`);
      expect(answer.status).toBe(401);
      const place = path.startsWith('views') ? '/mcp/all' : '/mcp';
      expect(answer.headers.get('www-authenticate')).toContain(
        `resource_metadata="https://mcp.example/.well-known/oauth-protected-resource${place}"`,
      );
      expect(await answer.json()).toMatchObject({ status: 401, code: 'unauthorized' });
    }
    expect((await post(gateway, 'echo', { text: 'x' })).status).toBe(401);
    const refused = gateway.logs.map(({ audit }) => audit as Record<string, unknown> | undefined);
    expect(refused).toContainEqual(expect.objectContaining({ method: 'authenticate', rule: 'missing_token' }));
  });

  test('whoever lacks a scope is told which', async () => {
    const answer = await post(
      gateway,
      'echo',
      { text: 'x' },
      { headers: await bearer({ scope: 'mcp' }), body: '{"text":"x"}' },
    );
    expect(answer.status).toBe(200);
    const refused = await post(gateway, 'fail', {}, { headers: await bearer({ scope: 'mcp' }), body: '{}' });
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([
      403,
      expect.stringContaining('error="insufficient_scope"'),
    ]);
    expect(await refused.json()).toMatchObject({ code: 'forbidden', detail: expect.stringContaining('write') });
  });

  test('calls are limited and taken down as those over MCP', async () => {
    const headers = await bearer({ scope: 'mcp write', sub: 'grace' });
    const answers: Response[] = [];
    for (let call = 0; call < 4; call++) answers.push(await post(gateway, 'slow', {}, { headers, body: '{"ms":1}' }));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429, 429]);
    const last = answers[3] as Response;
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await last.json()).toMatchObject({ code: 'limited' });
    const audited = gateway.logs.map(({ audit }) => audit as Record<string, unknown> | undefined);
    const records = audited.filter((record) => record?.tool === 'slow' && record?.subject === 'grace');
    expect(records.map((record) => record?.outcome)).toEqual(['ok', 'ok', 'limited', 'limited']);
    expect(records[3]).toMatchObject({ request_id: last.headers.get('x-request-id'), method: 'tools/call' });
  });
});

test('nothing is there unless it is wanted', async () => {
  const gateway = await startGateway({});
  expect((await fetch(`${gateway.origin}/api/v1/tools`)).status).toBe(404);
  await gateway.close();
});

test('a backend that has gone is told as that', async () => {
  const server = await startHttpServer('alpha');
  const gateway = await startGateway({
    rest_api: true,
    backends: [{ name: 'alpha', url: server.url, namespace_tools: false }],
  });
  await gateway.waitFor('alpha', 'connected');
  await server.close();
  const answer = await post(gateway, 'echo', { text: 'x' });
  expect([answer.status, await answer.json()]).toEqual([502, expect.objectContaining({ code: 'backend_failed' })]);
  await gateway.close();
});

test('a tool with a name that no client takes is called by the one that the lists give it', async () => {
  const create = () => {
    const server = new McpServer({ name: 'odd', version: '1.0.0' });
    const named = (name: string) =>
      server.registerTool(name, {}, () => ({ content: [{ type: 'text', text: `called ${name}` }] }));
    for (const name of ['logs.search', 'logs.read', 'v1.logs']) named(name);
    return server;
  };
  const server = await startStatelessServer('odd', { create });
  const backends = [{ name: 'odd', url: server.url, namespace_tools: false }];
  const gateway = await startGateway({ rest_api: true, page_size: 1, backends });
  await gateway.waitFor('odd', 'connected');
  const { tools } = (await (await fetch(`${gateway.origin}/api/v1/tools?format=openai`)).json()) as Named;
  expect(tools.map(({ name }) => name)).toHaveLength(3);
  const { paths } = (await (await fetch(`${gateway.origin}/api/v1/openapi.json`)).json()) as { paths: object };
  expect(Object.keys(paths)).toEqual(tools.map(({ name }) => `/tools/${name}`));
  const answers = await Promise.all(tools.map(async ({ name }) => textOf(await (await post(gateway, name)).json())));
  expect(answers.sort()).toEqual(['called logs.read', 'called logs.search', 'called v1.logs']);
  expect(textOf(await (await post(gateway, 'logs.read')).json())).toBe('called logs.read');
  expect((await post(gateway, 'nobody_12345678')).status).toBe(404);
  await gateway.close();
});

test('with a search in place of a list there are two tools, and they find and call the others', async () => {
  const server = await startHttpServer('alpha');
  const gateway = await startGateway({
    rest_api: true,
    tool_search: true,
    backends: [{ name: 'alpha', url: server.url }],
  });
  await gateway.waitFor('alpha', 'connected');
  const { tools } = (await (await fetch(`${gateway.origin}/api/v1/tools?format=anthropic`)).json()) as Named;
  expect(tools.map(({ name }) => name)).toEqual(['search_tools', 'call_tool']);
  const found = (await (await post(gateway, 'search_tools', { query: 'repeats a text' })).json()) as Named;
  const name = found.tools[0]?.name;
  const called = await post(gateway, 'call_tool', { name, arguments: { text: 'found' } });
  expect(textOf(await called.json())).toBe('alpha: found');
  await gateway.close();
});

test('calls end when the gateway does, and none begin', async () => {
  const server = await startHttpServer('alpha');
  const backends = [{ name: 'alpha', url: server.url, namespace_tools: false }];
  const gateway = await startGateway({ rest_api: true, backends });
  await gateway.waitFor('alpha', 'connected');
  const slow = post(gateway, 'slow', { ms: 500 });
  await until(async () => (await metric(gateway, 'calls_in_flight')) > 0, 'the call to begin');
  const closing = gateway.close();
  await until(async () => (await post(gateway, 'echo', { text: 'x' })).status === 503, 'calls to be refused');
  expect(textOf(await (await slow).json())).toBe('alpha waited 500');
  await closing;
});

/** Tools by name. */
interface Named {
  readonly tools: { readonly name: string }[];
}

function secured(issuer: TestIssuer, url: string): GatewayConfigInput {
  return {
    rest_api: true,
    backends: [{ name: 'alpha', url, namespace_tools: false }],
    views: { all: {} },
    limits: { tools: { slow: { calls_per_minute: 1, burst: 2 } } },
    auth: {
      jwt_issuer: issuer.name,
      jwt_audience: 'mcp',
      jwt_public_key: issuer.publicKey,
      required_scopes: ['mcp'],
      tool_scopes: { echo: [], fail: ['write'], slow: ['write'], work: ['write'] },
      resource_url: 'https://mcp.example/mcp',
    },
  };
}

async function metric(gateway: TestGateway, name: string): Promise<number> {
  const page = await (await fetch(`${gateway.origin}/metrics`)).text();
  return Number(new RegExp(`^\\w*${name}\\S* (\\d+)`, 'm').exec(page)?.[1] ?? 0);
}

/** What a server answers to these bytes. */
function raw(port: number, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(request));
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('end', () => resolve(answer));
    socket.on('error', reject);
  });
}
