import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubernetesProvider } from '@cdktf/provider-kubernetes/lib/provider';
import { OciProvider } from '@cdktf/provider-oci/lib/provider';
import { App, TerraformStack } from 'cdktf';
import { InboundAuth, McpGateway, OkeHosting } from 'cdktf-oci-mcp';
import { readSynthesized } from '../../helpers/synth';
import { expectValidTerraform } from '../../helpers/terraform-schema';
import { cluster, containerInstanceServer, image, okeServer } from '../fixtures';

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
    expect.stringMatching(/^oci_core_network_security_group_security_rule\.Cluster_To-cost-security-group-8000_\w+$/),
  ]);
});
