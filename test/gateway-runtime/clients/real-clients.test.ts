import { join } from 'node:path';
import { Client as ClientV2, StreamableHTTPClientTransport as HttpTransportV2 } from '@modelcontextprotocol/client';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { SignJWT } from 'jose';
import { type ClientName, clientConfiguration } from '../../../gateway-runtime/src/clients/index.js';
import { type CliGateway, runCli, startCli } from '../../helpers/gateway-cli.js';
import { makeDirectory, type TestDirectory } from '../../helpers/gateway-directory.js';
import { until } from '../../helpers/gateway-instance.js';
import { makeIssuerKey } from '../../helpers/gateway-jwt.js';

const root = join(__dirname, '../../..');
const notes = {
  name: 'notes',
  transport: 'stdio',
  command: process.execPath,
  args: [join(__dirname, '../fixtures/notes-server.mjs')],
};
const info = { name: 'test', version: '1.0.0' };

let directory: TestDirectory;
let gateway: CliGateway;
let token: string;

beforeAll(async () => {
  directory = makeDirectory();
  const { publicKey, privateKey } = await makeIssuerKey();
  const claims = new SignJWT({ client_id: 'a' }).setProtectedHeader({ alg: 'RS256' }).setSubject('a');
  token = await claims.setIssuer('https://id.example').setAudience('mcp').setExpirationTime('1h').sign(privateKey);
  const auth = { jwt_public_key: publicKey, jwt_issuer: 'https://id.example', jwt_audience: 'mcp' };
  gateway = await startCli(['--config', directory.write('gateway.json', { auth, backends: [notes] })]);
  await until(async () => (await fetch(`${gateway.origin}/ready`)).ok, 'the backend');
});

afterAll(() => {
  gateway.process.kill();
  directory.remove();
});

const snippetsFor = (client: ClientName) =>
  clientConfiguration(client, { name: 'oci', url: `${gateway.origin}/mcp`, auth: 'token' }).snippets;

/** The file of a client, with the token where the client puts it. @param variable As it writes the one with the token. */
function fileOf(client: ClientName, variable: string) {
  const text = snippetsFor(client).find(({ language }) => language === 'json')?.text as string;
  expect(text).toContain(variable);
  return JSON.parse(text.replaceAll(variable, token));
}

interface HttpServer {
  readonly url?: string;
  /** What Gemini CLI calls it. */
  readonly httpUrl?: string;
  readonly headers: Record<string, string>;
}

const servers: [name: ClientName, variable: string, key: string][] = [
  ['claude-code', '${MCP_GATEWAY_TOKEN}', 'mcpServers'],
  ['cline', '<token>', 'mcpServers'],
  ['vscode', '${input:mcp-gateway-token}', 'servers'],
  ['cursor', '${env:MCP_GATEWAY_TOKEN}', 'mcpServers'],
  ['gemini', '${MCP_GATEWAY_TOKEN}', 'mcpServers'],
  ['inspector', '<token>', 'mcpServers'],
];

test.each(servers)('the official SDKs get to the tools with what the file of %s says', async (name, variable, key) => {
  const { url, httpUrl, headers }: HttpServer = fileOf(name, variable)[key].oci;
  const endpoint = new URL((url ?? httpUrl) as string);
  const v1 = new Client(info);
  await v1.connect(new StreamableHTTPClientTransport(endpoint, { requestInit: { headers } }) as never);
  const v2 = new ClientV2(info);
  await v2.connect(new HttpTransportV2(endpoint, { requestInit: { headers } }));
  for (const client of [v1, v2]) {
    expect((await client.listTools()).tools.map((tool) => tool.name)).toContain('notes_write');
    await client.close();
  }
  await expect(new Client(info).connect(new StreamableHTTPClientTransport(endpoint) as never)).rejects.toThrow(
    'a token is needed',
  );
});

test('mcp-remote gets to the tools with what the file of Claude Desktop says', async () => {
  const { command, args, env } = fileOf('claude-desktop', '<token>').mcpServers.oci;
  // npx would look for it where the test runs, too.
  const [, program, ...rest] = args;
  expect([command, program]).toEqual(['npx', 'mcp-remote']);
  const client = new Client(info);
  const bin = join(root, 'node_modules/.bin/mcp-remote');
  const home = { HOME: directory.path, PATH: process.env.PATH as string };
  await client.connect(
    new StdioClientTransport({ command: bin, args: rest, env: { ...home, ...env }, stderr: 'ignore' }),
  );
  expect((await client.listTools()).tools.map((tool) => tool.name)).toContain('notes_write');
  await client.close();
});

test.each<ClientName>(['claude-desktop', 'claude-code', 'cursor', 'vscode', 'gemini'])(
  'a gateway starts from what the file of %s says for stdio',
  async (name) => {
    const config = directory.write('local.json', { backends: [notes] });
    const { stdout } = await runCli(['clients', '--stdio', '--for', name, '--json', '--config', config]);
    const file = JSON.parse(JSON.parse(stdout)[0].snippets[0].text);
    const { command, args } = (file.mcpServers ?? file.servers).oci;
    const client = new Client(info);
    await client.connect(new StdioClientTransport({ command, args, stderr: 'ignore' }));
    expect((await client.listTools()).tools.map((tool) => tool.name)).toContain('notes_write');
    await client.close();
  },
);
