import { DeploymentV1, type DeploymentV1Config } from '@cdktf/provider-kubernetes/lib/deployment-v1';
import { Lazy, type TerraformStack } from 'cdktf';
import {
  Compartment,
  InboundAuth,
  McpGateway,
  McpServer,
  type McpServerProps,
  McpServerSource,
  OkeHosting,
  OkeSidecarHosting,
  type OkeSidecarHostingProps,
  OutboundAuth,
} from 'cdktf-oci-mcp';
import { addressOf, type Block, faultsOf, type Synthesized, synth } from '../../helpers/synth';
import { cluster, clusterId, compartmentId, image, reference, source } from '../fixtures';
import { describeHosting } from './hosting-suite';

const selector = { app: 'orders' };

/** An application "App" of one container with one volume. */
function application(stack: TerraformStack, config: Partial<DeploymentV1Config['spec']['template']['spec']> = {}) {
  const existing = stack.node.tryFindChild('App');
  if (existing !== undefined) return existing as DeploymentV1;
  return new DeploymentV1(stack, 'App', {
    metadata: { name: 'orders', namespace: 'shop' },
    spec: {
      selector: { matchLabels: selector },
      template: {
        metadata: { labels: selector, annotations: { team: 'shop' } },
        spec: {
          serviceAccountName: 'orders',
          container: [{ name: 'orders', image: 'orders:1' }],
          volume: [{ name: 'cache', emptyDir: {} }],
          ...config,
        },
      },
    },
  });
}

function sidecar(
  stack: TerraformStack,
  hosting: Partial<OkeSidecarHostingProps> = {},
  props: Partial<McpServerProps> = {},
): McpServer {
  return new McpServer(stack, 'Logs', {
    source,
    hosting: new OkeSidecarHosting({ cluster: cluster(stack), deployment: application(stack), ...hosting }),
    ...props,
  });
}

const podOf = ({ resource }: Synthesized): Block => resource('kubernetes_deployment_v1', 'App').spec.template.spec;
const namesOf = (blocks: Block[]) => blocks.map(({ name }) => name);

