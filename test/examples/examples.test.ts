import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCli } from '../helpers/gateway-cli';
import { makeDirectory } from '../helpers/gateway-directory';
import { renderedConfig, renderedFiles } from '../helpers/rendered-config';
import { type Block, readSynthesized } from '../helpers/synth';
import { synthApp } from '../helpers/synth-app';
import { checkSynthesized } from '../helpers/terraform-schema';

const root = join(__dirname, '..', '..');
const examples = readdirSync(join(root, 'examples')).filter((name) =>
  existsSync(join(root, 'examples', name, 'main.ts')),
);

/** Addresses that the library itself proposes, or that mean "everywhere". */
const proposedAddresses = ['0.0.0.0', '10.0.0.0', '10.0.10.0'];

/** The stacks of an example by name, synthesized once. */
const stacks = new Map<string, Promise<ReadonlyMap<string, Block>>>();

function stacksOf(example: string): Promise<ReadonlyMap<string, Block>> {
  const known = stacks.get(example) ?? synthesize(example);
  stacks.set(example, known);
  return known;
}

async function synthesize(example: string): Promise<ReadonlyMap<string, Block>> {
  const files = await synthApp(`examples/${example}/main.ts`);
  const found = [...files].flatMap(([path, text]) => {
    const stack = /^stacks\/([^/]+)\/cdk\.tf\.json$/.exec(path)?.[1];
    return stack === undefined ? [] : [[stack, JSON.parse(text)] as const];
  });
  return new Map(found);
}

/** All TypeScript that an example consists of. */
function sourceOf(example: string): string {
  const folder = join(root, 'examples', example);
  const files = readdirSync(folder).filter((name) => name.endsWith('.ts'));
  return files.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n');
}

test('there are examples', () => {
  expect(examples).toEqual(
    expect.arrayContaining(['container-instances', 'data-science', 'minimal', 'oracle-database', 'quickstart']),
  );
});

describe.each(examples)('the example %s', (example) => {
  test('synthesizes to what both providers accept, without cycles', async () => {
    const found = await stacksOf(example);
    expect(found.size).toBeGreaterThan(0);
    for (const json of found.values()) expect(checkSynthesized(json)).toEqual([]);
  });

  test('makes resources with what it is given, and has no OCID, address or region of its own', async () => {
    const source = sourceOf(example);
    for (const json of (await stacksOf(example)).values()) {
      const { resources, dataSources } = readSynthesized(json);
      const text = JSON.stringify([...resources(), ...dataSources(), json['provider']]);
      expect(text).not.toMatch(/ocid1\./);
      expect(text).not.toMatch(/\b[a-z]{2}-[a-z]+-\d\b/);
      const addresses = text.match(/\b\d{1,3}(\.\d{1,3}){3}\b/g) ?? [];
      expect(addresses.filter((each) => !proposedAddresses.includes(each) && !source.includes(`'${each}`))).toEqual([]);
    }
  });

  test('has a gateway that takes what it is told', async () => {
    for (const json of (await stacksOf(example)).values()) {
      const files = renderedFiles(readSynthesized(json), { 'var.region': 'eu-frankfurt-1' });
      if (files['gateway.json'] === undefined) continue;
      const folder = makeDirectory();
      folder.write('secrets/0/tokens.json', JSON.stringify({ 'a-token-of-a-client': { client_id: 'client' } }));
      for (const [name, text] of Object.entries(files)) {
        const isOwn = name === 'gateway.json';
        folder.write(isOwn ? name : `backends.d/${name}`, text.replaceAll('/etc/mcp/', `${folder.path}/`));
      }
      const { code, stderr } = await runCli(['--check'], {
        MCP_GATEWAY_CONFIG: join(folder.path, 'gateway.json'),
        MCP_GATEWAY_BACKENDS_DIR: join(folder.path, 'backends.d'),
      });
      folder.remove();
      expect([stderr, code]).toEqual(['', 0]);
    }
  });

  test('asks for everything else by variables that have no default', async () => {
    for (const json of (await stacksOf(example)).values()) {
      const variables = Object.values<Block>(json['variable'] ?? {});
      expect(variables.length).toBeGreaterThan(0);
      expect(variables.filter((variable) => 'default' in variable)).toEqual([]);
    }
  });
});

test('the quickstart tells its gateway about every server', async () => {
  const stack = (await stacksOf('quickstart')).get('quickstart');
  const files = renderedFiles(readSynthesized(stack ?? {}));
  const config = Object.fromEntries(Object.entries(files).map(([name, text]) => [name, JSON.parse(text)]));
  expect(config).toMatchSnapshot();
});

test('the quickstart keeps the cluster out of the stack that configures Kubernetes', async () => {
  const found = await stacksOf('quickstart');
  const kinds = (name: string) => Object.keys(found.get(name)?.['resource'] ?? {});
  expect(kinds('quickstart-platform')).toContain('oci_containerengine_cluster');
  expect(kinds('quickstart-platform').filter((kind) => kind.startsWith('kubernetes_'))).toEqual([]);
  expect(kinds('quickstart')).toContain('kubernetes_deployment_v1');
  expect(kinds('quickstart')).not.toContain('oci_containerengine_cluster');
});

test('the stacks of the quickstart fit: what one asks for by name, the other puts out', async () => {
  const found = await stacksOf('quickstart');
  const outputs = Object.keys(found.get('quickstart-platform')?.['output']);
  const shared = Object.keys(found.get('quickstart-platform')?.['variable']);
  const wanted = Object.keys(found.get('quickstart')?.['variable']).filter((name) => !shared.includes(name));
  expect(outputs).toEqual(expect.arrayContaining(wanted));
});

test('the gateway of all hosts takes its configuration, with every server and the right proof for each', async () => {
  const stack = (await stacksOf('all-hosts')).get('all-hosts');
  const { backends, auth, oci_auth_method } = renderedConfig(readSynthesized(stack ?? {}));
  expect(oci_auth_method).toBe('oke_workload_identity');
  expect(auth.jwt_audience).toEqual(['mcp-gateway']);
  const proofs = backends.map(({ name, transport, auth_method, json_only }) => [
    name,
    `${json_only ? 'one JSON document over ' : ''}${transport}`,
    auth_method,
  ]);
  const [http, json] = ['streamable_http', 'one JSON document over streamable_http'];
  expect(Object.fromEntries(proofs.map(([name, ...proof]) => [name, proof]))).toEqual({
    stdio: ['stdio', 'none'],
    oke: [http, 'none'],
    sidecar: [http, 'none'],
    instance: [http, 'none'],
    hosted: [http, 'oauth_client_credentials'],
    score: [json, 'oke_workload_identity'],
    model: [json, 'oke_workload_identity'],
    function: [json, 'oke_workload_identity'],
    routed: [json, 'oauth_client_credentials'],
    integration: [http, 'oauth_client_credentials'],
    autonomous: [http, 'autonomous_database'],
    'database-tools': [http, 'bearer_token'],
    'database-oke': [http, 'none'],
    'database-instance': [http, 'none'],
    external: [http, 'none'],
  });
});

test('the stacks of all hosts fit: what one puts out, the other asks for by name', async () => {
  const found = await stacksOf('all-hosts');
  const outputs = Object.keys(found.get('all-hosts-platform')?.['output']);
  expect(Object.keys(found.get('all-hosts')?.['variable'])).toEqual(expect.arrayContaining(outputs));
});
