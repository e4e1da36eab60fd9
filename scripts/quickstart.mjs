// Runs the quickstart on this machine, as `cdktf-oci-mcp dev` runs any project.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { sampleCalls } from '../examples/quickstart/sample-calls.mjs';
import { root } from './setup.mjs';

const require = createRequire(import.meta.url);
const cli = join(root, 'lib', 'dist', 'cli');
const directory = join(root, 'examples', 'quickstart');

/**
 * @param check Whether to call one tool on every backend and stop, in place of running until interrupted.
 * @throws when something does not start, or a backend does not answer
 */
export async function runQuickstart({ check }) {
  const interrupted = new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, resolve);
  });
  const session = openSession(check);
  const start = async () => {
    console.log('\nStarting on this machine');
    await session.start();
    for (const stack of session.folder.stacks) printStack(stack);
    const { url, backends } = session.ready;
    console.log(`\nGateway  ${url}`);
    for (const { name, tools } of backends) console.log(`  ${name.padEnd(10)} ${tools.join(', ')}`);
    const missing = backends.filter(({ tools }) => tools.length === 0).map(({ name, how }) => `${name} (${how})`);
    if (missing.length > 0) throw new Error(`no tools from ${missing.join(', ')}`);
    if (check) await callEveryBackend(url, session.token, backends);
    else printSnippet(url, session.token);
  };
  try {
    await Promise.race([start(), interrupted.then(() => Promise.reject(new Error('interrupted')))]);
    if (check) return;
    const ended = await Promise.race([interrupted.then(() => undefined), session.gatewayEnded]);
    if (ended !== undefined) throw new Error(`the gateway ended with ${ended}`);
  } finally {
    await session.stop();
  }
}

/** A session of the command line's `dev`, which remembers what it told at its start. */
function openSession(check) {
  const { DevSession } = require(join(cli, 'dev', 'dev-session.js'));
  const { findProject } = require(join(cli, 'project.js'));
  const { Terminal } = require(join(cli, 'terminal.js'));
  const terminal = new Terminal({ out: process.stdout, err: process.stderr, env: process.env });
  const session = new DevSession({
    project: findProject({ project: directory }),
    terminal,
    env: process.env,
    port: check ? 0 : undefined,
    onEvent: (event) => {
      if (event.event === 'ready') session.ready = event;
      if (event.event === 'failed') console.error(`${event.backend ?? 'quickstart'}: ${event.reason}`);
      if (event.event === 'reloaded') console.log('\nStarted again with what has changed');
    },
  });
  return session;
}

function printStack({ name, json: { resource = {} } }) {
  const kinds = Object.entries(resource).map(([kind, all]) => [kind, Object.keys(all).length]);
  const total = kinds.reduce((sum, [, count]) => sum + count, 0);
  console.log(`\nStack ${name} would create ${total} resources`);
  for (const [kind, count] of kinds) console.log(`  ${String(count).padStart(3)}  ${kind}`);
}

async function callEveryBackend(url, token, backends) {
  console.log('\nOne call to each backend, through the gateway');
  const client = new Client({ name: 'quickstart', version: '1.0.0' });
  const headers = { Authorization: `Bearer ${token}` };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  try {
    for (const { name } of backends) {
      const call = sampleCalls[name];
      if (!call) throw new Error(`examples/quickstart/sample-calls.mjs names no call for backend ${name}`);
      const tool = `${name}_${call.tool}`;
      const result = await client.callTool({ name: tool, arguments: call.arguments });
      const text = result.content.map((part) => part.text).join(' ');
      if (result.isError) throw new Error(`${tool} answered with an error: ${text}`);
      console.log(`  ${tool}(${JSON.stringify(call.arguments)})\n    ${text}`);
    }
  } finally {
    await client.close();
  }
  console.log(`\nAll ${backends.length} backends answered.`);
}

function printSnippet(url, token) {
  const headers = { Authorization: `Bearer ${token}` };
  const snippet = { mcpServers: { 'oci-quickstart': { type: 'http', url, headers } } };
  console.log(`\nFor your MCP client:\n${JSON.stringify(snippet, null, 2)}\n\nCtrl+C stops everything.`);
}
