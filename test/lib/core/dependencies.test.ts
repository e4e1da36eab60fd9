import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubernetesProvider } from '@cdktf/provider-kubernetes/lib/provider';
import { OciProvider } from '@cdktf/provider-oci/lib/provider';
import { App, TerraformStack } from 'cdktf';
import {
  Compartment,
  ContainerInstanceHosting,
  FunctionHosting,
  InboundAuth,
  McpGateway,
  McpServer,
  McpServerSource,
  ModelDeploymentHosting,
  OkeCluster,
  OkeHosting,
  PrivateNetwork,
} from 'cdktf-oci-mcp';
import { type Block, readSynthesized } from '../../helpers/synth';
import { expectValidTerraform } from '../../helpers/terraform-schema';
import { cluster, compartmentId, containerInstanceServer, dynamicGroup, image, network, okeServer } from '../fixtures';

const outdir = mkdtempSync(join(tmpdir(), 'stacks-'));
afterAll(() => rmSync(outdir, { recursive: true }));

function stackWithProviders(app: App, id: string): TerraformStack {
  const stack = new TerraformStack(app, id);
  new OciProvider(stack, 'Oci', { region: 'eu-frankfurt-1' });
  new KubernetesProvider(stack, 'Kubernetes', { configPath: 'kubeconfig' });
  return stack;
}

test('a gateway in front of servers of another stack waits for that stack, and for its own resources', () => {
  const app = new App({ outdir });
  const servers = stackWithProviders(app, 'servers');
  const front = stackWithProviders(app, 'front');
  new McpGateway(front, 'Gateway', {
    image,
    hosting: new OkeHosting({ cluster: cluster(front) }),
    inboundAuth: InboundAuth.none(),
    backends: [okeServer(servers), containerInstanceServer(servers)],
  });
  app.synth();
  expectValidTerraform(outdir);

  const { stacks } = JSON.parse(readFileSync(join(outdir, 'manifest.json'), 'utf8'));
  expect(stacks.front.dependencies).toEqual(['servers']);
  const gateway = readSynthesized(JSON.parse(readFileSync(join(outdir, 'stacks/front/cdk.tf.json'), 'utf8')));
  expect(gateway.resource('kubernetes_deployment_v1')['depends_on']).toEqual([
    expect.stringMatching(/^kubernetes_network_policy_v1\.Gateway_NetworkPolicy_\w+$/),
    expect.stringMatching(
      /^oci_core_network_security_group_security_rule\.Gateway_cost-security-group-From-gateway-8000_\w+$/,
    ),
    expect.stringMatching(/^oci_core_network_security_group_security_rule\.Cluster_To-cost-security-group-8000_\w+$/),
  ]);
});

test('the rules of a path stand with the caller, whose stack needs the other one and not the other way round', () => {
  const app = new App({ outdir });
  const servers = stackWithProviders(app, 'servers');
  const front = stackWithProviders(app, 'front');
  const made = new PrivateNetwork(servers, 'Network', { compartmentId });
  const hosting = new ContainerInstanceHosting({ network: made, compartmentId });
  const oke = new OkeCluster(servers, 'Oke', { compartmentId, network: made, kubernetesVersion: 'v1.33.1' });
  const logs = new McpServer(servers, 'Logs', { source: McpServerSource.image(image), hosting });
  const common = { image, inboundAuth: InboundAuth.none(), backends: [logs] };
  new McpGateway(front, 'OnInstance', { ...common, hosting });
  new McpGateway(front, 'OnCluster', { ...common, hosting: new OkeHosting({ cluster: oke }) });
  app.synth();
  expectValidTerraform(outdir);

  const { stacks } = JSON.parse(readFileSync(join(outdir, 'manifest.json'), 'utf8'));
  expect([stacks.servers.dependencies, stacks.front.dependencies]).toEqual([[], ['servers']]);
  const { json } = readSynthesized(JSON.parse(readFileSync(join(outdir, 'stacks/front/cdk.tf.json'), 'utf8')));
  const rules = Object.values<{ description: string }>(json['resource'].oci_core_network_security_group_security_rule);
  expect(rules.map(({ description }) => description).sort()).toEqual([
    'TCP 443 to internet',
    'TCP 8000 from on-cluster',
    'TCP 8000 from on-instance-security-group',
    'TCP 8000 to logs-security-group',
    'TCP 8000 to logs-security-group',
  ]);
});

