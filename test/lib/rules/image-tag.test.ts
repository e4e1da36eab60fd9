import { DeploymentV1 } from '@cdktf/provider-kubernetes/lib/deployment-v1';
import { NetworkPolicyV1 } from '@cdktf/provider-kubernetes/lib/network-policy-v1';
import { ArtifactsContainerRepository } from '@cdktf/provider-oci/lib/artifacts-container-repository';
import { ContainerInstancesContainerInstance } from '@cdktf/provider-oci/lib/container-instances-container-instance';
import { FunctionsFunction } from '@cdktf/provider-oci/lib/functions-function';
import type { TerraformStack } from 'cdktf';
import { HostedApplicationAuth, HostedApplicationHosting, McpServer, McpServerSource } from 'cdktf-oci-mcp';
import { expectNoFindings, findingsOf } from '../../helpers/rules';
import { compartmentId, okeServer, reference } from '../fixtures';

const digest = `sha256:${'0f3a'.repeat(16)}`;

/** A Deployment that a team made by hand, with a NetworkPolicy. */
function deployment(stack: TerraformStack, image: string, initImage?: string): void {
  const metadata = { name: 'orders', namespace: 'mcp', labels: { app: 'orders' } };
  new DeploymentV1(stack, 'Orders', {
    metadata,
    spec: {
      selector: { matchLabels: metadata.labels },
      template: {
        metadata: { labels: metadata.labels },
        spec: {
          container: [{ name: 'orders', image }],
          initContainer: initImage === undefined ? [] : [{ name: 'init', image: initImage }],
        },
      },
    },
  });
  new NetworkPolicyV1(stack, 'Closed', {
    metadata: { name: 'closed', namespace: 'mcp' },
    spec: { podSelector: {}, policyTypes: ['Ingress'] },
  });
}

function instance(stack: TerraformStack, imageUrl: string): void {
  new ContainerInstancesContainerInstance(stack, 'Instance', {
    compartmentId,
    availabilityDomain: 'AD-1',
    shape: 'CI.Standard.E4.Flex',
    shapeConfig: { ocpus: 1 },
    vnics: [{ subnetId: 'ocid1.subnet.oc1..example' }],
    containers: [{ imageUrl }],
  });
}

function invocable(stack: TerraformStack, image: string, imageDigest?: string): void {
  new FunctionsFunction(stack, 'Function', {
    applicationId: 'ocid1.fnapp.oc1..example',
    displayName: 'orders',
    memoryInMbs: '128',
    image,
    imageDigest,
  });
}

function hosted(stack: TerraformStack): void {
  new McpServer(stack, 'Hosted', {
    source: McpServerSource.image('fra.ocir.io/acme/mcp/orders:1.0'),
    port: 8080,
    hosting: new HostedApplicationHosting({ compartmentId, auth: HostedApplicationAuth.ociSignature() }),
  });
}

test.each<[string, (stack: TerraformStack) => void, string]>([
  [
    'a server of this library',
    (stack) => okeServer(stack, {}, { source: McpServerSource.image('fra.ocir.io/acme/logs:1') }),
    'Logs/Deployment] MCP004 Mutable image tag: image fra.ocir.io/acme/logs:1',
  ],
  ['a Deployment', (stack) => deployment(stack, 'orders:1.0'), 'Orders] MCP004 Mutable image tag: image orders:1.0'],
  ['no tag at all', (stack) => deployment(stack, 'orders'), 'Orders] MCP004 Mutable image tag: image orders'],
  [
    'an init container',
    (stack) => deployment(stack, `orders@${digest}`, 'busybox:1.36'),
    'Orders] MCP004 Mutable image tag: image busybox:1.36',
  ],
  [
    'a tag after a reference',
    (stack) => deployment(stack, `${reference(stack, 'registry')}/orders:1.0`),
    'Orders] MCP004 Mutable image tag: image ${var.registry}/orders:1.0',
  ],
  [
    'a Container Instance',
    (stack) => instance(stack, 'fra.ocir.io/acme/orders:1.0'),
    'Instance] MCP004 Mutable image tag: image fra.ocir.io/acme/orders:1.0',
  ],
  [
    'a function',
    (stack) => invocable(stack, 'fra.ocir.io/acme/orders:1.0'),
    'Function] MCP004 Mutable image tag: image fra.ocir.io/acme/orders:1.0',
  ],
  [
    'a hosted application',
    hosted,
    'Hosted/Deployment] MCP004 Mutable image tag: image fra.ocir.io/acme/mcp/orders:1.0',
  ],
])('%s without digest is found', (_name, build, finding) => {
  expect(findingsOf(build)).toEqual([`[stack/${finding}`]);
});

test.each<[string, (stack: TerraformStack) => void]>([
  ['a server of this library by digest', (stack) => okeServer(stack)],
  ['a Deployment by digest', (stack) => deployment(stack, `orders:1.0@${digest}`)],
  ['an image that only Terraform knows', (stack) => deployment(stack, reference(stack, 'image'))],
  [
    'a tag that only Terraform knows',
    (stack) => deployment(stack, `fra.ocir.io/acme/orders:${reference(stack, 'tag')}`),
  ],
  ['a Container Instance by digest', (stack) => instance(stack, `fra.ocir.io/acme/orders@${digest}`)],
  ['a function with its digest beside it', (stack) => invocable(stack, 'fra.ocir.io/acme/orders:1.0', digest)],
  [
    'a tag in an immutable repository',
    (stack) => {
      new ArtifactsContainerRepository(stack, 'Repository', {
        compartmentId,
        displayName: 'mcp/orders',
        isImmutable: true,
      });
      hosted(stack);
    },
  ],
])('%s passes', (_name, build) => expectNoFindings(build));

test('a tag in another registry is found, whatever the app calls its own repositories', () => {
  const build = (stack: TerraformStack) => {
    new ArtifactsContainerRepository(stack, 'Repository', { compartmentId, displayName: 'orders', isImmutable: true });
    deployment(stack, 'docker.io/someone/orders:1.0');
  };
  expect(findingsOf(build)).toEqual(['[stack/Orders] MCP004 Mutable image tag: image docker.io/someone/orders:1.0']);
});

test('a tag in a repository whose images can be overwritten is found', () => {
  const build = (stack: TerraformStack) => {
    new ArtifactsContainerRepository(stack, 'Repository', { compartmentId, displayName: 'mcp/orders' });
    hosted(stack);
  };
  expect(findingsOf(build)).toEqual([
    '[stack/Hosted/Deployment] MCP004 Mutable image tag: image fra.ocir.io/acme/mcp/orders:1.0',
  ]);
});
