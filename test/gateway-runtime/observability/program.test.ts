import { startCli } from '../../helpers/gateway-cli.js';
import { makeDirectory } from '../../helpers/gateway-directory.js';
import { until } from '../../helpers/gateway-instance.js';
import { startHttpServer } from '../../helpers/gateway-servers.js';
import { startMonitoring } from '../../helpers/oci-monitoring.js';
import { makeKeyPair, makeSessionToken } from '../../helpers/oci-signature.js';
import { startCollector } from '../../helpers/otlp-collector.js';

test('the built program sends the last points and spans when it is told to end', async () => {
  const { publicKey, privateKey } = makeKeyPair();
  const [monitoring, collector, server] = await Promise.all([
    startMonitoring(() => publicKey),
    startCollector(),
    startHttpServer('s', { json: true }),
  ]);
  const directory = makeDirectory();
  const config = directory.write(
    'gateway.json',
    JSON.stringify({
      stateless: true,
      metrics: { compartment_id: 'ocid1.compartment.oc1..metrics' },
      traces: { otlp_url: collector.url, data_key_env: 'KEY' },
      backends: [{ name: 's', url: server.url }],
    }),
  );
  const gateway = await startCli(['--config', config, '--no-auth'], {
    ...{ KEY: 'K3Y', MCP_GATEWAY_MONITORING_ENDPOINT: monitoring.url },
    OCI_RESOURCE_PRINCIPAL_VERSION: '2.2',
    OCI_RESOURCE_PRINCIPAL_RPST: makeSessionToken(),
    OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM: privateKey,
  });
  await until(() => gateway.output().includes('backend connected'), 'the backend');
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  const params = { name: 's_echo', arguments: { text: 'x' } };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
  expect((await fetch(`${gateway.origin}/mcp`, { method: 'POST', headers, body })).status).toBe(200);
  gateway.process.kill('SIGTERM');
  const { code, stdout, stderr } = await gateway.ended;
  expect([code, stderr]).toEqual([0, '']);
  expect(monitoring.valuesOf('calls', 's')).toEqual([1]);
  expect(monitoring.faults).toEqual([]);
  expect(collector.spans.map(({ name }) => name)).toEqual(['tools/call s_echo']);
  expect(collector.headers[0]?.authorization).toBe('dataKey K3Y');
  expect(stdout).not.toContain('K3Y');
  directory.remove();
  for (const one of [server, collector, monitoring]) await one.close();
});
