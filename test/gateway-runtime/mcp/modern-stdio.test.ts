import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeDirectory } from '../../helpers/gateway-directory.js';
import { startGateway, textOf, until } from '../../helpers/gateway-instance.js';
import { upstreams } from '../../helpers/gateway-upstream.js';

const backend = (env: Record<string, string> = {}) => ({
  command: process.execPath,
  args: [join(__dirname, '../fixtures/modern-stdio-server.mjs')],
  env,
});

test.each([
  ['reject', undefined, 'modern'],
  ['serve', undefined, 'modern'],
  ['serve', 'legacy', 'legacy'],
] as const)('a child that would %s a handshake, asked for era %s, speaks the %s one', async (LEGACY, era, expected) => {
  const { connect, upstream } = upstreams().make(backend({ LEGACY }), { era });
  expect(await connect()).toMatchObject({ era: expected });
  expect(textOf(await upstream.request('tools/call', { name: 'echo', arguments: { text: 'x' } }))).toBe('x');
  await upstream.request('ping', undefined);
  await upstream.close();
});

test('requests say who asks, and get progress', async () => {
  const { connect, upstream } = upstreams().make(backend());
  await connect();
  const _meta = { own: 1, 'io.modelcontextprotocol/clientCapabilities': { roots: {} } };
  const call = { name: 'meta', arguments: {}, _meta };
  const result = await upstream.request('tools/call', call, { capabilities: { sampling: {} } });
  expect(JSON.parse(textOf(result))).toMatchObject({ own: 1 });
  expect(textOf(result)).not.toContain('roots');
  const steps: unknown[] = [];
  const onProgress = (step: object) => void steps.push(step);
  await upstream.request('tools/call', { name: 'work', arguments: {} }, { onProgress });
  expect(steps).toEqual([{ progress: 1 }]);
});

test('a call that is cancelled is taken back with a message', async () => {
  const directory = makeDirectory();
  const log = join(directory.path, 'log');
  const { connect, upstream } = upstreams().make(backend({ LOG_FILE: log }));
  await connect();
  const cancel = new AbortController();
  const call = upstream.request('tools/call', { name: 'slow', arguments: {} }, { signal: cancel.signal });
  await upstream.request('ping', undefined);
  cancel.abort();
  await expect(call).rejects.toThrow('cancelled');
  await until(() => existsSync(log) && readFileSync(log, 'utf8') === 'cancelled\n', 'the child to notice');
  directory.remove();
});

test('changes are told by subscription', async () => {
  const { connect, upstream, notifications } = upstreams().make(backend());
  await connect();
  await upstream.request('resources/subscribe', { uri: 'note://only' });
  await upstream.request('tools/call', { name: 'change', arguments: {} });
  await until(() => notifications.length === 2, 'the changes');
  expect(notifications).toEqual(
    expect.arrayContaining([
      ['notifications/resources/updated', { uri: 'note://only' }],
      ['notifications/tools/list_changed', {}],
    ]),
  );
  notifications.length = 0;
  await upstream.request('resources/unsubscribe', { uri: 'note://only' });
  await upstream.request('tools/call', { name: 'change', arguments: {} });
  await until(() => notifications.length > 0, 'the change of tools');
  expect(notifications).toEqual([['notifications/tools/list_changed', {}]]);
});

test('a child that dies is started again', async () => {
  const gateway = await startGateway({ backends: [{ name: 'p', ...backend() }] });
  await gateway.waitFor('p', 'connected');
  const client = await gateway.connect();
  await client.callTool({ name: 'p_crash', arguments: {} });
  const versions = () => gateway.logs.filter(({ msg }) => msg === 'backend connected').map(({ version }) => version);
  await until(() => versions().length === 2, 'the child to be started again');
  expect(versions()).toEqual(['2026-07-28', '2026-07-28']);
  expect(textOf(await client.callTool({ name: 'p_echo', arguments: { text: 'x' } }))).toBe('x');
  await gateway.close();
});
