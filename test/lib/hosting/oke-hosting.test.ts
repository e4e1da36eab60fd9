import { type TerraformResource, type TerraformStack, TerraformVariable } from 'cdktf';
import {
  Compartment,
  McpServer,
  type McpServerProps,
  McpServerSource,
  OkeHosting,
  type OkeHostingProps,
} from 'cdktf-oci-mcp';
import { runCli } from '../../helpers/gateway-cli';
import { addressOf, type Block, faultsOf, type Synthesized, synth } from '../../helpers/synth';
import {
  cluster,
  clusterId,
  compartmentId,
  containerInstanceServer,
  image,
  okeServer,
  podSecurityGroupId,
  reference,
  source,
} from '../fixtures';
import { describeHosting } from './hosting-suite';

const labels = { 'app.kubernetes.io/name': 'logs', 'app.kubernetes.io/part-of': 'mcp' };

const podOf = ({ resource }: Synthesized): Block => resource('kubernetes_deployment_v1', 'Logs').spec.template.spec;
const containerOf = (stack: Synthesized): Block => podOf(stack)['container'][0];
const synthServer = (hosting: Partial<OkeHostingProps> = {}, props: Partial<McpServerProps> = {}) =>
  synth((stack) => void okeServer(stack, hosting, props));

describeHosting('OkeHosting', {
  make: (stack) => new OkeHosting({ cluster: cluster(stack) }),
  makeOfReferences: (stack) =>
    new OkeHosting({
      cluster: cluster(stack, {
        clusterId: reference(stack, 'cluster_id'),
        podSecurityGroupId: reference(stack, 'pod_group_id'),
      }),
      namespace: reference(stack, 'namespace'),
      replicas: new TerraformVariable(stack, 'replicas', { type: 'number' }).numberValue,
      egressPorts: [new TerraformVariable(stack, 'egress_port', { type: 'number' }).numberValue],
      imagePullSecrets: [reference(stack, 'pull_secret')],
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
      /^http:\/\/\$\{kubernetes_service_v1\.Server_Service_\w+\.metadata\[0\]\.name\}\.\$\{kubernetes_service_v1\.Server_Service_\w+\.metadata\[0\]\.namespace\}\.svc\.cluster\.local:8000\/mcp$/,
    ),
  },
  primaryResource: 'kubernetes_deployment_v1',
  grant: {
    statement: `Allow any-user to read log-content in compartment id ${compartmentId} where all {request.principal.type='workload', request.principal.namespace='mcp', request.principal.service_account='server', request.principal.cluster_id='${clusterId}'}`,
  },
  opens: [8000],
  environmentOf: ({ resource }) => resource('kubernetes_deployment_v1', 'Server').spec.template.spec.container[0].env,
});

