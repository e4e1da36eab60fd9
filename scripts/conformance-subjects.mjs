// What the conformance suite measures: the fixture server alone, and the gateway in front of it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Processes } from './processes.mjs';
import { root } from './setup.mjs';

const fixtureMain = join(root, 'test', 'conformance', 'server', 'main.ts');
const gatewayMain = join(root, 'gateway-runtime', 'dist', 'main.js');

/** Hands the URLs of both to `use`, and stops both afterwards, also when the user interrupts. */
export async function withSubjects(use) {
  const processes = new Processes();
  const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
  const start = async () => {
    const fixture = processes.start('fixture', process.execPath, ['--import', 'tsx', fixtureMain]);
    const alone = await fixture.untilItPrints(/fixture listens on (\S+)/);
    return use({ alone, gateway: await startGateway(processes, folder, alone) });
  };
  const interruption = processes.interrupted.then(() => {
    throw new Error('interrupted');
  });
  try {
    return await Promise.race([start(), interruption]);
  } finally {
    await processes.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function startGateway(processes, folder, url) {
  const config = join(folder, 'gateway.json');
  writeFileSync(config, JSON.stringify({ backends: [{ name: 'fixture', url, namespace_tools: false }] }));
  const args = [gatewayMain, '--config', config, '--no-auth', '--host', '127.0.0.1', '--port', '0'];
  const gateway = processes.start('gateway', process.execPath, args);
  const port = await gateway.untilItPrints(/"port":(\d+).*gateway is listening/);
  await untilReady(`http://127.0.0.1:${port}/ready`);
  return `http://127.0.0.1:${port}/mcp`;
}

/** The gateway takes its backends in after it has begun to listen. */
async function untilReady(url) {
  const deadline = Date.now() + 30_000;
  while (!(await fetch(url).then(({ ok }) => ok))) {
    if (Date.now() > deadline) throw new Error('the gateway did not reach the fixture within 30 s');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
