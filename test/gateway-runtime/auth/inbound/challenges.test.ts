import { request } from 'node:http';
import { startGateway, type TestGateway } from '../../../helpers/gateway-instance.js';
import { startIssuer, type TestIssuer } from '../../../helpers/gateway-jwt.js';
import { type SampleHttpServer, startHttpServer } from '../../../helpers/gateway-servers.js';
import { bearer, initialize, statusOf } from '../../../helpers/gateway-tokens.js';

const token = 'the-token-of-a-reader';
const metadata = '/.well-known/oauth-protected-resource';
const place = `resource_metadata="https://gateway.example${metadata}/tools/mcp"`;

let issuer: TestIssuer;
let server: SampleHttpServer;
let gateway: TestGateway;

beforeAll(async () => {
  issuer = await startIssuer('https://a.example');
  server = await startHttpServer('s');
  gateway = await startGateway({
    log_level: 'DEBUG',
    auth: {
      issuers: [
        { issuer: 'https://a.example', public_key: issuer.publicKey, audience: 'mcp' },
        { issuer: 'urn:example:issuer', public_key: issuer.publicKey, audience: 'mcp' },
      ],
      jwt_issuer: ['https://b.example/', 'https://b.example'],
      jwt_public_key: issuer.publicKey,
      jwt_audience: 'mcp',
      introspection: {
        url: 'http://127.0.0.1:1/introspect',
        client_id: 'gateway',
        client_secret: 's3cret',
        audience: 'mcp',
        issuer: 'https://a.example/',
      },
      static_tokens: { [token]: { client_id: 'reader', scopes: ['mcp', 'offline_access', 'see'] } },
      required_scopes: ['mcp', 'offline_access'],
      tool_scopes: { 's_*': ['see'], s_fail: ['do', 'offline_access'] },
      resource_url: 'HTTPS://Gateway.Example:443/tools/mcp/#top',
    },
    backends: [{ name: 's', url: server.url }],
    views: { logs: {} },
  });
  await gateway.waitFor('s', 'connected');
});

afterAll(async () => {
  await gateway?.close();
  await server?.close();
  await issuer?.close();
});

/** Sends a request as it is. */
function send(path: string, headers: Record<string, string | string[]>, body = JSON.stringify(initialize)) {
  return new Promise<{ status?: number; challenge?: string; text: string }>((resolve, reject) => {
    const { port } = new URL(gateway.origin);
    const json = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
    const sent = request({ port, path, method: 'POST', headers: { ...json, ...headers } }, async (answer) => {
      let text = '';
      for await (const chunk of answer) text += chunk;
      resolve({ status: answer.statusCode, challenge: answer.headers['www-authenticate'], text });
    });
    sent.on('error', reject).end(body);
  });
}

test('the metadata names the endpoint in its one form, and every issuer that is a server once', async () => {
  for (const [path, view] of [
    ['', ''],
    ['/mcp', ''],
    ['/mcp/some-view', '/some-view'],
  ]) {
    const answer = await fetch(gateway.origin + metadata + path);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json']);
    expect(await answer.json()).toEqual({
      resource: `https://gateway.example/tools/mcp${view}`,
      authorization_servers: ['https://b.example/', 'https://a.example'],
      scopes_supported: ['mcp'],
      bearer_methods_supported: ['header'],
      resource_name: 'oci-mcp-gateway',
    });
  }
  expect((await fetch(gateway.origin + metadata, { method: 'POST' })).status).toBe(405);
});

test('who comes without a token is told where to get one, and for which scopes', async () => {
  expect((await send('/mcp', {})).challenge).toBe(`Bearer scope="mcp", ${place}`);
});

test('who comes to a view is sent to the metadata of the view', async () => {
  const atView = place.replace(/"$/, '/logs"');
  expect((await send('/mcp/logs', {})).challenge).toBe(`Bearer scope="mcp", ${atView}`);
  expect((await send('/mcp/logs?access_token=x', {})).challenge).toContain(atView);
  const opened = await gateway.post(initialize, bearer(token), 'logs');
  const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') as string };
  const call = { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 's_fail' } };
  const refused = await gateway.post(call, { ...session, ...bearer(token) }, 'logs');
  expect(refused.headers.get('www-authenticate')).toContain(atView);
});