describe('pods', () => {
  test('run without root, capabilities, privilege escalation and a writable root file system', () => {
    const stack = synthServer();
    expect(containerOf(stack)['security_context']).toEqual({
      allow_privilege_escalation: false,
      read_only_root_filesystem: true,
      run_as_non_root: true,
      run_as_user: '10001',
      run_as_group: '10001',
      capabilities: { drop: ['ALL'] },
      seccomp_profile: { type: 'RuntimeDefault' },
    });
    expect(podOf(stack)['security_context']).toEqual({
      fs_group: '10001',
      run_as_non_root: true,
      seccomp_profile: { type: 'RuntimeDefault' },
    });
    expect(containerOf(stack)['volume_mount']).toEqual([{ name: 'logs-tmp', mount_path: '/tmp', read_only: false }]);
    expect(podOf(stack)['volume']).toEqual([{ name: 'logs-tmp', empty_dir: {} }]);
  });

  test('are probed by connecting to their port, or at the health path where there is one', () => {
    const probes = ['liveness_probe', 'readiness_probe', 'startup_probe'];
    const connecting = containerOf(synthServer({}, { port: 3000 }));
    const asking = containerOf(synthServer({}, { port: 3000, healthPath: '/healthz' }));
    for (const probe of probes) {
      expect(connecting[probe].tcp_socket).toEqual([{ port: '3000' }]);
      expect(connecting[probe].http_get).toBeUndefined();
      expect(asking[probe].http_get).toEqual({ path: '/healthz', port: '3000', scheme: 'HTTP' });
      expect(asking[probe].tcp_socket).toBeUndefined();
    }
  });

  test('get two minutes to start before they are probed for life', () => {
    const { period_seconds, failure_threshold } = containerOf(synthServer())['startup_probe'];
    expect(period_seconds * failure_threshold).toBe(120);
  });

  test('have requests and limits, each of which can be changed alone', () => {
    expect(containerOf(synthServer())['resources']).toEqual({
      requests: { cpu: '100m', memory: '128Mi' },
      limits: { cpu: '1', memory: '512Mi' },
    });
    expect(containerOf(synthServer({ resources: { memoryLimit: '2Gi' } }))['resources']).toEqual({
      requests: { cpu: '100m', memory: '128Mi' },
      limits: { cpu: '1', memory: '2Gi' },
    });
  });

  test('spread over zones and nodes', () => {
    const spread = podOf(synthServer())['topology_spread_constraint'];
    expect(spread.map((each: Block) => each['topology_key'])).toEqual([
      'topology.kubernetes.io/zone',
      'kubernetes.io/hostname',
    ]);
    for (const each of spread) {
      expect(each).toMatchObject({ max_skew: 1, label_selector: [{ match_labels: labels }] });
    }
  });

  test('run where they are told to, and what they are told to', () => {
    const stack = synthServer(
      { nodeSelector: { pool: 'mcp' }, imagePullSecrets: ['ocir'], waitForRollout: true },
      { source: McpServerSource.image(source.image, { command: ['/serve'], args: ['--read-only'] }) },
    );
    expect(podOf(stack)).toMatchObject({ node_selector: { pool: 'mcp' }, image_pull_secrets: [{ name: 'ocir' }] });
    expect(containerOf(stack)).toMatchObject({ image: source.image, command: ['/serve'], args: ['--read-only'] });
    expect(stack.resource('kubernetes_deployment_v1').wait_for_rollout).toBe(true);
  });

  test('are replaced without a gap', () => {
    const { spec } = synthServer().resource('kubernetes_deployment_v1');
    expect(spec.strategy).toEqual({ type: 'RollingUpdate', rolling_update: { max_surge: '1', max_unavailable: '0' } });
  });

  test('of different servers are told apart by every selector', () => {
    const stack = synth((scope) => {
      okeServer(scope);
      new McpServer(scope, 'Cost', { source, hosting: new OkeHosting({ cluster: cluster(scope) }) });
    });
    const selectorsOf = (id: string) => [
      stack.resource('kubernetes_deployment_v1', id).spec.selector.match_labels,
      stack.resource('kubernetes_deployment_v1', id).spec.template.metadata.labels,
      stack.resource('kubernetes_service_v1', id).spec.selector,
      stack.resource('kubernetes_pod_disruption_budget_v1', id).spec.selector.match_labels,
      stack.resource('kubernetes_network_policy_v1', id).spec.pod_selector.match_labels,
    ];
    expect(selectorsOf('Logs')).toEqual(Array(5).fill(labels));
    expect(selectorsOf('Cost')).toEqual(Array(5).fill({ ...labels, 'app.kubernetes.io/name': 'cost' }));
  });
});