describeHosting('OkeSidecarHosting', {
  make: (stack) => new OkeSidecarHosting({ cluster: cluster(stack), deployment: application(stack), isolated: true }),
  makeOfReferences: (stack) =>
    new OkeSidecarHosting({
      cluster: cluster(stack, { clusterId: reference(stack, 'cluster_id') }),
      deployment: application(stack, { serviceAccountName: reference(stack, 'service_account') }),
    }),
  source,
  refused: {
    source: McpServerSource.command('node'),
    fault:
      'source: got "the command \\"node\\""; allowed: a container image on OKE; fix: use McpServerSource.image(…), or StdioHosting for a command',
  },
  endpoint: {
    transport: 'streamable_http',
    url: expect.stringMatching(
      /^http:\/\/\$\{kubernetes_service_v1\.Server_Service_.*\.svc\.cluster\.local:8000\/mcp$/,
    ),
  },
  primaryResource: 'kubernetes_deployment_v1',
  grant: {
    statement: `Allow any-user to read log-content in compartment id ${compartmentId} where all {request.principal.type='workload', request.principal.namespace='shop', request.principal.service_account='orders', request.principal.cluster_id='${clusterId}'}`,
  },
  opens: [8000],
  environmentOf: (stack) => podOf(stack)['container'].at(-1).env,
});

describe('the application', () => {
  test('keeps its containers and volumes, and gets one more of each', () => {
    const pod = podOf(synth((stack) => void sidecar(stack)));
    expect(namesOf(pod['container'])).toEqual(['orders', 'logs']);
    expect(namesOf(pod['volume'])).toEqual(['cache', 'logs-tmp']);
    expect(pod['container'][0]).toEqual({ name: 'orders', image: 'orders:1' });
    expect(pod['service_account_name']).toBe('orders');
  });

  test('keeps a server that joins between two secrets of a gateway', () => {
    const stack = synth((scope) => {
      const hosting = new OkeSidecarHosting({ cluster: cluster(scope), deployment: application(scope) });
      const inboundAuth = InboundAuth.staticTokens({ tokens: { name: 'tokens', key: 'tokens.json' } });
      const gateway = new McpGateway(scope, 'Gateway', { image, hosting, inboundAuth });
      sidecar(scope);
      const outboundAuth = OutboundAuth.bearerToken({ name: 'docs', key: 'token' });
      gateway.addBackend(McpServer.fromEndpoint(scope, 'Docs', { url: 'https://docs.example/mcp', outboundAuth }));
    });
    const pod = podOf(stack);
    expect(namesOf(pod['container'])).toEqual(['orders', 'gateway', 'logs']);
    expect(namesOf(pod['volume'])).toEqual(
      expect.arrayContaining(['cache', 'gateway-key-0', 'gateway-key-1', 'logs-tmp']),
    );
    expect(namesOf(pod['container'][1].volume_mount)).toContain('gateway-key-1');
  });

  test('fails when the server takes a port or a name of another container', () => {
    const container = [
      { name: 'logs', image: 'orders:1' },
      { name: 'orders', image: 'orders:1', port: [{ containerPort: 8000 }] },
    ];
    expect(faultsOf((stack) => void sidecar(stack, { deployment: application(stack, { container }) }))).toEqual([
      '[stack/Logs] id: got "Logs"; allowed: ids whose derived name "logs" no other container of the pod has; fix: change the id',
      '[stack/Logs] port: got 8000; allowed: a port that no other container of the pod listens on, as "orders" does; fix: pass another port, and let the server listen on it: MCP_PORT tells it',
    ]);
  });

  test('may have several servers beside it, each with its own Service', () => {
    const stack = synth((scope) => {
      sidecar(scope);
      new McpServer(scope, 'Cost', {
        source,
        port: 8001,
        hosting: new OkeSidecarHosting({ cluster: cluster(scope), deployment: application(scope) }),
      });
    });
    expect(namesOf(podOf(stack)['container'])).toEqual(['orders', 'logs', 'cost']);
    expect(namesOf(podOf(stack)['volume'])).toEqual(['cache', 'logs-tmp', 'cost-tmp']);
    const ports = stack.resources('kubernetes_service_v1').map(({ spec }) => [spec.selector, spec.port[0].port]);
    expect(ports.sort()).toEqual([
      [selector, 8000],
      [selector, 8001],
    ]);
  });

  test('is not locked down: the server is, and the Service leads to its port', () => {
    const stack = synth((scope) => void sidecar(scope, {}, { port: 3000 }));
    expect(podOf(stack)['container'][1].security_context).toMatchObject({
      run_as_non_root: true,
      read_only_root_filesystem: true,
    });
    expect(stack.resource('kubernetes_service_v1')).toMatchObject({
      metadata: { name: 'logs', namespace: 'shop' },
      spec: { type: 'ClusterIP', selector, port: [{ port: 3000, target_port: '3000' }] },
    });
  });

  test('gets no NetworkPolicy, which would close its own ports, unless it has one already', () => {
    const open = synth((stack) => void sidecar(stack).connections.allowFrom(okeClient(stack)));
    expect(open.resources('kubernetes_network_policy_v1').filter(({ metadata }) => metadata.name === 'logs')).toEqual(
      [],
    );
    const isolated = synth((stack) => void sidecar(stack, { isolated: true }).connections.allowFrom(okeClient(stack)));
    expect(isolated.resource('kubernetes_network_policy_v1', 'Logs').spec).toMatchObject({
      pod_selector: { match_labels: selector },
      policy_types: ['Ingress'],
      egress: [],
    });
  });

  test('gets the secrets and folders of the server', () => {
    const secretDirectories = [{ path: '/opt/oracle/wallet', files: { secretName: 'wallet' } }];
    const secretEnvironment = { DB_PASSWORD: { name: 'database', key: 'password' } };
    const pod = podOf(synth((stack) => void sidecar(stack, {}, { secretEnvironment, secretDirectories })));
    expect(pod['volume'].at(-1)).toEqual({ name: 'logs-secret-0', secret: { secret_name: 'wallet' } });
    expect(pod['container'].at(-1).env.at(-1).value_from.secret_key_ref).toEqual({ name: 'database', key: 'password' });
  });

  describe('with a server whose files come from Vault', () => {
    const vaultSecrets = { 'cwallet.sso': { secretId: 'ocid1.vaultsecret.oc1..wallet', compartmentId } };
    const secretDirectories = [{ path: '/opt/oracle/wallet', files: { vaultSecrets, fetcherImage: image } }];
    const withApplication = (config: Parameters<typeof application>[1]) => (stack: TerraformStack) => {
      const hosting = new OkeSidecarHosting({ cluster: cluster(stack), deployment: application(stack, config) });
      for (const id of ['Logs', 'Cost']) {
        new McpServer(stack, id, { source, hosting, secretDirectories, port: id === 'Logs' ? 8000 : 8001 });
      }
    };

    test('fetches them before its own containers start, after what it ran before already', () => {
      const pod = podOf(synth(withApplication({ initContainer: [{ name: 'migrate', image: 'migrate:1' }] })));
      expect(namesOf(pod['init_container'])).toEqual(['migrate', 'logs-fetch-secret-0', 'cost-fetch-secret-0']);
      expect(pod['init_container'][1].args).toContain('cwallet.sso=ocid1.vaultsecret.oc1..wallet');
    });

    test('fails when its pods get no token to fetch them with', () => {
      const allowed =
        'a Deployment whose pods get the token of their service account, with which secrets are read from Vault';
      const fix = 'set automountServiceAccountToken, or take the files from a Kubernetes Secret';
      const fault = `deployment: got "automountServiceAccountToken: false"; allowed: ${allowed}; fix: ${fix}`;
      expect(faultsOf(withApplication({ automountServiceAccountToken: false }))).toEqual([
        `[stack/Logs] ${fault}`,
        `[stack/Cost] ${fault}`,
      ]);
    });
  });

  test('waits for the policy of the server in its pods', () => {
    const stack = synth((scope) => {
      const server = sidecar(scope);
      Compartment.fromCompartmentId(scope, 'Compartment', compartmentId)
        .grantRead(server, 'metrics')
        .applyBefore(server);
    });
    expect(stack.resource('kubernetes_deployment_v1', 'App')['depends_on']).toEqual([
      addressOf(stack, stack.resource('oci_identity_policy')),
    ]);
  });

  test('runs as the default account of the default namespace where it names none', () => {
    const stack = synth((scope) => {
      const deployment = new DeploymentV1(scope, 'Bare', {
        metadata: { name: 'bare' },
        spec: {
          selector: { matchLabels: selector },
          template: { metadata: { labels: selector }, spec: { container: [{ name: 'bare', image: 'bare:1' }] } },
        },
      });
      const server = sidecar(scope, { deployment });
      Compartment.fromCompartmentId(scope, 'Compartment', compartmentId).grantRead(server, 'metrics');
    });
    expect(stack.resource('oci_identity_policy').statements[0]).toContain(
      "request.principal.namespace='default', request.principal.service_account='default'",
    );
  });
});

describe('a gateway beside an application', () => {
  test('restarts the pods when its configuration changes, and keeps their annotations', () => {
    const { resource } = synth((stack) => {
      new McpGateway(stack, 'Gateway', {
        image,
        hosting: new OkeSidecarHosting({ cluster: cluster(stack), deployment: application(stack) }),
        inboundAuth: InboundAuth.staticTokens({ tokens: { name: 'tokens', key: 'tokens.json' } }),
      });
    });
    const { annotations } = resource('kubernetes_deployment_v1').spec.template.metadata;
    expect(annotations).toEqual({
      team: 'shop',
      'mcp/config-sha256': expect.stringMatching(/^\$\{sha256\(jsonencode\(kubernetes_config_map_v1\./),
      'mcp/backends-sha256': expect.stringMatching(/^\$\{sha256\(jsonencode\(kubernetes_config_map_v1\./),
    });
  });
});

describe('faults', () => {
  test('fails when something is granted to pods of a basic cluster', () => {
    const faults = faultsOf((stack) => {
      cluster(stack, { type: 'BASIC_CLUSTER' });
      Compartment.fromCompartmentId(stack, 'Compartment', compartmentId).grantRead(sidecar(stack), 'metrics');
    });
    expect(faults).toEqual([
      '[stack/Logs] cluster: got "BASIC_CLUSTER"; allowed: an enhanced cluster: a basic one has no workload identity; fix: upgrade the cluster to ENHANCED_CLUSTER, or grant nothing to this workload',
    ]);
  });

  test('fails when no Service can select the pods', () => {
    const faults = faultsOf((stack) => {
      const deployment = new DeploymentV1(stack, 'Bare', {
        metadata: { name: 'bare' },
        spec: { template: { metadata: {}, spec: { container: [{ name: 'bare', image: 'bare:1' }] } } },
      });
      sidecar(stack, { deployment });
    });
    expect(faults).toEqual([
      '[stack/Logs] deployment: got "a Deployment without spec.selector.matchLabels"; allowed: a Deployment whose pods a Service can select; fix: give its selector and its pod template the same labels',
    ]);
  });

  test('fails when the containers of the application are not known at synth', () => {
    const faults = faultsOf((stack) => {
      const container = Lazy.anyValue({ produce: () => [{ name: 'orders', image: 'orders:1' }] });
      sidecar(stack, { deployment: application(stack, { container }) });
    });
    expect(faults).toEqual([
      '[stack/Logs] deployment: got "a Deployment whose containers or volumes are a reference"; allowed: a Deployment with a list of containers known at synth',
    ]);
  });
});

function okeClient(stack: TerraformStack): McpServer {
  return new McpServer(stack, 'Client', { source, hosting: new OkeHosting({ cluster: cluster(stack) }) });
}
