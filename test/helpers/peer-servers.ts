import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { closeAtEnd } from './gateway-servers.js';
import type { PeerTarget } from './peer-client.js';
import { pythonOf } from './python.js';

const peers = join(__dirname, '../gateway-runtime/peers');
const python = join(__dirname, '../python');

/** Options of an interpreter that leaves no files behind and says nothing of what is deprecated. */
export const quiet = ['-B', '-W', 'ignore'] as const;

/** Programs that serve everything in `sink.json`, by the SDK they are written with. */
const programs = {
  'typescript-1': [process.execPath, join(peers, 'sink-v1.mjs')],
  'typescript-2': [process.execPath, join(peers, 'sink-v2.mjs')],
  'python-1': [pythonOf('mcp-1'), ...quiet, join(python, 'sink_mcp1.py')],
  'python-2': [pythonOf('mcp-2'), ...quiet, join(python, 'sink_mcp2.py')],
  fastmcp: [pythonOf('fastmcp'), ...quiet, join(python, 'sink_fastmcp.py')],
} as const;

/** The SDK of a server. */
export type ServerSdk = keyof typeof programs;

/** A server as a child of whoever connects to it. */
export function stdioServer(sdk: ServerSdk): Extract<PeerTarget, { transport: 'stdio' }> {
  const [command, ...args] = programs[sdk];
  return { transport: 'stdio', command, args: [...args, 'stdio'] };
}

/** Starts a server that serves Streamable HTTP at `/mcp` and, where its SDK can, HTTP+SSE at `/sse`. @returns its origin */
export async function startPeerServer(sdk: ServerSdk): Promise<string> {
  const [command, ...args] = programs[sdk];
  return `http://127.0.0.1:${await portOf(spawnPeer(command, args))}`;
}

/** Starts a program that ends with the tests. What it says on standard error is shown. */
export function spawnPeer(command: string, args: readonly string[], env?: NodeJS.ProcessEnv): ChildProcess {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'inherit'] });
  closeAtEnd(async () => child.kill('SIGKILL'));
  return child;
}

/** The port on which a program says that it listens, in the first line of its standard output. */
export function portOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.once('exit', (code) => reject(new Error(`the program ended with ${code}: ${text}`)));
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('\n')) resolve(JSON.parse(text.slice(0, text.indexOf('\n'))).port);
    });
  });
}