test('servers of the same name in two stacks each get the rules of their path', () => {
  const app = new App({ outdir });
  const front = stackWithProviders(app, 'front');
  const [blue, green] = ['blue', 'green'].map((id) => containerInstanceServer(stackWithProviders(app, id)));
  const gateway = new McpGateway(front, 'Gateway', {
    image,
    hosting: new OkeHosting({ cluster: cluster(front) }),
    inboundAuth: InboundAuth.none(),
  });
  gateway.addBackend(blue as McpServer, { name: 'blue' });
  gateway.addBackend(green as McpServer, { name: 'green' });
  app.synth();
  expectValidTerraform(outdir);

  const { json } = readSynthesized(JSON.parse(readFileSync(join(outdir, 'stacks/front/cdk.tf.json'), 'utf8')));
  const rules = Object.values<Block>(json['resource'].oci_core_network_security_group_security_rule);
  const ends = rules.map((rule) => {
    const end = rule['direction'] === 'INGRESS' ? rule['network_security_group_id'] : rule['destination'];
    return `${rule['direction']} ${/cross-stack-reference-input-(\w+)/.exec(end)?.[1]}`;
  });
  expect(ends.sort()).toEqual(['EGRESS blue', 'EGRESS green', 'INGRESS blue', 'INGRESS green']);
});

test('policies about a dynamic group of another stack stand where what they name is known', () => {
  const app = new App({ outdir });
  const [platform, servers, front] = ['platform', 'servers', 'front'].map((id) => stackWithProviders(app, id)) as [
    TerraformStack,
    TerraformStack,
    TerraformStack,
  ];
  const group = dynamicGroup(platform);
  const source = McpServerSource.image(image.replace('@', ':1.0@'));
  const common = { compartmentId, dynamicGroup: group };
  const hostings = [new FunctionHosting({ ...common, network: network(servers) }), new ModelDeploymentHosting(common)];
  const backends = hostings.map((hosting, i) => new McpServer(servers, `Server${i}`, { source, hosting }));
  const compartment = Compartment.fromCompartmentId(platform, 'Data', compartmentId);
  for (const server of backends) compartment.grantRead(server, 'objects').applyBefore(server);
  new McpGateway(front, 'Gateway', {
    image,
    hosting: new ContainerInstanceHosting({ ...common, network: network(front) }),
    inboundAuth: InboundAuth.none(),
    backends,
  });
  app.synth();
  expectValidTerraform(outdir);

  const { stacks } = JSON.parse(readFileSync(join(outdir, 'manifest.json'), 'utf8'));
  expect([stacks.platform.dependencies, stacks.servers.dependencies]).toEqual([[], ['platform']]);
  const statementsOf = (id: string) =>
    readSynthesized(JSON.parse(readFileSync(join(outdir, `stacks/${id}/cdk.tf.json`), 'utf8')))
      .resources('oci_identity_policy')
      .flatMap(({ statements }): string[] => statements);
  expect(statementsOf('servers').map((each) => each.replace(/\$\{[^}]*\}/g, '…'))).toEqual([
    `Allow dynamic-group … to use fn-invocation in compartment id ${compartmentId} where target.function.id='…'`,
    `Allow dynamic-group … to use log-content in compartment id ${compartmentId} where target.loggroup.id='…'`,
  ]);
  expect(statementsOf('platform')).toContain(
    `Allow dynamic-group \${oci_identity_dynamic_group.Group_C77FDACD.name} to read objects in compartment id ${compartmentId}`,
  );
});
