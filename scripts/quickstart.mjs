// Runs the quickstart's gateway on this machine, with the configuration that the stack rendered.
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { httpServer, imageFiles, sampleCalls } from '../examples/quickstart/local.mjs';
import { Processes } from './processes.mjs';
import { root, step } from './setup.mjs';
import { readStacks } from './synthesized.mjs';

const tsx = join(root, 'node_modules', '.bin', 'tsx');
const gatewayMain = join(root, 'gateway-runtime', 'dist', 'main.js');

/**
 * @param check Whether to call one tool on every backend and stop, in place of running until interrupted.
 * @throws when something does not start, or a backend does not answer
 */
export async function runQuickstart({ check }) {
  await step('synthesizing examples/quickstart', tsx, ['examples/quickstart/main.ts'], { CDKTF_OUTDIR: 'cdktf.out' });
  const stacks = readStacks(join(root, 'cdktf.out'));
  for (const stack of stacks) printStack(stack);
  const { config, backends } = stacks.flatMap((stack) => Object.values(stack.gateways))[0];

  const processes = new Processes();
  const folder = mkdtempSync(join(tmpdir(), 'oci-mcp-gateway-'));
  const cleanUp = async () => {
    await processes.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  const start = async () => {
    console.log('\nStarting on this machine');
    const token = randomBytes(24).toString('base64url');
    const local = await Promise.all(backends.map((backend) => standIn(backend, processes)));
    writeConfiguration(folder, { config, backends: local, token });
    const url = await startGateway(folder, { port: check ? 0 : config.port, path: config.path, processes });
    await useGateway(url, token, { backends: local, check });
  };
  const interruption = processes.interrupted.then(() => {
    throw new Error('interrupted');
  });
  try {
    await Promise.race([start(), interruption]);
    if (!check) await processes.untilInterrupted();
  } finally {
    await cleanUp();
  }
}

function printStack({ name, resources, gateways }) {
  const total = Object.values(resources).reduce((sum, count) => sum + count, 0);
  console.log(`\nStack ${name} would create ${total} resources`);
  for (const [kind, count] of Object.entries(resources)) console.log(`  ${String(count).padStart(3)}  ${kind}`);
  for (const [gateway, { backends }] of Object.entries(gateways)) {
    console.log(`  gateway ${gateway}, with ${backends.length} backends`);
    for (const { name, transport, url, command, args } of backends) {
      console.log(`       ${name.padEnd(10)} ${transport.padEnd(16)} ${url ?? [command, ...args].join(' ')}`);
    }
  }
}

/** The backend as the stack rendered it, with an address or a program that exists on this machine. */
async function standIn(backend, processes) {
  if (backend.transport === 'stdio') {
    return { ...backend, command: tsx, args: backend.args.map((argument) => imageFiles[argument] ?? argument) };
  }
  const server = processes.start(`server ${backend.name}`, tsx, [httpServer], { MCP_PORT: '0', MCP_PATH: '/mcp' });
  const port = await server.untilItPrints(/listening on port (\d+)/);
  return { ...backend, url: `http://127.0.0.1:${port}/mcp` };
}

/** Writes the files which the ConfigMaps and the Secret would hold. */
function writeConfiguration(folder, { config, backends, token }) {
  const tokensFile = join(folder, 'tokens.json');
  writeFileSync(tokensFile, JSON.stringify({ [token]: { client_id: 'quickstart', scopes: [] } }), { mode: 0o600 });
  const auth = { ...config.auth, static_tokens_file: tokensFile };
  writeFileSync(join(folder, 'gateway.json'), JSON.stringify({ ...config, auth }));
  mkdirSync(join(folder, 'backends.d'));
  for (const backend of backends) {
    writeFileSync(join(folder, 'backends.d', `${backend.name}.json`), JSON.stringify(backend));
  }
}

async function startGateway(folder, { port, path, processes }) {
  const gateway = processes.start('gateway', process.execPath, [
    ...[gatewayMain, '--config', join(folder, 'gateway.json'), '--backends-dir', join(folder, 'backends.d')],
    ...['--host', '127.0.0.1', '--port', String(port)],
  ]);
  const listening = await gateway.untilItPrints(/"port":(\d+).*gateway is listening/).catch((error) => {
    if (!error.message.includes('EADDRINUSE')) throw error;
    throw new Error(`port ${port} is taken; end what listens on it, or run with --check, which takes a free one`);
  });
  return `http://127.0.0.1:${listening}${path}`;
}

async function useGateway(url, token, { backends, check }) {
  const client = new Client({ name: 'quickstart', version: '1.0.0' });
  const headers = { Authorization: `Bearer ${token}` };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  try {
    const tools = await toolsOfAll(client, backends);
    console.log(`\nGateway  ${url}`);
    for (const { name } of backends) console.log(`  ${name.padEnd(10)} ${tools.get(name).join(', ')}`);
    if (check) await callEveryBackend(client, backends);
    else printSnippet(url, headers);
  } finally {
    await client.close();
  }
}

/** Every backend's tools, by backend; waits until each of them has joined. */
async function toolsOfAll(client, backends) {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const { tools } = await client.listTools();
    const byBackend = new Map(
      backends.map(({ name }) => [name, tools.map((tool) => tool.name).filter((tool) => tool.startsWith(`${name}_`))]),
    );
    const missing = backends.filter(({ name }) => byBackend.get(name).length === 0).map(({ name }) => name);
    if (missing.length === 0) return byBackend;
    if (Date.now() > deadline) throw new Error(`no tools from ${missing.join(', ')} within 30 s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function callEveryBackend(client, backends) {
  console.log('\nOne call to each backend, through the gateway');
  for (const { name } of backends) {
    const call = sampleCalls[name];
    if (!call) throw new Error(`examples/quickstart/local.mjs names no call for backend ${name}`);
    const tool = `${name}_${call.tool}`;
    const result = await client.callTool({ name: tool, arguments: call.arguments });
    const text = result.content.map((part) => part.text).join(' ');
    if (result.isError) throw new Error(`${tool} answered with an error: ${text}`);
    console.log(`  ${tool}(${JSON.stringify(call.arguments)})\n    ${text}`);
  }
  console.log(`\nAll ${backends.length} backends answered.`);
}

function printSnippet(url, headers) {
  const snippet = { mcpServers: { 'oci-quickstart': { type: 'http', url, headers } } };
  console.log(`\nFor your MCP client:\n${JSON.stringify(snippet, null, 2)}\n\nCtrl+C stops everything.`);
}
