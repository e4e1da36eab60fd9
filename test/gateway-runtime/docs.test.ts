import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gatewayJsonSchema } from '../../gateway-runtime/src/config/index.js';
import { loadConfig } from '../../gateway-runtime/src/config/load.js';
import { runCli } from '../helpers/gateway-cli.js';
import { makeDirectory } from '../helpers/gateway-directory.js';

const root = join(__dirname, '../..');
const docs = readFileSync(join(root, 'docs/gateway.md'), 'utf8');
const tables = docs.split('\n').filter((line) => line.startsWith('|'));
const named = new Set(
  tables.flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name)),
);

test('every field of the configuration is explained', () => {
  type Schema = { properties: Record<string, Schema>; items: Schema };
  const { properties } = gatewayJsonSchema() as unknown as Schema;
  const fields = { ...properties, ...properties.auth?.properties, ...properties.backends?.items.properties };
  expect(Object.keys(fields).filter((field) => !named.has(field))).toEqual([]);
});

test('every flag and every variable is explained', async () => {
  const stdout = (await runCli(['--help'])).stdout + (await runCli(['fetch-secrets', '--help'])).stdout;
  const flags = [...stdout.matchAll(/(?<=^ +(?:-\w, )?)--[a-z-]+/gm)].map(([flag]) => flag);
  expect(flags.length).toBeGreaterThan(9);
  const names = [...named].map((name) => name?.split(' ')[0]);
  expect(flags.filter((flag) => !names.includes(flag))).toEqual([]);
  const sources = ['environment.ts', 'load.ts', '../auth/oci/vault.ts', '../auth/oci/metric-ingestion.ts'].map((file) =>
    join(root, 'gateway-runtime/src/config', file),
  );
  const variables = sources.flatMap((file) => readFileSync(file, 'utf8').match(/MCP_GATEWAY_\w+/g) ?? []);
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