describe('secrets', () => {
  test('become environment variables and folders by reference', () => {
    const stack = synthServer(
      {},
      {
        secretEnvironment: { DB_PASSWORD: { name: 'database', key: 'password' } },
        secretDirectories: [{ path: '/opt/oracle/wallet', files: { secretName: 'wallet' } }],
      },
    );
    expect(containerOf(stack)['env'].at(-1)).toEqual({
      name: 'DB_PASSWORD',
      value_from: { secret_key_ref: { name: 'database', key: 'password' } },
    });
    expect(containerOf(stack)['volume_mount'].at(-1)).toEqual({
      name: 'logs-secret-0',
      mount_path: '/opt/oracle/wallet',
      read_only: true,
    });
    expect(podOf(stack)['volume'].at(-1)).toEqual({ name: 'logs-secret-0', secret: { secret_name: 'wallet' } });
  });

  test('fails when a variable is to come from Vault', () => {
    const secretEnvironment = { DB_PASSWORD: { secretId: 'ocid1.vaultsecret.oc1..example', compartmentId } };
    expect(faultsOf((stack) => void okeServer(stack, {}, { secretEnvironment }))).toEqual([
      '[stack/Logs] secretEnvironment: got "DB_PASSWORD from Vault"; allowed: keys of Kubernetes Secrets on OKE; fix: let the server read the secret with its workload identity, by an OCID in environment',
    ]);
  });

  test('fails when two folders are mounted in one place', () => {
    const secretDirectories = ['one', 'two'].map((secretName) => ({ path: '/etc/keys', files: { secretName } }));
    expect(faultsOf((stack) => void okeServer(stack, {}, { secretDirectories }))).toEqual([
      '[stack/Logs] secretDirectories: got "/etc/keys"; allowed: paths mounted once each',
    ]);
  });

  describe('from Vault as files', () => {
    const vaultSecrets = {
      'cwallet.sso': { secretId: 'ocid1.vaultsecret.oc1..wallet', compartmentId },
      'tnsnames.ora': { secretId: 'ocid1.vaultsecret.oc1..names', compartmentId: 'ocid1.compartment.oc1..other' },
    };
    const secretDirectories = [{ path: '/opt/oracle/wallet', files: { vaultSecrets, fetcherImage: image } }];
    const fetching = () => synthServer({ resources: { memoryLimit: '1Gi' } }, { secretDirectories });

    test('are fetched into memory before the server starts, by a container with the same limits and no more rights', () => {
      const stack = fetching();
      const [fetcher, ...others] = podOf(stack)['init_container'];
      expect(others).toEqual([]);
      expect(fetcher).toEqual({
        name: 'logs-fetch-secret-0',
        image,
        image_pull_policy: 'IfNotPresent',
        args: [
          'fetch-secrets',
          '/opt/oracle/wallet',
          'cwallet.sso=ocid1.vaultsecret.oc1..wallet',
          'tnsnames.ora=ocid1.vaultsecret.oc1..names',
          '--auth-method',
          'oke_workload_identity',
        ],
        resources: containerOf(stack)['resources'],
        security_context: containerOf(stack)['security_context'],
        volume_mount: [{ name: 'logs-secret-0', mount_path: '/opt/oracle/wallet', read_only: false }],
      });
      expect(containerOf(stack)['resources'].limits.memory).toBe('1Gi');
      expect(podOf(stack)['volume'].at(-1)).toEqual({
        name: 'logs-secret-0',
        empty_dir: { medium: 'Memory', size_limit: '4Mi' },
      });
      expect(containerOf(stack)['volume_mount'].at(-1)).toEqual({
        name: 'logs-secret-0',
        mount_path: '/opt/oracle/wallet',
        read_only: true,
      });
    });

    test('are fetched by a command that the gateway has, which only misses the pod here', async () => {
      const { args } = podOf(fetching())['init_container'][0];
      const elsewhere = await runCli([...args, '--timeout', '1']);
      expect(elsewhere).toMatchObject({ code: 1, stderr: expect.not.stringContaining('expected') });
      expect((await runCli([...args, 'no pair'])).code).toBe(78);
    });

    test('are read with the identity of the pods, which may read these and no others before they start', () => {
      const stack = fetching();
      expect(podOf(stack)['automount_service_account_token']).toBe(true);
      const workload = `request.principal.type='workload', request.principal.namespace='mcp', request.principal.service_account='logs', request.principal.cluster_id='${clusterId}'`;
      const allowed = (id: string, compartment: string) =>
        `Allow any-user to read secret-bundles in compartment id ${compartment} where all {${workload}, target.secret.id='${id}'}`;
      const policies = stack.resources('oci_identity_policy');
      expect(policies.flatMap(({ statements }) => statements).sort()).toEqual([
        allowed('ocid1.vaultsecret.oc1..wallet', compartmentId),
        allowed('ocid1.vaultsecret.oc1..names', 'ocid1.compartment.oc1..other'),
      ]);
      expect(stack.resource('kubernetes_deployment_v1')['depends_on'].sort()).toEqual(
        policies.map((policy) => addressOf(stack, policy)).sort(),
      );
    });

    test('need no container of their own where there are none', () => {
      expect(podOf(synthServer())['init_container'] ?? []).toEqual([]);
    });
  });
});

