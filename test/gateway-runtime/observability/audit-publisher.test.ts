import { logIngestion } from '../../../gateway-runtime/src/auth/oci/ingestion.js';
import { endpointOf } from '../../../gateway-runtime/src/auth/oci/region.js';
import { AuditPublisher } from '../../../gateway-runtime/src/observability/audit-publisher.js';
import { startGateway, type TestGateway, until } from '../../helpers/gateway-instance.js';
import { startHttpServer } from '../../helpers/gateway-servers.js';
import { startInstance } from '../../helpers/oci-identity.js';
import { startLogging, type TestLogging } from '../../helpers/oci-logging.js';
import { makeKeyPair, makeSessionToken } from '../../helpers/oci-signature.js';

const log_id = 'ocid1.log.oc1.eu-frankfurt-1.audit';
const { publicKey, privateKey } = makeKeyPair();
const principal = {
  OCI_RESOURCE_PRINCIPAL_VERSION: '2.2',
  OCI_RESOURCE_PRINCIPAL_RPST: makeSessionToken(),
  OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM: privateKey,
};

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const resource of open.splice(0).reverse()) await resource.close();
});

function keep<T extends { close(): Promise<unknown> }>(resource: T): T {
  open.push(resource);
  return resource;
}

async function startAudited(): Promise<{ gateway: TestGateway; logging: TestLogging; echo: () => Promise<unknown> }> {
  const server = keep(await startHttpServer('s'));
  const logging = keep(await startLogging(log_id, () => publicKey));
  const host = { env: { MCP_GATEWAY_LOGGING_ENDPOINT: logging.url, ...principal }, kill: () => {} };
  const backends = [{ name: 's', url: server.url }];
  const gateway = keep(await startGateway({ backends, audit: { oci_logging: { log_id } } }, { host }));
  await gateway.waitFor('s', 'connected');
  const client = await gateway.connect();
  return { gateway, logging, echo: () => client.callTool({ name: 's_echo', arguments: { text: 'x' } }) };
}

const told = ({ logs }: TestGateway) =>
  logs.filter(({ msg }) => /^audit records/.test(String(msg))).map(({ reason, msg }) => [reason, msg]);

test('records come within seconds, signed, and the last ones when the gateway ends', async () => {
  const { gateway, logging, echo } = await startAudited();
  await Promise.all([echo(), echo(), echo()]);
  await until(() => logging.records.length === 3, 'the first records');
  await echo();
  await gateway.close();
  const written = gateway.logs.flatMap(({ audit }) => (audit ? [audit] : []));
  expect(logging.records).toEqual(written);
  expect(logging.records).toHaveLength(4);
  expect(logging.faults).toEqual([]);
  expect(new Set(logging.ids).size).toBe(4);
});

test.each([
  [429, 'OCI Logging answered HTTP 429 (SomethingWrong)'],
  [
    404,
    'OCI Logging answered HTTP 404 (SomethingWrong); no policy allows this identity to use log-content in the compartment of the log, or it does not exist',
  ],
])('HTTP %d is logged once, and nothing is lost', async (status, reason) => {
  const { gateway, logging, echo } = await startAudited();
  logging.answer = status;
  await echo();
  await until(() => logging.asked >= 2, 'two attempts');
  await echo();
  logging.answer = 200;
  await gateway.close();
  expect(logging.records).toHaveLength(2);
  expect(told(gateway)).toEqual([
    [reason, 'audit records cannot be sent; trying again'],
    [undefined, 'audit records are sent again'],
  ]);
  expect(JSON.stringify(gateway.logs)).not.toContain('s3cret');
});

test('what it will never take is counted and not sent again', async () => {
  const { gateway, logging, echo } = await startAudited();
  logging.answer = 400;
  await echo();
  await until(() => logging.asked === 1, 'the first attempt');
  logging.answer = 200;
  await echo();
  await until(() => logging.records.length === 1, 'the next record');
  const page = await (await fetch(`${gateway.origin}/metrics`)).text();
  expect(page).toContain('mcp_gateway_audit_dropped_total 1\n');
});

test('a refused token is renewed', async () => {
  const instance = keep(await startInstance());
  const logging = keep(await startLogging(log_id, instance.tokens.publicKeyOf));
  const env = {
    OCI_METADATA_BASE_URL: `${instance.url}/opc/v2`,
    OCI_SDK_AUTH_CLIENT_REGION_URL: instance.url,
    MCP_GATEWAY_LOGGING_ENDPOINT: logging.url,
  };
  const gateway = keep(
    await startGateway(
      { oci_auth_method: 'instance_principal', gateway_tools: { enabled: true }, audit: { oci_logging: { log_id } } },
      { host: { env, kill: () => {} } },
    ),
  );
  const client = await gateway.connect();
  await client.callTool({ name: 'gateway_health' });
  await until(() => logging.records.length === 1, 'the first record');
  instance.tokens.revoke();
  await client.callTool({ name: 'gateway_health' });
  await until(() => logging.records.length === 2, 'the second record');
  expect([logging.asked, instance.tokens.issued]).toEqual([3, 2]);
  expect(told(gateway)).toEqual([]);
});

test('memory stays bounded while OCI cannot be reached, and what is lost is counted', async () => {
  let dropped = 0;
  let taken = 0;
  let reachable = false;
  const publisher = new AuditPublisher({
    gateway: 'g',
    logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    dropped: (records) => {
      dropped += records;
    },
    send: async (body) => {
      if (!reachable) throw new Error('unreachable');
      expect(body.length).toBeLessThan(1_000_000);
      taken += JSON.parse(body).logEntryBatches[0].entries.length;
      return { status: 200, document: undefined };
    },
  });
  const record = { method: 'tools/call', tool: 't', time: '2026-11-23T00:00:00.000Z' } as never;
  for (let n = 0; n < 10_000; n++) publisher.add(record, 'x'.repeat(1024));
  reachable = true;
  await publisher.close();
  expect([taken, dropped]).toEqual([4096, 10_000 - 4096]);
});

test.each([
  ['fra', 'https://ingestion.logging.eu-frankfurt-1.oci.oraclecloud.com'],
  ['uk-gov-london-1', 'https://ingestion.logging.uk-gov-london-1.oci.oraclegovcloud.uk'],
])('records of the region %s go to %s', (region, expected) => {
  expect(endpointOf(logIngestion(log_id).address, region)).toBe(expected);
});
