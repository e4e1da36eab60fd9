import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gatewayJsonSchema, parseGatewayConfig } from '../../gateway-runtime/src/config/index.js';
import { loadConfig } from '../../gateway-runtime/src/loading/config-loader.js';
import { runCli } from '../helpers/gateway-cli.js';
import { makeDirectory } from '../helpers/gateway-directory.js';
import { startGateway } from '../helpers/gateway-instance.js';
import { readSources } from '../helpers/imports';

const root = join(__dirname, '../..');
const docs = readFileSync(join(root, 'docs/gateway.md'), 'utf8');
const audit = readFileSync(join(root, 'docs/audit.md'), 'utf8');
const tables = (docs + audit).split('\n').filter((line) => line.startsWith('|'));
const named = new Set(
  tables.flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name)),
);

test('every field of the configuration is explained', () => {
  type Schema = { properties: Record<string, Schema>; items: Schema; additionalProperties: Schema; anyOf: Schema[] };
  const { properties } = gatewayJsonSchema() as unknown as Schema;
  const given = (schema: Schema | undefined) => schema?.anyOf[0]?.properties ?? {};
  const audited = given(properties.audit);
  expect(Object.keys({ ...given(audited.file), ...given(audited.oci_logging) })).toHaveLength(7);
  const fields = {
    ...properties,
    ...properties.tls?.properties,
    ...properties.auth?.properties,
    ...properties.auth?.properties.issuers?.items.properties,
    ...properties.auth?.properties.introspection?.properties,
    ...properties.auth?.properties.static_clients?.items.properties,
    ...properties.backends?.items.properties,
    ...properties.views?.additionalProperties.properties,
    ...properties.gateway_tools?.properties,
    ...audited,
    ...given(audited.file),
    ...given(audited.oci_logging),
  };
  expect(Object.keys(fields).filter((field) => !named.has(field))).toEqual([]);
});

test('every flag and every variable is explained', async () => {
  const stdout = (await runCli(['--help'])).stdout + (await runCli(['fetch-secrets', '--help'])).stdout;
  const flags = [...stdout.matchAll(/(?<=^ +(?:-\w, )?)--[a-z-]+/gm)].map(([flag]) => flag);
  expect(flags.length).toBeGreaterThan(9);
  const names = [...named].map((name) => name?.split(' ')[0]);
  expect(flags.filter((flag) => !names.includes(flag))).toEqual([]);
  const sources = [...readSources('gateway-runtime/src').values()];
  const variables = sources.flatMap((source) => source.match(/MCP_GATEWAY_\w+/g) ?? []);
  expect(variables.length).toBeGreaterThan(12);
  expect(variables.filter((variable) => !named.has(variable))).toEqual([]);
});

test('the example is a good configuration', () => {
  const directory = makeDirectory();
  const example = /```json\n(.*?)```/s.exec(docs)?.[1] as string;
  const { config, warnings } = loadConfig({ config: directory.write('gateway.json', example) }, {});
  expect(config.backends.map(({ transport }) => transport)).toEqual(['streamable_http', 'stdio', 'streamable_http']);
  expect(warnings).toEqual([]);
  directory.remove();
});

test('what it shows of issuers and certificates is good, too', () => {
  const [, section = ''] = docs.split('### Issuers of tokens\n');
  const [about = ''] = section.split('### backends');
  const shown = [...about.matchAll(/```json\n(.*?)```/gs)].map(([, text]) => JSON.parse(text as string));
  expect(shown).toHaveLength(2);
  for (const configuration of shown) expect(() => parseGatewayConfig(configuration)).not.toThrow();
});

test('what it shows of names, views and tools is good, too', () => {
  const shown = [...docs.slice(docs.indexOf('### Names')).matchAll(/```json\n(.*?)```/gs)].map(([, text]) =>
    JSON.parse(text as string),
  );
  expect(shown).toHaveLength(3);
  const [backend, ...configurations] = shown;
  for (const more of [{ backends: [backend] }, ...configurations]) {
    expect(() => parseGatewayConfig({ auth: { enabled: false }, ...more })).not.toThrow();
  }
});

test('what it shows of rules and limits is good, too', () => {
  const [rules, limits] = [...docs.slice(docs.indexOf('### Authorization')).matchAll(/```json\n(.*?)```/gs)].map(
    ([, text]) => JSON.parse(text as string),
  );
  const backends = [{ name: 'logs', url: 'https://logs.example/mcp' }];
  expect(() => parseGatewayConfig({ auth: { tool_scopes: rules }, backends, ...limits })).not.toThrow();
  expect([Object.keys(rules).length, Object.keys(limits)]).toEqual([4, ['limits']]);
});

test('the request that it shows is answered', async () => {
  const command = /```sh\n(curl [^`]*)```/.exec(docs)?.[1] as string;
  const headers = [...command.matchAll(/-H "([^:]+): ([^"]+)"/g)].map(
    ([, name, value]) => [name, value] as [string, string],
  );
  const body = /-d '(.*)'/.exec(command)?.[1] as string;
  const { _meta, ...params } = JSON.parse(body).params;
  const gateway_tools = { enabled: true };
  for (const stateless of [false, true]) {
    const gateway = await startGateway({ gateway_tools, stateless });
    const answer = await fetch(gateway.url, { method: 'POST', headers, body });
    expect(await answer.json()).toMatchObject({ result: { structuredContent: { status: 'ok' } } });
    const plain = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', method: 'tools/call', params, id: 1 }),
    });
    expect(plain.status).toBe(stateless ? 200 : 400);
    await gateway.close();
  }
});
