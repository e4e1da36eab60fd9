import type { ToolCallRecord } from '../../../gateway-runtime/src/contracts/audit.js';
import type { ReloadStatus } from '../../../gateway-runtime/src/contracts/reload-status.js';
import { CountedCalls } from '../../../gateway-runtime/src/observability/counted-calls.js';
import { bounds, Durations } from '../../../gateway-runtime/src/observability/durations.js';
import { GatewayMeters } from '../../../gateway-runtime/src/observability/gateway-meters.js';
import { PrometheusPage } from '../../../gateway-runtime/src/observability/prometheus-page.js';
import { parseMetrics } from '../../helpers/prometheus-text.js';

const watched = { backends: [], sessionCount: 0, inFlight: 0 };

const callOf = (tool: string, outcome: ToolCallRecord['outcome'] = 'ok'): ToolCallRecord => ({
  ...{ method: 'tools/call', time: '2026-11-23T00:00:00.000Z', client: 'c', backend: 'b', rule: 'r', ms: 1 },
  tool,
  outcome,
});

const never: ReloadStatus = { counts: { success: 0, failure: 0 }, faults: [] };

async function pageOf(calls: CountedCalls, meters = new GatewayMeters(), reloads = never) {
  const page = new PrometheusPage({ calls, meters, watched, reloads, version: '1.2.3' });
  return parseMetrics((await page.render()).body);
}

test('what other parts of the gateway tell is on the page', async () => {
  const meters = new GatewayMeters();
  meters.limited('client');
  meters.limited('client');
  meters.limited('backend');
  meters.auditDropped(3);
  meters.auditDropped(4);
  meters.authFailed('unavailable');
  const calls = new CountedCalls({ tools: false });
  const faults = [
    { path: 'backends.d/a.json', message: 'is not valid JSON' },
    { path: 'backends.d/b.json', message: 'one' },
    { path: 'backends.d/b.json', message: 'another' },
  ];
  const page = await pageOf(calls, meters, { counts: { success: 2, failure: 1 }, faults });
  const limited = (limit: string) => page.valueOf('mcp_gateway_rate_limited_total', { limit });
  expect([limited('client'), limited('backend')]).toEqual([2, 1]);
  expect(page.valueOf('mcp_gateway_audit_dropped_total')).toBe(7);
  const faulty = page.series.filter(({ name }) => name === 'mcp_gateway_config_faulty');
  expect(faulty.map(({ labels }) => labels.source)).toEqual(['backends.d/a.json', 'backends.d/b.json']);
  const reloads = (result: string) => page.valueOf('mcp_gateway_config_reloads_total', { result });
  expect([reloads('success'), reloads('failure')]).toEqual([2, 1]);
  expect(page.valueOf('mcp_gateway_config_last_reload_successful')).toBe(0);
  expect(page.valueOf('mcp_gateway_auth_failures_total', { reason: 'unavailable' })).toBe(1);
  expect(page.valueOf('mcp_gateway_build_info', { version: '1.2.3' })).toBe(1);
  expect((await pageOf(calls, meters)).valueOf('mcp_gateway_config_last_reload_successful')).toBe(1);
});

test('of a backend that keeps renaming its tools, a thousand are told apart', async () => {
  const calls = new CountedCalls({ tools: true });
  for (let n = 0; n < 5000; n++) calls.record(callOf(`t${n}`));
  for (let n = 0; n < 3; n++) calls.record(callOf('t7', 'error'));
  const page = await pageOf(calls);
  const count = (tool: string, outcome: string) => page.valueOf('mcp_gateway_tool_calls_total', { tool, outcome });
  expect([count('t7', 'ok'), count('t7', 'error'), count('other', 'ok')]).toEqual([1, 3, 4000]);
  expect(page.series.filter(({ name }) => name === 'mcp_gateway_tool_calls_total')).toHaveLength(1002);
  expect(page.valueOf('mcp_gateway_calls_total', { backend: 'b', outcome: 'ok' })).toBe(5000);
});

test('a backend may call its tools what it likes', async () => {
  const calls = new CountedCalls({ tools: true });
  const names = ['a"b', 'a\\b', 'a\nb', 'a{b="c"} 1', 'ä', '__proto__', 'constructor'];
  for (const name of names) calls.record(callOf(name));
  const page = await pageOf(calls);
  expect(names.map((tool) => page.valueOf('mcp_gateway_tool_calls_total', { tool }))).toEqual(names.map(() => 1));
});

test('a bound belongs to its own bucket', () => {
  const durations = new Durations();
  for (const bound of bounds) durations.record(bound);
  durations.record(0);
  durations.record(301);
  expect([...durations.counts]).toEqual([2, ...bounds.slice(1).map(() => 1), 1]);
  expect(durations.count).toBe(bounds.length + 2);
  const total = Durations.total([durations, durations]);
  expect([total.count, total.sum]).toEqual([2 * durations.count, 2 * durations.sum]);
});
