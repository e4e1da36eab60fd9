import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubernetesProvider } from '@cdktf/provider-kubernetes/lib/provider';
import { App, TerraformStack } from 'cdktf';
import { InboundAuth, McpGateway, McpRules, McpServer, McpServerSource, OkeCluster, OkeHosting } from 'cdktf-oci-mcp';
import { findingsOf } from '../../../lib/cli/findings';
import { SynthesizedFolder } from '../../../lib/cli/synthesized-folder';
import { PlatformReport } from '../../../lib/report/platform-report';
import { findingsIn } from '../../../lib/rules/inspection';
import { makePlatform } from '../report/platform';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'synthesized-folder-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Synthesizes an app into the folder. */
function synthesized(...builders: ((app: App) => void)[]): App {
  const app = new App({ outdir: folder });
  for (const build of builders) build(app);
  app.synth();
  return app;
}

/** A stack in which rules find something that only the constructs know. */
function makeOpenGateway(app: App): void {
  const stack = new TerraformStack(app, 'open');
  new KubernetesProvider(stack, 'Kubernetes', { configPath: 'kubeconfig' });
  const cluster = OkeCluster.fromClusterAttributes(stack, 'Cluster', { clusterId: 'ocid1.cluster.oc1..example' });
  const gateway = new McpGateway(stack, 'Gateway', {
    image: 'fra.ocir.io/acme/oci-mcp-gateway:1.0',
    hosting: new OkeHosting({ cluster, namespace: 'mcp' }),
    inboundAuth: InboundAuth.none(),
  });
  gateway.addBackend(McpServer.fromEndpoint(stack, 'Docs', { url: 'http://docs.example/mcp' }));
  McpRules.suppress(gateway, 'MCP004', 'A try-out');
  McpRules.suppress(stack, 'MCP002', 'Nothing needs this one');
}

test('rules find in the folder what they find in the app', () => {
  const app = synthesized(makePlatform, makeOpenGateway);
  const stacks = app.node.findAll().filter((each) => TerraformStack.isStack(each));
  const expected = stacks.flatMap((stack) =>
    findingsIn(stack, {}).map(({ rule, construct, found }) => [rule, construct.node.path, found]),
  );
  const { findings } = findingsOf(folder, {});
  expect(findings.map(({ rule, path, found }) => [rule, path, found])).toEqual(expected);
  expect(new Set(findings.map(({ rule }) => rule))).toEqual(new Set(['MCP001', 'MCP002', 'MCP007']));
});

test('what a platform accepts everywhere is accepted', () => {
  synthesized(makePlatform);
  const statements = (allow: object) => findingsOf(folder, allow).findings.filter(({ rule }) => rule === 'MCP003');
  writeStatement('Allow group Admins to manage repos in tenancy');
  expect(statements({})).toHaveLength(1);
  expect(statements({ manage: ['repos'] })).toEqual([]);
});

test('the report of the folder is that of the app, but for who asked for a statement', () => {
  const app = synthesized(makePlatform);
  const { statements: _, ...expected } = PlatformReport.of(app);
  expect(PlatformReport.of(new SynthesizedFolder(folder).app)).toEqual(expect.objectContaining(expected));
});

test('a server says what it runs, and nothing of its secrets', () => {
  const secret = { name: 'db', key: 'password' };
  synthesized((app) => {
    const stack = new TerraformStack(app, 'stack');
    new KubernetesProvider(stack, 'Kubernetes', { configPath: 'kubeconfig' });
    const cluster = OkeCluster.fromClusterAttributes(stack, 'Cluster', { clusterId: 'ocid1.cluster.oc1..example' });
    new McpServer(stack, 'Logs', {
      source: McpServerSource.image('fra.ocir.io/acme/logs@sha256:0f3a', { args: ['--fast'] }),
      hosting: new OkeHosting({ cluster, namespace: 'mcp' }),
      environment: { REGION: 'fra' },
      secretEnvironment: { PASSWORD: secret },
    });
  });
  expect(new SynthesizedFolder(folder).components).toEqual([
    expect.objectContaining({
      path: 'stack/Logs',
      serverName: 'logs',
      source: { kind: 'image', image: 'fra.ocir.io/acme/logs@sha256:0f3a', args: ['--fast'] },
      environment: { REGION: 'fra' },
      secretEnvironment: ['PASSWORD'],
    }),
  ]);
});

test('a folder that is none is refused with what to do', () => {
  expect(() => new SynthesizedFolder(folder)).toThrow(/no output folder[\s\S]*got: +\S+[\s\S]*manifest\.json/);
  writeFileSync(join(folder, 'manifest.json'), '{');
  expect(() => new SynthesizedFolder(folder)).toThrow(/manifest\.json cannot be read/);
});

/** Adds a statement to the stack as it lies there. */
function writeStatement(statement: string): void {
  const file = join(folder, 'stacks', 'platform', 'cdk.tf.json');
  const { json } = new SynthesizedFolder(folder).stacks[0] as { json: { [section: string]: unknown } };
  const policy = { compartment_id: 'x', name: 'x', description: 'x', statements: [statement] };
  const resource = { ...(json['resource'] as object), oci_identity_policy: { Wide: policy } };
  writeFileSync(file, JSON.stringify({ ...json, resource }));
}
