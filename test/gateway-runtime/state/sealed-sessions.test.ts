import type { SessionRecord } from '../../../gateway-runtime/src/contracts/session.js';
import { UpstreamError } from '../../../gateway-runtime/src/errors.js';
import { Sealer } from '../../../gateway-runtime/src/protocol/sealer.js';
import { SealedSessions } from '../../../gateway-runtime/src/state/sealed-sessions.js';

const key = 'a key that all replicas have in common';
const hour = 60 * 60_000;
const record = (more: Partial<SessionRecord> = {}): SessionRecord => ({
  owner: 'ada',
  client: { era: 'legacy', version: '2025-11-25', capabilities: { elicitation: {} } },
  view: 'logs',
  subscriptions: new Set(),
  ...more,
});

let time = 0;
const warnings: object[] = [];
const logger = { debug() {}, info() {}, error() {}, warn: (details: object) => void warnings.push(details) };
const replica = (secret = key) =>
  new SealedSessions({ sealer: new Sealer(async () => secret), logger, now: () => time });

beforeEach(() => {
  time = 1_000_000;
  warnings.length = 0;
});

test('an id says to every replica what the session is, and to nobody else', async () => {
  const id = await replica().nameOf(record());
  expect(await replica().find(id, 'ada')).toEqual(record());
  expect(id).toMatch(/^[\w-]+$/);
  expect(Buffer.from(id, 'base64url').toString('latin1')).not.toMatch(/logs|elicitation|2025|ada/);
});

test('a session without a view and capabilities has neither elsewhere', async () => {
  const plain = record({ view: undefined, client: { era: 'legacy', version: '2025-06-18', capabilities: {} } });
  const id = await replica().nameOf(plain);
  expect(await replica().find(id, 'ada')).toEqual(plain);
  expect(id.length).toBeLessThan(130);
});

test('no two ids are the same', async () => {
  const sessions = replica();
  const ids = await Promise.all(Array.from({ length: 100 }, () => sessions.nameOf(record())));
  expect(new Set(ids).size).toBe(100);
});

test.each([
  ['another caller', async (id: string) => replica().find(id, 'bob')],
  ['another key', async (id: string) => replica('a key that only one other gateway has').find(id, 'ada')],
  ['a changed character', async (id: string) => replica().find(`${id.slice(0, 20)}~${id.slice(21)}`, 'ada')],
  ['a shorter one', async (id: string) => replica().find(id.slice(0, -1), 'ada')],
  ['nothing', async () => replica().find('', 'ada')],
  ['a huge one', async (id: string) => replica().find(id.repeat(1000), 'ada')],
])('%s opens nothing', async (_, find) => {
  expect(await find(await replica().nameOf(record()))).toBeUndefined();
});

test('an id is good for a day', async () => {
  const id = await replica().nameOf(record());
  time += 24 * hour - 1;
  expect(await replica().find(id, 'ada')).toEqual(record());
  time += 1;
  expect(await replica().find(id, 'ada')).toBeUndefined();
});

test('a session that ended is not found again where it ended', async () => {
  const [here, there] = [replica(), replica()];
  const id = await here.nameOf(record());
  await here.end(id);
  expect(await here.find(id, 'ada')).toBeUndefined();
  expect(await there.find(id, 'ada')).toEqual(record());
});

test('more capabilities than a header holds leave the session with one replica', async () => {
  const capabilities = { experimental: { text: 'x'.repeat(4000) } };
  const id = await replica().nameOf(record({ client: { era: 'legacy', version: '2025-11-25', capabilities } }));
  expect(id).toHaveLength(32);
  expect(await replica().find(id, 'ada')).toBeUndefined();
});

test('without the key sessions begin all the same, and those of others cannot be told', async () => {
  const sealer = new Sealer(async () => {
    throw new UpstreamError('the secret cannot be read');
  });
  const sessions = new SealedSessions({ sealer, logger });
  expect(await sessions.nameOf(record())).toHaveLength(32);
  await expect(sessions.find(await replica().nameOf(record()), 'ada')).rejects.toThrow('cannot be read at the moment');
  expect(warnings[0]).toEqual({ reason: 'the secret cannot be read' });
});
