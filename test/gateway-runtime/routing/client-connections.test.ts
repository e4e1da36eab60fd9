import { parseGatewayConfig } from '../../../gateway-runtime/src/config/index.js';
import { anonymous } from '../../../gateway-runtime/src/contracts/identity.js';
import type { Upstream } from '../../../gateway-runtime/src/contracts/upstream.js';
import { createLogger } from '../../../gateway-runtime/src/observability/logger.js';
import type { Caller } from '../../../gateway-runtime/src/routing/caller.js';
import { ClientConnections } from '../../../gateway-runtime/src/routing/client-connections.js';

/** What one caller's software can do makes a connection of its own. */
const callerOf = (name: string, n: number): Caller => ({
  identity: { ...anonymous, key: name },
  client: { era: 'modern', version: '2026-07-28', capabilities: { sampling: { n } } },
});

/** Connections to a child process; `held` are requests that it has not answered. */
function connections() {
  const held: (() => void)[] = [];
  const upstream = (): Upstream => ({
    connect: async () => ({ era: 'legacy', version: '2025-11-25', capabilities: {} }),
    request: () => new Promise((resolve) => held.push(() => resolve({}))),
    notify: () => {},
    close: async () => {},
  });
  const { backends } = parseGatewayConfig({ auth: { enabled: false }, backends: [{ name: 'c', command: 'c' }] });
  return new ClientConnections({
    backend: backends[0] as (typeof backends)[number],
    createUpstream: upstream,
    logger: createLogger({ name: 'test', log_level: 'ERROR' }, process.stderr),
    onNotification: () => {},
    onConnected: () => {},
    onClosed: () => {},
    onAnswered: () => {},
  });
}

test('who has most connections makes room, and nobody else is pushed out', async () => {
  const all = connections();
  await all.open(callerOf('ada', 0));
  for (let n = 0; n < 40; n++) await all.open(callerOf('eve', n));
  expect(all.get(callerOf('ada', 0))).toBeDefined();
  const ofEve = [...Array(40).keys()].filter((n) => all.get(callerOf('eve', n)));
  expect(ofEve).toEqual([...Array(31).keys()].map((n) => n + 9));
  await all.close();
});

test('what is in use makes no room, and whoever comes then is told', async () => {
  const all = connections();
  for (let n = 0; n < 32; n++) {
    const connection = await all.open(callerOf('ada', n));
    void connection.request('tools/call', {}).catch(() => {});
  }
  await expect(all.open(callerOf('bob', 0))).rejects.toThrow('backend "c" serves 32 clients already');
  await all.close();
});
