import type { RequestListener } from 'node:http';
import type { JWTPayload } from 'jose';
import { asksForToken } from '../../../gateway-runtime/src/doctor/gateway/authentication.js';
import { agreesOnTime } from '../../../gateway-runtime/src/doctor/gateway/clock.js';
import { fits } from '../../../gateway-runtime/src/doctor/gateway/token.js';
import { examine } from '../../helpers/doctor.js';
import { startGateway } from '../../helpers/gateway-instance.js';
import { startIssuer, type TestIssuer } from '../../helpers/gateway-jwt.js';
import { listen, startHttpServer } from '../../helpers/gateway-servers.js';

/** Has the doctor look at a server that answers every request like this. */
async function look(listener: RequestListener, path = '/mcp', given: Parameters<typeof examine>[0] = {}) {
  const { url, close } = await listen(listener);
  const found = await examine({ url: url + path, ...given });
  await close();
  return found;
}

const now = () => Math.floor(Date.now() / 1000);

describe('what answers at the address', () => {
  test.each<[string, RequestListener, string, string]>([
    [
      'an HTML page',
      (_, response) => response.setHeader('content-type', 'text/html').end('<html>Sign in</html>'),
      'problem: HTTP 200 with an HTML page at /mcp',
      'a proxy, a login page',
    ],
    [
      'a proxy that wants a password',
      (_, response) => response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end(),
      'problem: HTTP 401 at /mcp',
      'pass this path on without authentication',
    ],
    [
      'a redirect',
      (_, response) => response.writeHead(301, { location: 'https://mcp.example/mcp?key=s3cret' }).end(),
      'problem: HTTP 301 at /mcp',
      'use the URL it redirects to: https://mcp.example/mcp',
    ],
    [
      'nothing at this path',
      (_, response) => response.writeHead(404).end(),
      'problem: HTTP 404 at /mcp',
      'has no route',
    ],
    ['no POST', (_, response) => response.writeHead(405).end(), 'problem: HTTP 405 at /mcp', 'takes no POST'],
    [
      'an empty balancer',
      (_, response) => response.writeHead(502).end(),
      'problem: HTTP 502 at /mcp',
      'no healthy gateway',
    ],
    ['another service', (_, response) => response.end('{"hello":1}'), 'problem: HTTP 200 at /mcp', 'another server'],
  ])('%s', async (_, listener, seen, advice) => {
    const { report, say, solve } = await look(listener);
    expect(say('endpoint')).toBe(seen);
    expect(solve('endpoint')).toContain(advice);
    expect(JSON.stringify(report)).not.toContain('s3cret');
    expect(report.checks.map(({ id }) => id)).toEqual(['tcp', 'endpoint']);
  });

  test('an answer without end, of lines that begin and never end an event', async () => {
    const begin = Date.now();
    const { say } = await look((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const timer = setInterval(() => response.write('data: x\n'.repeat(8192)), 1);
      response.on('close', () => clearInterval(timer));
    });
    expect(say('endpoint')).toBe('problem: HTTP 200 at /mcp');
    expect(Date.now() - begin).toBeLessThan(2000);
  });

  test('a gateway at another path names it', async () => {
    const gateway = await startGateway({ path: '/tools/mcp' });
    const { say, solve } = await examine({ url: `${gateway.origin}/mcp` });
    expect(say('endpoint')).toBe('problem: HTTP 404 (nothing is served here; MCP is at /tools/mcp) at /mcp');
    expect(solve('endpoint')).toContain(`use ${gateway.url}`);
    await gateway.close();
  });

  test('a gateway on a loopback address that is called by another name', async () => {
    const gateway = await startGateway({});
    const proxy: RequestListener = (request, response) => {
      void fetch(gateway.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })
        .then(() => response.writeHead(403, { 'content-type': 'application/json' }))
        .then(() =>
          response.end(JSON.stringify({ jsonrpc: '2.0', error: { code: -32000, message: 'this Host is not served' } })),
        );
      request.resume();
    };
    const { say, solve } = await look(proxy);
    expect(say('endpoint')).toBe('problem: HTTP 403 (this Host is not served) at /mcp');
    expect(solve('endpoint')).toContain('"resource_url"');
    await gateway.close();
  });
});

