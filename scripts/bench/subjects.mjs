// What is measured: nothing in between, a proxy that looks at nothing, and the gateway, each in front of the same server.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exportSPKI, generateKeyPair, SignJWT } from 'jose';
import { Processes } from '../processes.mjs';
import { root } from '../setup.mjs';
import { pinned } from './machine.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const main = join(root, 'gateway-runtime/dist/main.js');
const port = /listening on (\d+)/;

/** Processor of the server and of the load; the other one is for what is measured. */
export const otherProcessor = 1;
const measuredProcessor = 0;

const names = { json: 'b', sse: 's' };

/** Everything that a measured call needs to know of a subject. */
export class Subjects {
  #processes = new Processes();
  #directory = mkdtempSync(join(tmpdir(), 'mcp-bench-'));

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

  #key;
  #token;

  direct() {
    return { name: 'direct', urlOf: (kind) => `${this.backend}/mcp/${kind}`, toolOf: (tool) => tool };
  }

  async floor() {
    const { process: proxy, origin } = await this.#run('proxy', [join(here, 'proxy.mjs'), this.backend], port);
    return { name: 'bare proxy', pid: proxy.pid, urlOf: (kind) => `${origin}/mcp/${kind}`, toolOf: (tool) => tool };
  }

  /** The gateway without auth, and without anything else that could be switched on. */
  gateway() {
    return this.#gateway('gateway, open', { auth: { enabled: false }, enable_audit_log: false });
  }

  /** The gateway with all that a production one has. */
  async guardedGateway() {
    const auth = {
      jwt_public_key_file: this.#key,
      jwt_issuer: 'https://issuer.example',
      jwt_audience: 'mcp',
      required_scopes: ['call'],
    };
    const limits = { client: { calls_per_minute: 1_000_000, burst: 1_000_000, concurrency: 10_000 } };
    const audit = { stdout: false, file: { path: join(this.#directory, 'audit.jsonl') } };
    const subject = await this.#gateway('gateway, guarded', { auth, limits, audit });
    return { ...subject, token: this.#token };
  }

  async close() {
    await this.#processes.stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #gateway(name, config) {
    const backends = Object.entries(names).map(([kind, backend]) => ({
      name: backend,
      url: `${this.backend}/mcp/${kind}`,
    }));
    const file = join(this.#directory, `${name.replace(/\W+/g, '-')}.json`);
    writeFileSync(file, JSON.stringify({ host: '127.0.0.1', port: 0, backends, ...config }));
    const { process: gateway, origin } = await this.#run(name, [main, '--config', file, '--no-watch'], /"port":(\d+)/);
    await gateway.untilItPrints(/("backend connected"[\s\S]*"backend connected")/);
    return { name, pid: gateway.pid, urlOf: () => `${origin}/mcp`, toolOf: (tool, kind) => `${names[kind]}_${tool}` };
  }

  async #run(name, args, pattern) {
    const [command, all] = pinned(measuredProcessor, process.execPath, args);
    const started = this.#processes.start(name, command, all);
    return { process: started, origin: `http://127.0.0.1:${await started.untilItPrints(pattern)}` };
  }
}

/** How many tools the server was asked for. */
export async function requestsAt(backend) {
  return Number(await (await fetch(`${backend}/requests`)).text());
}
