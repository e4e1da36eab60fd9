import { checkIds } from '../../../gateway-runtime/src/doctor/verdict.js';
import { runCli, startCli } from '../../helpers/gateway-cli.js';
import { makeDirectory } from '../../helpers/gateway-directory.js';
import { until } from '../../helpers/gateway-instance.js';
import { startIssuer } from '../../helpers/gateway-jwt.js';
import { freePort, listen, startHttpServer } from '../../helpers/gateway-servers.js';
import { makeKeyPair } from '../../helpers/oci-signature.js';
import { startCollector } from '../../helpers/otlp-collector.js';
import { describeRedis, startRedis } from '../../helpers/redis.js';
import { documentOf, startRestService } from '../../helpers/rest-service.js';

/** An authorization server that describes itself and shows its keys. */
async function startAuthorizationServer() {
  const { keySet, sign, close } = await startIssuer();
  await close();
  const server = await listen((request, response) => {
    const metadata = {
      issuer: server.url,
      jwks_uri: `${server.url}/keys`,
      code_challenge_methods_supported: ['S256'],
    };
    const isMetadata = request.url === '/.well-known/oauth-authorization-server';
    response.writeHead(isMetadata || request.url === '/keys' ? 200 : 404);
    response.end(JSON.stringify(isMetadata ? metadata : keySet));
  });
  return { url: server.url, token: await sign({ iss: server.url, scope: 'mcp' }) };
}

describeRedis('a set-up in which all is well', () => {
  test('passes every check there is', async () => {
    const directory = makeDirectory();
    const [redis, issuer, collector, server, service, port] = await Promise.all([
      startRedis({ tls: true }),
      startAuthorizationServer(),
      startCollector(),
      startHttpServer('s'),
      startRestService(documentOf({ '/orders': { get: { responses: {} } } })),
      freePort(),
    ]);
    const profile = {
      user: 'ocid1.user.oc1..u',
      tenancy: 'ocid1.tenancy.oc1..t',
      fingerprint: 'aa:bb',
      region: 'eu-frankfurt-1',
      key_file: directory.write('key.pem', makeKeyPair().privateKey),
    };
    const lines = Object.entries(profile).map(([key, value]) => `${key}=${value}`);
    const config = directory.write('gateway.json', {
      host: '127.0.0.1',
      port,
      auth: {
        jwt_jwks_uri: `${issuer.url}/keys`,
        jwt_issuer: issuer.url,
        jwt_audience: 'mcp',
        resource_url: `http://127.0.0.1:${port}/mcp`,
        cors_origins: ['https://app.example'],
      },
      gateway_tools: { enabled: true, required_scopes: ['mcp'] },
      state: { url: redis.url },
      traces: { otlp_url: `${collector.url}/v1/traces` },
      otlp_metrics: { otlp_url: `${collector.url}/v1/metrics` },
      backends: [
        {
          name: 'docs',
          url: server.url.replace('127.0.0.1', 'localhost'),
          auth_method: 'bearer_token',
          bearer_token_file: directory.write('token', 'a-word'),
        },
        {
          name: 'signed',
          url: server.url,
          auth_method: 'oci_config',
          oci_config_file: directory.write('oci', ['[DEFAULT]', ...lines].join('\n')),
        },
        { name: 'rest', transport: 'openapi', url: service.url, document_url: `${service.url}/openapi.json` },
      ],
    });
    const env = { NODE_EXTRA_CA_CERTS: redis.caFile, MCP_GATEWAY_TOKEN: issuer.token };
    const gateway = await startCli(['--config', config, '--port', String(port)], env);
    await until(() => gateway.output().match(/"backend connected"/g)?.length === 3, 'all backends');
    const args = ['doctor', '--config', config, '--origin', 'https://app.example'];
    const { code, stdout } = await runCli([...args, '--json'], env);
    const { checks, summary } = JSON.parse(stdout);
    expect(checks.filter(({ status }: { status: string }) => status !== 'ok')).toEqual([]);
    expect(new Set(checks.map(({ id }: { id: string }) => id))).toEqual(new Set(checkIds));
    expect([code, summary]).toEqual([0, { ok: checks.length, warning: 0, problem: 0 }]);
    const text = await runCli(args, env);
    expect(text.stdout.trimEnd().split('\n').at(-1)).toBe(
      `${checks.length} checks: ${checks.length} ok, 0 warnings, 0 problems`,
    );
    directory.remove();
  });
});