test('clocks: a few seconds are nothing, half a minute is too much for tokens, five minutes for signatures', () => {
  const at = (seconds: number) => {
    const headers = { date: new Date(Date.now() + seconds * 1000).toUTCString() };
    return agreesOnTime({ status: 200, headers, text: '', isStream: false, json: {} });
  };
  expect([at(5), at(-45), at(400)].map(({ status }) => status)).toEqual(['ok', 'warning', 'problem']);
  expect(at(-45).seen).toMatch(/^the clock there is 4[56] s behind the one here$/);
  expect(at(400).advice?.solution).toContain('169.254.169.254');
  expect(agreesOnTime({ status: 200, headers: {}, text: '', isStream: false, json: {} }).status).toBe('ok');
});

describe('who may call', () => {
  let issuer: TestIssuer;
  beforeAll(async () => {
    issuer = await startIssuer();
  });

  const auth = (more = {}) => ({
    jwt_jwks_uri: issuer.url,
    jwt_issuer: 'https://issuer.example',
    jwt_audience: 'mcp',
    ...more,
    enabled: true,
  });

  test('an open gateway is a problem unless it is on a loopback address', async () => {
    const gateway = await startGateway({});
    expect((await examine({ url: gateway.url })).say('authentication')).toBe(
      'ok: answers without a token, on a loopback address',
    );
    await gateway.close();
    const answer = { status: 400, headers: {}, text: '', isStream: false, json: {} };
    const verdict = asksForToken(new URL('https://mcp.example/mcp'), answer);
    expect([verdict.status, verdict.seen]).toEqual(['problem', 'answers without a token']);
  });

  test('without a token it says what it could not look at', async () => {
    const gateway = await startGateway({ auth: auth() });
    const { report, say, solve } = await examine({ url: gateway.url });
    expect(say('token')).toBe('warning: no token was given, so only what is public was looked at');
    expect(say('protected-resource')).toBe('warning: no protected-resource metadata');
    expect(solve('protected-resource')).toContain(`"resource_url": "${gateway.url}"`);
    expect(report.checks.some(({ id }) => id === 'tools')).toBe(false);
    await gateway.close();
  });

  test.each<[string, JWTPayload, object, string, string]>([
    ['expired', { exp: now() - 720 }, {}, 'problem: 401 Unauthorized: the token has expired', ''],
    [
      'of another audience',
      { aud: 'billing' },
      {},
      "problem: 401 Unauthorized: the claim 'aud' of the token is not accepted",
      'its audience is billing',
    ],
    [
      'of another issuer',
      { iss: 'https://evil.example' },
      {},
      "problem: 401 Unauthorized: the claim 'iss' of the token is not accepted",
      'the token comes from https://evil.example',
    ],
    [
      'without scopes',
      { scope: 'mail' },
      { required_scopes: ['mcp', 'tools'] },
      'problem: 403 Forbidden: the token lacks mcp, tools',
      'asks for mcp tools; the token has mail',
    ],
  ])('a token %s', async (_, claims, more, seen, advice) => {
    const gateway = await startGateway({ auth: auth(more) });
    const token = await issuer.sign(claims);
    const { report, say, solve } = await examine({ url: gateway.url }, { MCP_GATEWAY_TOKEN: token });
    expect(say('admission')).toBe(seen);
    expect(solve('admission')).toContain(advice);
    for (const part of token.split('.')) expect(JSON.stringify(report)).not.toContain(part);
    await gateway.close();
  });

  test('what a token says of itself: times always, issuer, audience and algorithm where the configuration is known', async () => {
    const expected = { issuers: ['https://issuer.example/'], audiences: ['mcp'], algorithms: ['RS256'], clockSkew: 30 };
    const seen = async (claims: JWTPayload, header = {}) => {
      const { status, seen } = fits(await issuer.sign(claims, header), expected, Date.now());
      return `${status}: ${seen}`;
    };
    const iss = 'https://issuer.example/';
    expect(await seen({ iss, exp: now() - 720 })).toMatch(/^problem: the token expired 12 minutes ago, at 2/);
    expect(await seen({ iss, nbf: now() + 600 })).toMatch(/^problem: the token is not valid before .*, in 10 minutes$/);
    expect(await seen({ iss, iat: now() + 600 })).toMatch(/^problem: the token is not valid before /);
    expect(await seen({ iss, exp: undefined })).toBe('problem: the token does not say when it expires');
    expect(await seen({ iss: 'https://issuer.example' })).toMatch(/^ok: /);
    expect(await seen({ iss: 'https://other.example' })).toBe(
      'problem: the issuer of the token is https://other.example, expected https://issuer.example/',
    );
    expect(await seen({ iss, aud: ['a', 'b'] })).toBe('problem: the audience of the token is a, b, expected mcp');
    expect(await seen({ iss, exp: now() + 20 })).toMatch(/^warning: expires in (19|20) s$/);
    expect(await seen({ iss })).toBe('ok: of https://issuer.example/, for mcp, valid for 5 minutes');
    const other = fits(await issuer.sign({ iss }), { ...expected, algorithms: ['ES256'] }, Date.now());
    expect(other.seen).toBe('the token is signed with RS256, expected ES256');
    expect(fits('opaque', expected, Date.now()).status).toBe('ok');
    expect(fits('a.b.c', expected, Date.now()).status).toBe('ok');
  });

  test('metadata that names another address, and authorization servers that clients cannot use', async () => {
    const metadata = (name: string, more = {}) =>
      JSON.stringify({ issuer: name, code_challenge_methods_supported: ['S256'], ...more });
    const servers = await listen((request, response) => {
      const known: Record<string, string> = {
        '/good/.well-known/openid-configuration': metadata(`${servers.url}/good`),
        '/.well-known/oauth-authorization-server/slash': metadata(`${servers.url}/slash/`),
        '/.well-known/oauth-authorization-server/domain': metadata('https://identity.oraclecloud.com/'),
        '/.well-known/oauth-authorization-server/old': metadata(`${servers.url}/old`, {
          code_challenge_methods_supported: [],
        }),
      };
      response.writeHead(known[request.url ?? ''] ? 200 : 404).end(known[request.url ?? '']);
    });
    const authorization_servers = ['good', 'slash', 'domain', 'old'].map((name) => `${servers.url}/${name}`);
    const gateway = await startGateway({
      auth: auth({ resource_url: 'https://mcp.example/mcp', authorization_servers }),
    });
    const found = await examine({ url: gateway.url });
    expect(found.say('protected-resource')).toBe(
      `problem: calls itself https://mcp.example/mcp, which is not ${gateway.url}`,
    );
    expect(
      found.find('authorization-server').map(({ status, seen }) => `${status}: ${seen.replaceAll(servers.url, '')}`),
    ).toEqual([
      'ok: /good can be used by clients',
      'warning: /slash calls itself /slash/',
      'warning: /domain calls itself https://identity.oraclecloud.com/',
      'warning: /old does not say that it supports PKCE with S256',
    ]);
    await gateway.close();
    const absent = await startGateway({
      auth: auth({ resource_url: 'http://127.0.0.1/mcp', authorization_servers: `${servers.url}/none` }),
    });
    expect((await examine({ url: absent.url })).say('authorization-server')).toContain(
      'has no metadata that can be read',
    );
    await Promise.all([absent.close(), servers.close()]);
  });
});