test('who comes with a bad token is told the same, and what is wrong with it', async () => {
  const { status, challenge } = await send('/mcp', bearer('made-up.token'));
  expect(status).toBe(503);
  expect(challenge).toBeUndefined();
  const expired = await send('/mcp', bearer(await issuer.sign({ exp: 1 })));
  expect([expired.status, expired.challenge]).toEqual([
    401,
    `Bearer error="invalid_token", error_description="the token has expired", scope="mcp", ${place}`,
  ]);
});

test('who lacks a scope is told all that are needed at once, but never to ask for a refresh token', async () => {
  const opened = await gateway.post(initialize, bearer(token));
  const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') as string };
  const call = { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 's_fail' } };
  const { status, headers } = await gateway.post(call, { ...session, ...bearer(token) });
  expect(status).toBe(403);
  const challenge = headers.get('www-authenticate') ?? '';
  expect(challenge).toMatch(/^Bearer error="insufficient_scope", /);
  expect(challenge).toContain(`scope="mcp do see", ${place}`);
});

const inUrl = ['?access_token=', '?x=1&access_token=', '?access%5Ftoken=', '/?access_token='];

test.each(inUrl)('fails when a token is in the URL: %s', async (query) => {
  const { status, challenge, text } = await send(`/mcp${query}${token}`, bearer(token));
  expect(status).toBe(400);
  expect(challenge).toBe(
    'Bearer error="invalid_request", error_description="a token in the URL is not accepted, and is to be revoked; ' +
      `send it in the Authorization header", ${place}`,
  );
  expect(text + JSON.stringify(gateway.logs)).not.toContain(token);
});

test('fails when a token is in a form', async () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
  const { status, challenge, text } = await send('/mcp', form, `access_token=${token}`);
  expect(status).toBe(400);
  expect(challenge).toContain('error="invalid_request"');
  expect(JSON.parse(text)).toMatchObject({
    error: { message: 'a form is not accepted; send the token in the Authorization header and JSON in the body' },
  });
});

test('fails when there are two Authorization headers', async () => {
  for (const pair of [
    [`Bearer ${token}`, 'Bearer x'],
    ['Bearer x', `Bearer ${token}`],
    [`Bearer ${token}`, `Bearer ${token}`],
  ]) {
    const { status, challenge } = await send('/mcp', { authorization: pair });
    expect([status, challenge]).toEqual([400, expect.stringContaining('only one Authorization header is accepted')]);
  }
  expect((await send('/mcp', bearer(`${token}, Bearer x`))).status).toBe(401);
});

test('fails when a token is somewhere else', async () => {
  for (const header of ['x-access-token', 'cookie', 'proxy-authorization', 'mcp-param-access_token', 'x-api-key']) {
    expect((await send('/mcp', { [header]: `Bearer ${token}` })).status).toBe(401);
  }
  const inBody = JSON.stringify({
    ...initialize,
    access_token: token,
    params: { ...initialize.params, access_token: token },
  });
  expect((await send('/mcp', {}, inBody)).status).toBe(401);
});

test('every request needs a token, one of an open session too', async () => {
  const opened = await gateway.post(initialize, bearer(token));
  const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') as string };
  const list = { jsonrpc: '2.0', id: 2, method: 'tools/list' };
  expect((await gateway.post(list, { ...session, ...bearer(token) })).status).toBe(200);
  expect((await gateway.post(list, session)).status).toBe(401);
  for (const method of ['GET', 'DELETE']) {
    const headers = { ...session, accept: 'text/event-stream' };
    expect((await fetch(gateway.url, { method, headers })).status).toBe(401);
  }
});

test('a page that had its own name point to this machine does not learn how the gateway is', async () => {
  const statusAs = (host: string) =>
    new Promise((resolve) => {
      const { port } = new URL(gateway.origin);
      request({ port, path: '/ready', headers: { host } }, (answer) => resolve(answer.resume().statusCode)).end();
    });
  expect(await statusAs('evil.example')).toBe(403);
  for (const host of ['localhost', 'LocalHost:9000', '127.0.0.1', '[::1]:9000']) expect(await statusAs(host)).toBe(200);
});

test('nothing of a token was logged', async () => {
  expect(gateway.logs.length).toBeGreaterThan(0);
  const text = JSON.stringify(gateway.logs);
  for (const secret of [token, 's3cret', 'eyJ']) expect(text).not.toContain(secret);
  expect(await statusOf(gateway, token)).toBe(200);
});
