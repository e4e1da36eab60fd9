import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { clientConfiguration, clientNames } from '../../../gateway-runtime/src/clients/index.js';
import { runCli } from '../../helpers/gateway-cli.js';
import { makeDirectory, type TestDirectory } from '../../helpers/gateway-directory.js';

const url = 'https://mcp.example.com/mcp';

interface Told {
  readonly client: string;
  readonly source: string;
  readonly snippets: readonly { readonly language: string; readonly text: string }[];
}

async function told(...args: string[]): Promise<Told[]> {
  const { code, stdout, stderr } = await runCli(['clients', '--json', ...args]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

const first = (all: readonly Told[], client: string) =>
  all.find((each) => each.client === client)?.snippets[0]?.text as string;

const secret = 'a-secret-that-nobody-may-see';

let directory: TestDirectory;
beforeAll(() => {
  directory = makeDirectory();
});
afterAll(() => directory.remove());

const configFile = (config: object) => directory.write('gateway.json', { backends: [], ...config });

test('every client is told, with a page of its makers', async () => {
  const all = await told(url);
  expect(all.map(({ client }) => client)).toEqual(clientNames);
  for (const { source, snippets } of all) {
    expect(source).toMatch(/^https:\/\//);
    expect(snippets.map(({ text }) => text).join()).toContain('mcp.example.com');
  }
});

test.each([
  [
    'a public URL and an issuer',
    {
      resource_url: url,
      jwt_issuer: 'https://id.example',
      jwt_audience: 'mcp',
      jwt_jwks_uri: 'https://id.example/jwks',
    },
    url,
    'none',
  ],
  ['static tokens', { static_tokens: { [secret]: { client_id: 'a' } } }, 'http://localhost:9000/mcp', 'token'],
  ['no auth', { enabled: false }, 'http://localhost:9000/mcp', 'none'],
])('a configuration with %s says where the gateway is and what it asks for', async (_, auth, expected, header) => {
  const file = configFile({ auth });
  const all = await told('--config', file);
  expect(JSON.stringify(all)).not.toContain(secret);
  const { oci } = JSON.parse(first(all, 'cursor')).mcpServers;
  const headers = { headers: { Authorization: 'Bearer ${env:MCP_GATEWAY_TOKEN}' } };
  expect(oci).toEqual({ url: expected, ...(header === 'token' && headers) });
});

test('a view, a name, a variable and the ways of a client to log in can be chosen', async () => {
  const file = configFile({ host: '127.0.0.1', auth: { resource_url: url }, views: { logs: { backends: [] } } });
  const more = ['--view', 'logs', '--name', 'acme', '--token-env', 'ACME', '--client-auth', 'token'];
  const [code] = await told('--config', file, '--for', 'claude-code', ...more);
  expect(JSON.parse(code?.snippets[0]?.text as string)).toEqual({
    mcpServers: { acme: { type: 'http', url: `${url}/logs`, headers: { Authorization: 'Bearer ${ACME}' } } },
  });
});

test.each([
  ['https://mcp.example.com/mcp', 'https://mcp.example.com/api/v1/openapi.json'],
  ['https://mcp.example.com/team/mcp', 'https://mcp.example.com/team/api/v1/openapi.json'],
  ['https://mcp.example.com/mcp/logs', 'https://mcp.example.com/api/v1/views/logs/openapi.json'],
  ['https://mcp.example.com/elsewhere', 'https://mcp.example.com/api/v1/openapi.json'],
])('of %s, Actions are told %s', (at, expected) => {
  const { snippets } = clientConfiguration('chatgpt', { name: 'oci', url: at, auth: 'none' });
  expect(snippets.map(({ text }) => text).join()).toContain(expected);
});

test('links hold what the files say', async () => {
  const all = await told(url, '--for', 'vscode', '--for', 'cursor');
  const [code, cursor] = all.map(({ snippets }) => snippets.find(({ language }) => language === 'uri')?.text as string);
  const [, installed] = (code as string).split('vscode:mcp/install?');
  expect(JSON.parse(decodeURIComponent(installed as string))).toEqual({ name: 'oci', type: 'http', url });
  const config = new URL(cursor as string).searchParams.get('config') as string;
  expect(JSON.parse(Buffer.from(config, 'base64').toString())).toEqual({ url });
});

test('clients that only call over the internet are not told a program', async () => {
  const all = await told('--stdio', '--config', configFile({}));
  const without = all.filter(({ snippets }) => snippets.length === 0).map(({ client }) => client);
  expect(without).toEqual(['chatgpt', 'openai']);
  const { stdout } = await runCli(['clients', '--stdio', '--for', 'openai', '--config', configFile({})]);
  expect(stdout).toContain('It cannot use the gateway in this way.');
});

test('what cannot be told is said, all at once', async () => {
  const { code, stderr } = await runCli([
    'clients',
    'ftp://x',
    ...['--for', 'emacs', '--name', '9', '--client-auth', 'magic', '--token-env', 'a b', '--stdio', '--view', 'v'],
  ]);
  expect(code).toBe(78);
  expect(
    stderr
      .trim()
      .split('\n')
      .map((line) => line.split(':')[0]),
  ).toEqual(['--for', '--name', '--client-auth', '--token-env', 'URL', '--stdio', '--view']);
});

test('the documentation shows what is printed', () => {
  const page = readFileSync(join(__dirname, '../../../docs/clients.md'), 'utf8');
  const program = [
    'node',
    '/opt/cdktf-oci-mcp/gateway-runtime/dist/main.js',
    '--stdio',
    '--config',
    '/etc/mcp/gateway.json',
  ];
  const shown = [
    clientConfiguration('vscode', { name: 'oci', url, auth: 'token' }),
    clientConfiguration('claude-desktop', { name: 'oci', url, auth: 'none', command: program }),
  ];
  for (const { snippets } of shown) expect(page).toContain(`\`\`\`json\n${snippets[0]?.text}\n\`\`\``);
  for (const client of clientNames) expect(page).toContain(`| \`${client}\` |`);
});

test('a URL with a password in it is refused, and not repeated', async () => {
  const { code, stderr } = await runCli(['clients', `https://user:${secret}@mcp.example.com/mcp`]);
  expect(code).toBe(78);
  expect(stderr).not.toContain(secret);
});

test('a view that is not there is named together with those that are', async () => {
  const { code, stderr } = await runCli([
    'clients',
    '--view',
    'x',
    '--config',
    configFile({ host: '127.0.0.1', views: { logs: { backends: [] } } }),
  ]);
  expect({ code, stderr }).toEqual({
    code: 78,
    stderr: '--view: expected a view of the configuration (logs), got "x"\n',
  });
});