describe('CORS', () => {
  test('an origin that is not listed, and one that is', async () => {
    const gateway = await startGateway({ auth: { enabled: false, cors_origins: ['https://good.example'] } });
    const refused = await examine({ url: gateway.url, origin: 'https://app.example/' });
    expect(refused.say('cors')).toBe(
      'problem: CORS error: the preflight of https://app.example gets HTTP 403 without access-control-allow-origin',
    );
    expect(refused.solve('cors')).toContain('"auth": { "cors_origins": ["https://app.example"] }');
    const allowed = await examine({ url: gateway.url, origin: 'https://good.example' });
    expect(allowed.say('cors')).toBe('ok: pages of https://good.example may call');
    await gateway.close();
  });

  test.each<[string, Record<string, string>, Record<string, string>, number, string]>([
    ['asks preflights for a token', {}, {}, 401, 'pass OPTIONS on to the gateway without authentication'],
    [
      'keeps headers back',
      { 'access-control-allow-origin': '*', 'access-control-allow-headers': 'content-type' },
      {},
      204,
      'to its allowed headers',
    ],
    [
      'drops the headers of answers',
      { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' },
      {},
      204,
      'pass access-control-allow-origin',
    ],
    [
      'hides the session',
      { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' },
      { 'access-control-allow-origin': '*' },
      204,
      'add Mcp-Session-Id',
    ],
  ])('a proxy that %s', async (_, preflight, answer, status, advice) => {
    const listener: RequestListener = (request, response) => {
      if (request.method === 'OPTIONS') return void response.writeHead(status, preflight).end();
      response.writeHead(401, answer).end('{"jsonrpc":"2.0","error":{"code":-32000,"message":"a token is needed"}}');
    };
    const { say, solve } = await look(listener, '/mcp', { origin: 'https://app.example' });
    expect(say('cors')).toMatch(/^problem: CORS error: /);
    expect(solve('cors')).toContain(advice);
  });
});

describe('what it offers', () => {
  test('no tools, since no backend is connected; and each backend with its reason', async () => {
    const gateway = await startGateway({
      gateway_tools: { enabled: true },
      backends: [
        { name: 'closed', url: 'http://127.0.0.1:1/mcp' },
        { name: 'program', command: 'no-such-program' },
      ],
    });
    await gateway.waitFor('closed', 'down');
    await gateway.waitFor('program', 'down');
    const { say, solve } = await examine({ url: gateway.url });
    expect(say('readiness')).toBe('problem: unavailable: 0 of 2 backends connected');
    expect(say('tools')).toBe("problem: no tools found but the gateway's own");
    expect(solve('tools')).toContain('no backend is connected: closed, program');
    expect(say('backend-state', 'backend closed')).toBe('problem: down: connection refused');
    expect(solve('backend-state', 'backend program')).toContain('gives its whole path'.replace('gives', 'give'));
    await gateway.close();
  });

  test('no tools, since scopes hide them from this caller', async () => {
    const server = await startHttpServer('s');
    const gateway = await startGateway({
      auth: { enabled: true, static_tokens: { 'token-of-ada': { client_id: 'ada' } }, tool_scopes: { 's_*': ['all'] } },
      backends: [{ name: 's', url: server.url }],
    });
    await gateway.waitFor('s', 'connected');
    const { say, solve } = await examine({ url: gateway.url }, { MCP_GATEWAY_TOKEN: 'token-of-ada' });
    expect(say('admission')).toBe('ok: the token is accepted');
    expect(say('tools')).toBe('problem: no tools found');
    expect(solve('tools')).toContain('tool_scopes hides them from the scopes of this token');
    expect(say('backend-state')).toMatch(/^ok: connected, \d+ tools$/);
    await Promise.all([gateway.close(), server.close()]);
  });

  test('a proxy that collects streams, and one that drops headers', async () => {
    const gateway = await startGateway({});
    const proxy: RequestListener = async (request, response) => {
      // Nothing comes of a stream until it has ended.
      if (request.method === 'GET' && request.url === '/mcp') return;
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const headers = Object.fromEntries(
        Object.entries(request.headers).filter(([name]) => /^(accept|content-type|mcp-session-id)$/.test(name)),
      ) as Record<string, string>;
      const body = chunks.length > 0 ? Buffer.concat(chunks) : undefined;
      const answer = await fetch(gateway.origin + request.url, { method: request.method, headers, body });
      response.writeHead(
        answer.status,
        Object.fromEntries([...answer.headers].filter(([name]) => /^(content-type|mcp)/.test(name))),
      );
      response.end(await answer.text());
    };
    const { say, solve } = await look(proxy, '/mcp', { timeout: '3' });
    expect(say('handshake')).toMatch(/^(ok|warning): speaks MCP 2025-11-25/);
    expect(say('stream')).toBe('warning: no stream begins within 2 s');
    expect(solve('stream')).toContain('proxy_buffering off');
    await gateway.close();
  });

  test('a server that refuses the handshake', async () => {
    const { say } = await look((_, response) => {
      response.setHeader('content-type', 'application/json');
      response.end('{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"broken"}}');
    });
    expect(say('handshake')).toMatch(/^problem: no MCP handshake: /);
  });
});
