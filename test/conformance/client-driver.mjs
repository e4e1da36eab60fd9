/**
 * A client for the client scenarios of the conformance suite: it starts the gateway in front of the server whose URL is the
 * last argument, and uses through it whatever that server offers. What is measured is how the gateway speaks to servers.
 *
 *     node test/conformance/client-driver.mjs http://localhost:3000/mcp
 *
 * The gateway has to be built. Of what the suite sets, MCP_CONFORMANCE_PROTOCOL_VERSION chooses the era of the client, and
 * MCP_CONFORMANCE_CONTEXT names the arguments of tools.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Processes } from '../../scripts/processes.mjs';

const gatewayMain = join(dirname(fileURLToPath(import.meta.url)), '../../gateway-runtime/dist/main.js');
const url = process.argv.at(-1);
const { MCP_CONFORMANCE_CONTEXT = '{}', MCP_CONFORMANCE_PROTOCOL_VERSION = '2025-11-25' } = process.env;
const { toolCalls = [] } = JSON.parse(MCP_CONFORMANCE_CONTEXT);

const processes = new Processes();
const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
try {
  await useEverything(await startGateway());
} finally {
  await processes.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function startGateway() {
  const config = join(folder, 'gateway.json');
  writeFileSync(config, JSON.stringify({ backends: [{ name: 'suite', url, namespace_tools: false }] }));
  const args = [gatewayMain, '--config', config, '--no-auth', '--host', '127.0.0.1', '--port', '0'];
  const gateway = processes.start('gateway', process.execPath, args);
  const port = await gateway.untilItPrints(/"port":(\d+).*gateway is listening/);
  const deadline = Date.now() + 10_000;
  while (!(await fetch(`http://127.0.0.1:${port}/ready`)).ok && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return new URL(`http://127.0.0.1:${port}/mcp`);
}

async function useEverything(gateway) {
  const capabilities = { elicitation: { form: { applyDefaults: true } } };
  const mode = MCP_CONFORMANCE_PROTOCOL_VERSION === '2026-07-28' ? { pin: '2026-07-28' } : 'legacy';
  const client = new Client({ name: 'driver', version: '1.0.0' }, { capabilities, versionNegotiation: { mode } });
  client.setRequestHandler('elicitation/create', ({ params }) => {
    const asksToConfirm = params.requestedSchema?.properties?.confirmed;
    return { action: 'accept', content: asksToConfirm ? { confirmed: true } : {} };
  });
  await client.connect(new StreamableHTTPClientTransport(gateway));
  const { tools } = await client.listTools();
  for (const { name } of tools) {
    for (const args of argumentsOf(name, tools)) await client.callTool({ name, arguments: args }).catch(report);
  }
  const { resources, prompts } = client.getServerCapabilities() ?? {};
  for (const { uri } of resources ? (await client.listResources()).resources : []) {
    await client.readResource({ uri }).catch(report);
  }
  for (const { name } of prompts ? (await client.listPrompts()).prompts : []) {
    await client.getPrompt({ name }).catch(report);
  }
  await client.close();
}

function argumentsOf(name, tools) {
  const wanted = toolCalls.filter((call) => call.name === name);
  if (wanted.length > 0) return wanted.map((call) => call.arguments);
  return [{ a: 2, b: 3, region: 'eu', schema: tools[0].inputSchema }];
}

/** What a server refuses is its own affair, unless the suite says otherwise. */
function report(error) {
  console.error(error.message);
}