describe('identity', () => {
  const tokenMounted = (stack: Synthesized) => podOf(stack)['automount_service_account_token'];

  test('pods run as a service account of their own', () => {
    const stack = synthServer();
    expect(stack.resource('kubernetes_service_account_v1').metadata.name).toBe('logs');
    expect(podOf(stack)['service_account_name']).toMatch(/^\$\{kubernetes_service_account_v1\.Logs_ServiceAccount_/);
  });

  test('pods get its token once something is granted to them', () => {
    expect(tokenMounted(synthServer())).toBe(false);
    const granted = synth((stack) => {
      Compartment.fromCompartmentId(stack, 'Compartment', compartmentId).grantRead(okeServer(stack), 'metrics');
    });
    expect(tokenMounted(granted)).toBe(true);
  });

  test('pods get its token, or do not, where that is said', () => {
    expect(tokenMounted(synthServer({ workloadIdentity: true }))).toBe(true);
    const granted = synth((stack) => {
      const server = okeServer(stack, { workloadIdentity: false });
      Compartment.fromCompartmentId(stack, 'Compartment', compartmentId).grantRead(server, 'metrics');
    });
    expect(tokenMounted(granted)).toBe(false);
  });

  const basicFault =
    '[stack/Logs] cluster: got "BASIC_CLUSTER"; allowed: an enhanced cluster: a basic one has no workload identity; fix: upgrade the cluster to ENHANCED_CLUSTER, or grant nothing to this workload';

  test('fails when something is granted to pods of a basic cluster', () => {
    const faults = faultsOf((stack) => {
      const server = okeServer(stack, { cluster: cluster(stack, { type: 'BASIC_CLUSTER' }) });
      Compartment.fromCompartmentId(stack, 'Compartment', compartmentId).grantRead(server, 'metrics');
    });
    expect(faults).toEqual([basicFault]);
  });

  test('fails when pods of a basic cluster are to have an identity', () => {
    const basic = (stack: TerraformStack) => cluster(stack, { type: 'BASIC_CLUSTER' });
    const build = (workloadIdentity: boolean) => (stack: TerraformStack) =>
      void okeServer(stack, { cluster: basic(stack), workloadIdentity });
    expect(faultsOf(build(true))).toEqual([basicFault]);
    synth(build(false));
  });

  test('a basic cluster can run pods to which nothing is granted', () => {
    synth((stack) => void okeServer(stack, { cluster: cluster(stack, { type: 'BASIC_CLUSTER' }) }));
  });
});

describe('scaling', () => {
  test('is fixed at two pods unless told otherwise, with a disruption budget', () => {
    const stack = synthServer();
    expect(stack.resource('kubernetes_deployment_v1').spec.replicas).toBe('2');
    expect(stack.resource('kubernetes_pod_disruption_budget_v1').spec.max_unavailable).toBe('1');
    expect(stack.resources('kubernetes_horizontal_pod_autoscaler_v2')).toEqual([]);
  });

  test.each<[string, Partial<OkeHostingProps>, boolean]>([
    ['one pod needs none', { replicas: 1 }, false],
    ['two pods need one', { replicas: 2 }, true],
    ['one pod that grows under load needs none', { autoscaling: { minReplicas: 1, maxReplicas: 9 } }, false],
    ['two pods that grow under load need one', { autoscaling: { minReplicas: 2, maxReplicas: 9 } }, true],
  ])('and disruption budgets: %s', (_, hosting, needed) => {
    expect(synthServer(hosting).resources('kubernetes_pod_disruption_budget_v1')).toHaveLength(needed ? 1 : 0);
  });

  test('by load leaves the number of pods to the autoscaler', () => {
    const stack = synthServer({ autoscaling: { minReplicas: 2, maxReplicas: 6, targetCpuPercent: 50 } });
    const deployment = stack.resource('kubernetes_deployment_v1');
    expect(deployment.spec.replicas).toBeUndefined();
    expect(deployment.lifecycle).toEqual({ ignore_changes: ['spec[0].replicas'] });
    expect(stack.resource('kubernetes_horizontal_pod_autoscaler_v2').spec).toMatchObject({
      min_replicas: 2,
      max_replicas: 6,
      metric: [{ resource: { target: { average_utilization: 50 } } }],
    });
  });
});

describe('network', () => {
  test('a ClusterIP Service keeps a caller with one pod for three hours', () => {
    expect(synthServer().resource('kubernetes_service_v1').spec).toMatchObject({
      type: 'ClusterIP',
      session_affinity: 'ClientIP',
      session_affinity_config: { client_ip: { timeout_seconds: 10800 } },
      port: [{ port: 8000, target_port: '8000' }],
    });
  });

  test('pods reach name resolution, HTTPS and the token exchange, or the ports given', () => {
    const egressOf = (hosting: Partial<OkeHostingProps>) =>
      synthServer(hosting).resource('kubernetes_network_policy_v1').spec.egress;
    const ports = (rule: Block) => rule['ports'].map(({ port, protocol }: Block) => `${protocol} ${port}`);
    expect(egressOf({}).map(ports)).toEqual([
      ['UDP 53', 'TCP 53'],
      ['TCP 443', 'TCP 12250'],
    ]);
    expect(egressOf({ egressPorts: [1521] }).map(ports)).toEqual([['UDP 53', 'TCP 53'], ['TCP 1521']]);
  });

  test('no egress port at all leaves name resolution alone', () => {
    const { egress } = synthServer({ egressPorts: [] }).resource('kubernetes_network_policy_v1').spec;
    expect(egress).toHaveLength(1);
  });

  test('everything is governed', () => {
    const { policy_types, ingress } = synthServer().resource('kubernetes_network_policy_v1').spec;
    expect([policy_types, ingress]).toEqual([['Ingress', 'Egress'], []]);
  });
});

describe('props', () => {
  test.each<[string, Partial<OkeHostingProps>, string[]]>([
    ['no pod is wanted', { replicas: 0 }, ['replicas: got 0; allowed: a whole number of at least 1']],
    ['half a pod is wanted', { replicas: 1.5 }, ['replicas: got 1.5; allowed: a whole number of at least 1']],
    [
      'a namespace is in capitals',
      { namespace: 'MCP' },
      ['namespace: got "MCP"; allowed: a Kubernetes namespace: at most 63 lower case letters, digits and hyphens'],
    ],
    [
      'a namespace is too long',
      { namespace: 'n'.repeat(64) },
      [
        `namespace: got "${'n'.repeat(64)}"; allowed: a Kubernetes namespace: at most 63 lower case letters, digits and hyphens`,
      ],
    ],
    [
      'ports of other hosts are out of range',
      { egressPorts: [0, 65536] },
      [0, 65536].map((port) => `egressPorts: got ${port}; allowed: a whole number from 1 to 65535`),
    ],
    [
      'autoscaling has its bounds the wrong way round, and an impossible target',
      { autoscaling: { minReplicas: 3, maxReplicas: 2, targetCpuPercent: 101 } },
      [
        'autoscaling.maxReplicas: got 2; allowed: a whole number of at least 3',
        'autoscaling.targetCpuPercent: got 101; allowed: a whole number from 1 to 100',
      ],
    ],
    [
      'amounts are no Kubernetes quantities',
      { resources: { cpuRequest: '0.1 cores', cpuLimit: '500m', memoryRequest: '1.5Gi', memoryLimit: '512MB' } },
      [
        'resources.cpuRequest: got "0.1 cores"; allowed: an amount of CPU such as "250m" or "0.5"',
        'resources.memoryLimit: got "512MB"; allowed: an amount of memory such as "256Mi"',
      ],
    ],
    [
      'both a number of pods and autoscaling are given',
      { replicas: 2, autoscaling: { minReplicas: 1, maxReplicas: 2 } },
      [
        'replicas: got 2; allowed: either replicas or autoscaling; fix: remove replicas: autoscaling decides the number',
      ],
    ],
  ])('fails when %s', (_, hosting, faults) => {
    expect(faultsOf((stack) => void okeServer(stack, hosting))).toEqual(faults.map((fault) => `[stack/Logs] ${fault}`));
  });

  test('a namespace may have 63 characters', () => {
    expect(
      synthServer({ namespace: 'n'.repeat(63) }).resource('kubernetes_service_v1').metadata.namespace,
    ).toHaveLength(63);
  });

  test('what is not a prop can be changed on the default child', () => {
    const { resource } = synth((stack) => {
      const deployment = okeServer(stack).node.defaultChild as TerraformResource;
      deployment.addOverride('spec.template.spec.priority_class_name', 'high');
    });
    expect(resource('kubernetes_deployment_v1').spec.template.spec.priority_class_name).toBe('high');
  });
});

describe('on virtual nodes', () => {
  const onVirtualNodes = (hosting: Partial<OkeHostingProps> = {}, props: Partial<McpServerProps> = {}) => {
    return (stack: TerraformStack) =>
      void okeServer(stack, { cluster: cluster(stack, { virtualNodes: true }), ...hosting }, props);
  };

  test('pods say only what is supported there', () => {
    const stack = synth(onVirtualNodes());
    const pod = stack.resource('kubernetes_deployment_v1').spec.template.spec;
    expect(pod.security_context).toEqual({ run_as_non_root: true, run_as_user: '10001', run_as_group: '10001' });
    const [container] = pod.container;
    expect(container.security_context.seccomp_profile).toBeUndefined();
    expect(container.resources).toEqual({
      requests: { cpu: '1', memory: '512Mi' },
      limits: { cpu: '1', memory: '512Mi' },
    });
  });

  test('there is no NetworkPolicy, and a warning says what that means', () => {
    const { resources, warnings } = synth(onVirtualNodes());
    expect(resources('kubernetes_network_policy_v1')).toEqual([]);
    expect(warnings).toEqual([
      '[stack/Logs] cluster: virtual nodes have no NetworkPolicy, so every pod of the cluster reaches this one and it reaches every one of them',
    ]);
  });

  test('paths to hosts outside the cluster are opened all the same', () => {
    const { resources } = synth((stack) => {
      const client = okeServer(stack, { cluster: cluster(stack, { virtualNodes: true }) });
      containerInstanceServer(stack).connections.allowFrom(client);
    });
    const rules = resources('oci_core_network_security_group_security_rule');
    expect(rules.map(({ direction }) => direction).sort()).toContain('INGRESS');
    expect(rules.filter(({ network_security_group_id: group }) => group === podSecurityGroupId)).toHaveLength(1);
  });

  const range = 'allowed: ports outside 30000 to 32767, which virtual nodes keep for Services';
  test.each([30000, 32767])('fails when the port is %i', (port) => {
    expect(faultsOf(onVirtualNodes({}, { port }))).toEqual([`[stack/Logs] port: got ${port}; ${range}`]);
  });

  test.each([29999, 32768])('the port %i is accepted', (port) => {
    synth(onVirtualNodes({}, { port }));
  });

  test('fails when secrets are to be fetched before the container starts', () => {
    const vaultSecrets = { 'cwallet.sso': { secretId: 'ocid1.vaultsecret.oc1..example', compartmentId } };
    const secretDirectories = [{ path: '/wallet', files: { vaultSecrets, fetcherImage: image } }];
    expect(faultsOf(onVirtualNodes({}, { secretDirectories }))).toEqual([
      '[stack/Logs] secretDirectories: got "files from Vault"; allowed: Kubernetes Secrets on virtual nodes: they run no init containers; fix: pass { secretName }',
    ]);
  });

  test('fails when a pod asks for less than it may take', () => {
    synth(onVirtualNodes({ resources: { cpuRequest: '500m', cpuLimit: '500m', memoryLimit: '1Gi' } }));
    expect(faultsOf(onVirtualNodes({ resources: { cpuRequest: '500m' } }))).toEqual([
      '[stack/Logs] resources: got {"cpuRequest":"500m"}; allowed: limits alone, or requests that equal them: virtual nodes set aside what a pod may take at most; fix: leave out cpuRequest and memoryRequest',
    ]);
  });
});
