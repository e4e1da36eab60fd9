// What is measured: nothing in between, a proxy that looks at nothing, the gateway, and whatever else stands in front of the
// same servers.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exportSPKI, generateKeyPair, SignJWT } from 'jose';
import { Processes } from '../processes.mjs';
import { root } from '../setup.mjs';
import { pinned } from './machine.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const main = join(root, 'gateway-runtime/dist/main.js');
const stdioServer = join(here, 'stdio-backend.mjs');
const port = /listening on (\d+)/;

/** Processor of the servers and of the load; the other one is for what is measured. */
export const otherProcessor = 1;
const measuredProcessor = 0;
const allProcessors = `${measuredProcessor},${otherProcessor}`;

/** Names of the gateway's backends, by how they answer. */
const names = { json: 'b', sse: 's', stdio: 'o' };

/**
 * Everything that a measured call needs to know of a subject: `urls` by how the server behind it answers, `toolOf` its names of
 * tools, `pid` where it is a process, and `token` where it wants one.
 */
export class Subjects {
  #processes = new Processes();
  #directory = mkdtempSync(join(tmpdir(), 'mcp-bench-'));
  #key;
  #token;

  /** Starts the server behind all of them. */
  async start() {
    const [command, args] = pinned(otherProcessor, process.execPath, [join(here, 'backend.mjs')]);
    const backend = this.#processes.start('the server', command, args);
    this.backend = `http://127.0.0.1:${await backend.untilItPrints(port)}`;
    const { privateKey, publicKey } = await generateKeyPair('RS256');
    this.#key = join(this.#directory, 'public.pem');
    writeFileSync(this.#key, await exportSPKI(publicKey));
    const claims = { client_id: 'bench', scope: 'call' };
    const token = new SignJWT(claims).setProtectedHeader({ alg: 'RS256' }).setIssuer('https://issuer.example');
    this.#token = await token.setAudience('mcp').setSubject('bench').setExpirationTime('2h').sign(privateKey);
  }

  direct() {
    return { name: 'direct', urls: this.#pathsAt(this.backend), toolOf: (tool) => tool };
  }

  async floor() {
    const running = this.#run('proxy', process.execPath, [join(here, 'proxy.mjs'), this.backend]);
    const origin = `http://127.0.0.1:${await running.untilItPrints(port)}`;
    return { name: 'bare proxy', pid: running.pid, urls: this.#pathsAt(origin), toolOf: (tool) => tool };
  }

  /** The gateway without auth, and without anything else that could be switched on. */
  openGateway() {
    return this.#gateway('gateway, open', { auth: { enabled: false }, enable_audit_log: false });
  }

  /** The gateway with all that a production one has. @param config What it has beside. */
  guardedGateway(config, processors = measuredProcessor) {
    const auth = {
      jwt_public_key_file: this.#key,
      jwt_issuer: 'https://issuer.example',
      jwt_audience: 'mcp',
      required_scopes: ['call'],
    };
    const limits = { client: { calls_per_minute: 1_000_000, burst: 1_000_000, concurrency: 10_000 } };
    const audit = { stdout: false, file: { path: join(this.#directory, 'audit.jsonl') } };
    const sealing = { key: 'not a secret, and long enough to be one' };
    return this.#gateway('gateway, guarded', { auth, limits, audit, sealing, ...config }, this.#token, processors);
  }

  /** The gateway as so many processes, which share the processors with the load. Limits of its own it cannot have. */
  workers(count) {
    const alone = [{ name: names.json, url: `${this.backend}/mcp/json` }];
    return this.guardedGateway({ backends: alone, limits: undefined, workers: count }, allProcessors);
  }

  /** The same in front of so many servers. */
  gatewayOf(backends) {
    const all = Array.from({ length: backends }, (_, index) => ({
      name: `b${index}`,
      url: `${this.backend}/b${index}/json`,
    }));
    return this.guardedGateway({ backends: all, page_size: 10_000 });
  }

  /** A program of somebody else, as a file of peers tells of it. */
  async peer({ name, command, config, endpoint = '/mcp', tool = 'echo', in_front_of: kind = 'json' }) {
    const values = {
      port: await freePort(),
      backend: `${this.backend}/mcp/${kind}`,
      stdio: stdioServer,
      node: process.execPath,
      config: join(this.#directory, `${name.replace(/\W+/g, '-')}.json`),
    };
    const filled = (text) => text.replace(/\{(\w+)\}/g, (whole, key) => String(values[key] ?? whole));
    if (config !== undefined) writeFileSync(values.config, filled(JSON.stringify(config, null, 2)));
    const [program, ...args] = command.map(filled);
    const running = this.#run(name, program, args);
    await Promise.race([untilItTakesConnections(values.port), running.failed]);
    const urls = { [kind]: `http://127.0.0.1:${values.port}${endpoint}` };
    // Many a program has a port before it has its servers.
    await new Promise((resolve) => setTimeout(resolve, 2000));
    return { name, pid: running.pid, urls, toolOf: (asked) => (asked === 'echo' ? tool : asked) };
  }

  /** Stops one of them. */
  stop({ running }) {
    return running.stop();
  }

  async close() {
    await this.#processes.stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #pathsAt(origin) {
    return { json: `${origin}/mcp/json`, sse: `${origin}/mcp/sse` };
  }

  async #gateway(name, config, token, processors) {
    const backends = [
      { name: names.json, url: `${this.backend}/mcp/json` },
      { name: names.sse, url: `${this.backend}/mcp/sse` },
      { name: names.stdio, transport: 'stdio', command: process.execPath, args: [stdioServer] },
    ];
    const all = { host: '127.0.0.1', port: 0, backends, ...config };
    const file = join(this.#directory, `${name.replace(/\W+/g, '-')}.json`);
    writeFileSync(file, JSON.stringify(all));
    const running = this.#run(name, process.execPath, [main, '--config', file, '--no-watch'], processors);
    const url = `http://127.0.0.1:${await running.untilItPrints(/"port":(\d+)/)}/mcp`;
    return {
      ...{ name, running, token, pid: running.pid },
      urls: { json: url, sse: url, stdio: url },
      toolOf: (tool, kind) => `${names[kind]}_${tool}`,
      untilConnected: () => untilConnected(url, all.backends.length),
    };
  }

  #run(name, command, args, processors = measuredProcessor) {
    return this.#processes.start(name, ...pinned(processors, command, args));
  }
}

/** How many tools the server was asked for, or how many messages it got. */
export async function requestsAt(backend, which = 'calls') {
  return Number(await (await fetch(`${backend}/requests/${which}`)).text());
}

async function untilConnected(url, count) {
  const ready = new URL('/ready', url);
  for (;;) {
    const { backends } = await (await fetch(ready)).json();
    if (backends.filter(({ state }) => state === 'connected').length === count) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port: free } = server.address();
      server.close(() => resolve(free));
    });
  });
}

async function untilItTakesConnections(port) {
  const end = Date.now() + 30_000;
  while (Date.now() < end) {
    const answered = await fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      ({ cause }) => cause?.code !== 'ECONNREFUSED',
    );
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing listens on port ${port} after 30 s`);
}
