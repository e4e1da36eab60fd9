import type { ServerResponse } from 'node:http';
import { startCli } from '../../helpers/gateway-cli.js';
import { makeDirectory } from '../../helpers/gateway-directory.js';
import { until } from '../../helpers/gateway-instance.js';
import { type LoadClient, loadClient, quantile, repeat } from '../../helpers/gateway-load.js';
import { answerJson, startScriptedServer } from '../../helpers/gateway-scripted.js';
import { listen } from '../../helpers/gateway-servers.js';

/** Seconds of each phase; more of them show more. */
const phaseSeconds = Number(process.env.PHASE_SECONDS ?? 1.5);
const phases = 3;
const connections = 32;

interface BackendEntry {
  readonly name: string;
  readonly url: string;
  readonly request_timeout?: number;
}

const many = (count: number, make: (n: number) => Promise<BackendEntry>) =>
  Promise.all(Array.from({ length: count }, (_, n) => make(n)));

/** Answers calls with the name of the backend. */
const named = (name: string) => ({ 'tools/call': { content: [{ type: 'text', text: name }] } });

async function healthy(n: number): Promise<BackendEntry> {
  const name = `healthy${n}`;
  return { name, url: (await startScriptedServer(named(name))).url };
}

/** Half of them answer in the end, the others are given up before. */
async function slow(n: number): Promise<BackendEntry> {
  const call = (response: ServerResponse, id: number) =>
    void setTimeout(() => answerJson(response, { jsonrpc: '2.0', id, result: { content: [] } }), 1000 + n * 250);
  const { url } = await startScriptedServer({ 'tools/call': call });
  return { name: `slow${n}`, url, request_timeout: n % 2 ? 60 : 0.5 };
}

async function down(n: number): Promise<BackendEntry> {
  const nobody = await listen(() => {});
  await nobody.close();
  return { name: `down${n}`, url: `${nobody.url}/mcp` };
}

/** One is no MCP server at all; the other becomes none once it is connected. */
async function garbage(n: number): Promise<BackendEntry> {
  const nonsense = (response: ServerResponse) => answerJson(response, '{"jsonrpc":"2.0","id":[{]]\u0000<html>');
  const { url } = await startScriptedServer({
    'tools/call': nonsense,
    ...(n === 0 && { initialize: nonsense, 'server/discover': nonsense }),
  });
  return { name: `garbage${n}`, url };
}

async function startGateway(backends: readonly BackendEntry[], connected: number) {
  const directory = makeDirectory();
  const config = directory.write('gateway.json', { auth: { enabled: false }, enable_audit_log: false, backends });
  const gateway = await startCli(['--config', config]);
  await until(() => gateway.output().split('"backend connected"').length > connected, 'the backends to be connected');
  directory.remove();
  return { ...gateway, client: loadClient(`${gateway.origin}/mcp`, connections + 64) };
}

interface Phase {
  readonly ms: number[];
  readonly wrong: string[];
}

/** Calls the healthy backends in turn, checks every answer, and leaves nobody out. */
async function load(client: LoadClient, session: Record<string, string>): Promise<Phase> {
  const phase: Phase = { ms: [], wrong: [] };
  await repeat(connections, phaseSeconds * 1000, async (n) => {
    const backend = `healthy${n % 8}`;
    const call = { jsonrpc: '2.0', id: n, method: 'tools/call', params: { name: `${backend}_call`, arguments: {} } };
    const { status, text, ms } = await client.post(call, session);
    phase.ms.push(ms);
    const expected = { jsonrpc: '2.0', id: n, result: { content: [{ type: 'text', text: backend }] } };
    if (status !== 200 || JSON.stringify(JSON.parse(text)) !== JSON.stringify(expected)) phase.wrong.push(text);
  });
  return phase;
}

/** Calls each of these backends ten times a second. @returns what ends that */
function pester(client: LoadClient, session: Record<string, string>, names: readonly string[]) {
  const answers = new Map(names.map((name) => [name, [] as string[]]));
  const timer = setInterval(() => {
    for (const name of names) {
      const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: `${name}_call`, arguments: {} } };
      void client.post(call, session).then(
        ({ text }) => answers.get(name)?.push(text),
        () => {},
      );
    }
  }, 100);
  return { answers, stop: () => clearInterval(timer) };
}

test(
  'of 20 backends, the 12 that are down, slow or talk nonsense cost the healthy 8 neither answers nor time',
  async () => {
    const [well, ...unwell] = await Promise.all([many(8, healthy), many(5, slow), many(5, down), many(2, garbage)]);
    const alone = await startGateway(well, 8);
    const among = await startGateway([...well, ...unwell.flat()], 8 + 5 + 1);
    const sessions = { alone: await alone.client.begin(), among: await among.client.begin() };
    // Both have run for a while before anything is measured.
    await load(alone.client, sessions.alone);
    await load(among.client, sessions.among);

    const p99: { alone: number[]; among: number[] } = { alone: [], among: [] };
    const wrong: string[] = [];
    let calls = 0;
    const pestered = pester(
      among.client,
      sessions.among,
      unwell.flat().map(({ name }) => name),
    );
    for (let n = 0; n < phases * 2; n++) {
      // In turn, and who comes first changes: what else happens on the machine meets both.
      const which = n % 4 === 0 || n % 4 === 3 ? 'alone' : 'among';
      const phase = await load({ alone, among }[which].client, sessions[which]);
      p99[which].push(quantile(phase.ms, 0.99));
      wrong.push(...phase.wrong);
      calls += phase.ms.length;
    }
    pestered.stop();
    const [without, withThem] = [quantile(p99.alone, 0.5), quantile(p99.among, 0.5)];
    process.stderr.write(
      `${calls} calls to the healthy 8, ${wrong.length} wrong; p99 alone ${without.toFixed(1)} ms, among 20 ${withThem.toFixed(1)} ms\n`,
    );
    expect(wrong).toEqual([]);
    expect(withThem).toBeLessThan(Math.max(without * 1.5, without + 10));
    for (const [name, texts] of pestered.answers) {
      // A slow backend may have answered; whoever calls one of the others is told by name why not.
      const unnamed = name.startsWith('slow') ? [] : texts.filter((text) => !text.includes(name));
      expect([name, texts.length > 0, unnamed]).toEqual([name, true, []]);
    }
    await Promise.all([alone.client.close(), among.client.close()]);
  },
  20_000 + (phases * 2 + 2) * phaseSeconds * 1000,
);
