import { SignJWT } from 'jose';
import { type CliGateway, runCli, startCli } from '../../helpers/gateway-cli.js';
import { makeDirectory, type TestDirectory } from '../../helpers/gateway-directory.js';
import { makeIssuerKey } from '../../helpers/gateway-jwt.js';

let directory: TestDirectory;
let auth: object;
let tokenWith: (scope: string) => Promise<string>;

beforeAll(async () => {
  directory = makeDirectory();
  const { publicKey, privateKey } = await makeIssuerKey();
  auth = { jwt_public_key: publicKey, jwt_issuer: 'https://id.example', jwt_audience: 'mcp' };
  tokenWith = (scope) =>
    new SignJWT({ client_id: 'ada', scope })
      .setProtectedHeader({ alg: 'RS256' })
      .setSubject('ada')
      .setIssuer('https://id.example')
      .setAudience('mcp')
      .setExpirationTime('1h')
      .sign(privateKey);
});

afterAll(() => directory.remove());

const configFile = (config: object) => directory.write('gateway.json', { backends: [], ...config });

async function statusOf({ origin }: CliGateway, path: string, headers: Record<string, string> = {}): Promise<number> {
  return (await fetch(origin + path, { headers })).status;
}

const subjects = ['overview', 'sessions', 'activity', 'configuration', 'audit'];

test('with auth, the page is everybody’s, and what it shows is for those with the scope', async () => {
  const gateway = await startCli(['--config', configFile({ auth, console: { required_scopes: ['operations'] } })]);
  const page = await fetch(`${gateway.origin}/console`);
  expect(page.status).toBe(200);
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'");
  const [operator, other] = [await tokenWith('operations'), await tokenWith('something')];
  for (const subject of subjects) {
    const path = `/console/api/${subject}`;
    expect(await statusOf(gateway, path)).toBe(401);
    expect(await statusOf(gateway, path, { authorization: `Bearer ${other}` })).toBe(403);
    expect(await statusOf(gateway, path, { authorization: `Bearer ${operator}` })).toBe(200);
  }
});

test('where no other machine comes, it is there unasked; anywhere else it is not', async () => {
  const open = configFile({ auth: { enabled: false } });
  expect(await statusOf(await startCli(['--config', open]), '/console')).toBe(200);
  const everywhere = await startCli(['--config', open, '--host', '0.0.0.0']);
  expect(await statusOf(everywhere, '/console')).toBe(404);
  const off = await startCli(['--config', configFile({ auth: { enabled: false }, console: { enabled: false } })]);
  expect(await statusOf(off, '/console')).toBe(404);
  const guarded = await startCli(['--config', configFile({ auth })]);
  expect(await statusOf(guarded, '/console')).toBe(404);
});

test.each([
  [
    'without saying for whom',
    { auth: true, console: { enabled: true } },
    'console.required_scopes: say which scopes it needs',
  ],
  [
    'open to everybody',
    { auth: false, host: '0.0.0.0', console: { enabled: true } },
    'console.enabled: everybody who reaches 0.0.0.0',
  ],
  [
    'where MCP is',
    { auth: false, path: '/console', console: { enabled: true } },
    'path: the console is served at /console',
  ],
])('a console %s is refused', async (_, { auth: hasAuth, ...config }, message) => {
  const file = configFile({ host: '127.0.0.1', ...config, auth: hasAuth ? auth : { enabled: false } });
  const { code, stderr } = await runCli(['--check', '--config', file]);
  expect({ code, stderr }).toEqual({ code: 78, stderr: expect.stringContaining(message) });
});

test('pages of others, other methods and other paths get nothing', async () => {
  const gateway = await startCli(['--config', configFile({ auth: { enabled: false } })]);
  expect(await statusOf(gateway, '/console/api/overview', { origin: 'https://evil.example' })).toBe(403);
  expect((await fetch(`${gateway.origin}/console/api/overview`, { method: 'POST' })).status).toBe(405);
  for (const path of [
    '/console/../main.js',
    '/console/%2e%2e/main.js',
    '/console/api/constructor',
    '/console/toString',
  ]) {
    expect(await statusOf(gateway, path)).toBe(404);
  }
});

test('what a session is called is not told, nor what is secret in the configuration', async () => {
  const secret = 'a-secret-that-nobody-may-see';
  const backend = { name: 'b', transport: 'stdio', command: 'true', env: { TOKEN: secret } };
  const gateway = await startCli(['--config', configFile({ auth: { enabled: false }, backends: [backend] })]);
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } };
  const response = await fetch(`${gateway.origin}/mcp`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params }),
  });
  const id = response.headers.get('mcp-session-id') as string;
  const texts = subjects.map(async (subject) => (await fetch(`${gateway.origin}/console/api/${subject}`)).text());
  const all = (await Promise.all(texts)).join('\n');
  expect(all).toContain(id.slice(0, 8));
  expect(all).not.toContain(id);
  expect(all).not.toContain(secret);
});
