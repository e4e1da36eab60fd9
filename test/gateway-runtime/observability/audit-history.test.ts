import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditFilter } from '../../../gateway-runtime/src/contracts/audit.js';
import { AuditHistory } from '../../../gateway-runtime/src/observability/audit-history.js';
import { makeDirectory } from '../../helpers/gateway-directory.js';
import { startGateway, textOf } from '../../helpers/gateway-instance.js';

const directory = makeDirectory();
afterAll(() => directory.remove());

const timeOf = (n: number) => new Date(Date.UTC(2026, 10, 23) + n * 1000).toISOString();

const line = (n: number, more: object = {}) =>
  `${JSON.stringify({ time: timeOf(n), method: 'tools/call', client: `c${n % 3}`, tool: `t${n}`, ms: n, ...more })}\n`;

/** Writes lines of records from one number to another. */
function write(path: string, from: number, to: number, more?: object): void {
  let text = '';
  for (let n = from; n < to; n++) text += line(n, more);
  writeFileSync(path, text);
}

async function numbersOf(path: string, filter: AuditFilter, limit = 100_000): Promise<number[]> {
  const { records } = await new AuditHistory([{ path, keep: 10 }]).find(filter, limit);
  return records.map(({ ms }) => ms);
}

const countdown = (from: number, to: number) => Array.from({ length: from - to + 1 }, (_, index) => from - index);

test('records are found newest first, in every file, across chunks and characters of several bytes', async () => {
  const path = join(directory.path, 'several.jsonl');
  write(`${path}.2`, 0, 3000, { subject: 'ü…' });
  write(`${path}.1`, 3000, 5000, { subject: '🙂' });
  write(path, 5000, 5010);
  expect(await numbersOf(path, {})).toEqual(countdown(5009, 0));
  expect(await numbersOf(path, {}, 12)).toEqual(countdown(5009, 4998));
  expect(await numbersOf(path, { since: timeOf(2990), until: timeOf(3010) })).toEqual(countdown(3010, 2990));
  expect(await numbersOf(path, { tool: 't499*', client: 'c0' })).toEqual([4998, 4995, 4992]);
});

test('what is no record is left out', async () => {
  const path = join(directory.path, 'odd.jsonl');
  const odd = ['{"time":"2026-11-23T00:0', 'null', '7', '[]', '{"time":1}', '', 'x'.repeat(300_000)];
  writeFileSync(path, [line(1), ...odd.map((text) => `${text}\n`), line(2)].join(''));
  expect(await numbersOf(path, {})).toEqual([2, 1]);
});

test('no more than 32 MiB are read, and the answer says so', async () => {
  const path = join(directory.path, 'large.jsonl');
  writeFileSync(path, line(1) + `${JSON.stringify({ time: timeOf(2), padding: 'x'.repeat(1000) })}\n`.repeat(40_000));
  const found = await new AuditHistory([{ path, keep: 1 }]).find({ client: 'c1' }, 10);
  expect(found).toEqual({ records: [], isPartial: true });
});

test('without a file nothing is found', async () => {
  expect(await numbersOf(join(directory.path, 'none.jsonl'), {})).toEqual([]);
});

test('gateway_audit_log finds what was recorded before the gateway started', async () => {
  const path = join(directory.path, 'tool.jsonl');
  writeFileSync(path, line(1, { outcome: 'ok', backend: 'b', rule: 'r', request_id: 'first' }));
  const gateway = await startGateway({ gateway_tools: { enabled: true }, audit: { file: { path }, stdout: false } });
  const client = await gateway.connect();
  await client.callTool({ name: 'gateway_health' });
  const find = async (args: Record<string, unknown>) => {
    const result = await client.callTool({ name: 'gateway_audit_log', arguments: args });
    return (result.structuredContent as { calls: { tool: string }[] }).calls.map(({ tool }) => tool);
  };
  expect(await find({})).toEqual(['gateway_health', 't1']);
  expect(await find({ backend: 'b' })).toEqual(['t1']);
  expect(await find({ request_id: 'first' })).toEqual(['t1']);
  expect(await find({ until: '2026-11-23' })).toEqual([]);
  expect(await find({ until: '2026-11-23T01:00:01+01:00' })).toEqual(['t1']);
  const wrong = await client.callTool({ name: 'gateway_audit_log', arguments: { since: 'yesterday' } });
  expect([wrong.isError, textOf(wrong)]).toEqual([true, 'since must be a time such as 2026-11-23T07:00:00Z']);
  await gateway.close();
});
