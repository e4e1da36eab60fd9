import { TerraformOutput, type TerraformResource, type TerraformStack, TerraformVariable } from 'cdktf';
import {
  type BackendOptions,
  ContainerInstanceHosting,
  type IMcpHosting,
  InboundAuth,
  McpGateway,
  type McpGatewayProps,
  McpServer,
  McpServerSource,
  McpTransport,
  OkeHosting,
  OutboundAuth,
  StdioHosting,
} from 'cdktf-oci-mcp';
import { parseGatewayConfig } from 'oci-mcp-gateway/config';
import { renderedConfig, renderedFiles } from '../../helpers/rendered-config';
import { addressOf, type Block, faultsOf, type Synthesized, synth } from '../../helpers/synth';
import { cluster, compartmentId, containerInstanceServer, image, network, okeServer, reference } from '../fixtures';

const inboundAuth = InboundAuth.staticTokens({ tokens: { name: 'gateway-tokens', key: 'tokens.json' } });
const jwt = InboundAuth.jwt({
  issuer: ['https://id.example/'],
  audiences: ['mcp'],
  jwksUri: 'https://id.example/jwks',
});

function gateway(stack: TerraformStack, props: Partial<McpGatewayProps> = {}): McpGateway {
  return new McpGateway(stack, 'Gateway', {
    image,
    hosting: new OkeHosting({ cluster: cluster(stack) }),
    inboundAuth,
    ...props,
  });
}

const docs = (stack: TerraformStack, url = 'https://docs.example/mcp') =>
  McpServer.fromEndpoint(stack, 'Docs', { url, description: 'Manuals' });

const notes = (stack: TerraformStack) =>
  new McpServer(stack, 'Notes', {
    source: McpServerSource.command('node', ['/opt/servers/notes.js']),
    hosting: new StdioHosting(),
    environment: { NOTES_DIRECTORY: '/data', GROUP: reference(stack, 'log_group') },
  });

const podOf = ({ resource }: Synthesized): Block => resource('kubernetes_deployment_v1', 'Gateway').spec.template.spec;

test('a server elsewhere may answer in JSON only, want headers and signed requests', () => {
  const stack = synth((scope) => {
    const url = 'https://modeldeployment.eu-frankfurt-1.oci.customer-oci.com/ocid1.example/predict';
    const headers = { 'opc-request-id': 'gateway' };
    const outboundAuth = OutboundAuth.ociSignature();
    const forecast = McpServer.fromEndpoint(scope, 'Forecast', { url, jsonOnly: true, headers, outboundAuth });
    gateway(scope, { backends: [forecast] });
  });
  expect(renderedConfig(stack).backends[0]).toMatchObject({
    json_only: true,
    headers: { 'opc-request-id': 'gateway' },
    auth_method: 'oke_workload_identity',
  });
});

test('a gateway tells which servers stand behind it', () => {
  synth((stack) => {
    const [first, second] = [docs(stack), okeServer(stack)];
    const front = gateway(stack, { backends: [first] });
    front.addBackend(second, { name: 'search', allowedTools: ['find'] });
    expect(front.servers).toEqual([
      { name: 'docs', server: first },
      { name: 'search', server: second, allowedTools: ['find'] },
    ]);
  });
});

describe('on OKE, in front of servers on every hosting', () => {
  const everything = synth((stack) => {
    const backends = [notes(stack), okeServer(stack), containerInstanceServer(stack), docs(stack)];
    gateway(stack, { backends });
  });

  test('tells the gateway where each of them is', () => {
    const vnic = `data.oci_core_vnic.${Object.keys(everything.json['data'].oci_core_vnic)[0]}.private_ip_address`;
    const service = addressOf(everything, everything.resource('kubernetes_service_v1', 'Logs'));
    const config = renderedConfig(everything, {
      'var.log_group': 'ocid1.loggroup.oc1..example',
      [vnic]: '10.0.10.7',
      [`${service}.metadata[0].name`]: 'logs',
      [`${service}.metadata[0].namespace`]: 'mcp',
    });
    const where = config.backends.map((backend) =>
      backend.transport === 'stdio'
        ? { name: backend.name, command: backend.command, args: backend.args, env: backend.env }
        : { name: backend.name, transport: backend.transport, url: 'url' in backend && backend.url },
    );
    expect(where.sort((a, b) => a.name.localeCompare(b.name))).toEqual([
      { name: 'cost', transport: 'streamable_http', url: 'http://10.0.10.7:8000/mcp' },
      { name: 'docs', transport: 'streamable_http', url: 'https://docs.example/mcp' },
      { name: 'logs', transport: 'streamable_http', url: 'http://logs.mcp.svc.cluster.local:8000/mcp' },
      {
        name: 'notes',
        command: 'node',
        args: ['/opt/servers/notes.js'],
        env: { NOTES_DIRECTORY: '/data', GROUP: 'ocid1.loggroup.oc1..example' },
      },
    ]);
  });

  test('writes one file for each of them, and one for the gateway itself', () => {
    const files = Object.keys(renderedFiles(everything));
    expect(files.sort()).toEqual(['cost.json', 'docs.json', 'gateway.json', 'logs.json', 'notes.json']);
  });

  test('mounts the files where the gateway is told to read them', () => {
    const { env, volume_mount } = podOf(everything)['container'][0];
    expect(env).toEqual([
      { name: 'MCP_GATEWAY_CONFIG', value: '/etc/mcp/config/gateway.json' },
      { name: 'MCP_GATEWAY_BACKENDS_DIR', value: '/etc/mcp/backends.d' },
    ]);
    expect(volume_mount).toEqual(
      expect.arrayContaining([
        { name: 'gateway-config', mount_path: '/etc/mcp/config', read_only: true },
        { name: 'gateway-backends', mount_path: '/etc/mcp/backends.d', read_only: true },
      ]),
    );
  });

  test('mounts ConfigMaps of others as further folders of backends', () => {
    const backendsConfigMaps = ['team-a', 'team-b.servers'];
    const pod = podOf(synth((stack) => void gateway(stack, { backendsConfigMaps })));
    const { env, volume_mount } = pod['container'][0];
    const directories = '/etc/mcp/backends.d:/etc/mcp/backends-0.d:/etc/mcp/backends-1.d';
    expect(env).toContainEqual({ name: 'MCP_GATEWAY_BACKENDS_DIR', value: directories });
    for (const [i, name] of backendsConfigMaps.entries()) {
      const mount = volume_mount.find((each: Block) => each['mount_path'] === `/etc/mcp/backends-${i}.d`);
      const volume = pod['volume'].find((each: Block) => each['name'] === mount.name);
      // No part of it alone, which would not change while the gateway runs.
      expect(mount).toEqual({ name: mount.name, mount_path: mount.mount_path, read_only: true });
      expect(volume).toMatchObject({ config_map: { name } });
    }
  });

  test('reports ConfigMaps that cannot be', () => {
    const backendsConfigMaps = ['Team_A', 'team', 'team'];
    expect(faultsOf((stack) => void gateway(stack, { backendsConfigMaps }))).toEqual([
      expect.stringContaining('backendsConfigMaps: got "Team_A"; allowed: names of ConfigMaps'),
      expect.stringContaining('backendsConfigMaps: got "team"; allowed: each ConfigMap once'),
    ]);
  });

  test('opens a path to each of them before the gateway starts', () => {
    const waits: string[] = everything.resource('kubernetes_deployment_v1', 'Gateway')['depends_on'];
    const path = [
      'kubernetes_network_policy_v1.Logs_',
      'oci_core_network_security_group_security_rule.Cost_SecurityGroup_From',
    ];
    for (const prefix of [...path, 'kubernetes_network_policy_v1.Gateway_']) {
      expect(waits.filter((address) => address.startsWith(prefix))).toHaveLength(1);
    }
    const { egress } = everything.resource('kubernetes_network_policy_v1', 'Gateway').spec;
    expect(egress.slice(2).map((rule: Block) => rule['ports'][0].port)).toEqual(['8000', '8000', '443']);
  });

  test('listens on port 9000, and is probed for health, whatever becomes of its backends', () => {
    const config = renderedConfig(everything);
    expect(config).toMatchObject({ name: 'gateway', host: '0.0.0.0', port: 9000, path: '/mcp', log_level: 'INFO' });
    const [container] = podOf(everything)['container'];
    for (const probe of ['liveness_probe', 'startup_probe', 'readiness_probe']) {
      expect(container[probe].http_get).toMatchObject({ path: '/health', port: '9000' });
    }
  });

  test('is killed only after it has had the time that it takes to end', () => {
    const { drain_delay, drain_timeout } = parseGatewayConfig(renderedConfig(everything));
    expect(drain_delay).toBe(5);
    const grace = podOf(everything)['termination_grace_period_seconds'];
    expect(grace).toBeGreaterThanOrEqual(drain_delay + drain_timeout + 5);
  });
});

describe('on a Container Instance', () => {
  const onInstance = (stack: TerraformStack, props: Partial<McpGatewayProps> = {}) =>
    gateway(stack, {
      hosting: new ContainerInstanceHosting({ network: network(stack), compartmentId }),
      inboundAuth: jwt,
      ...props,
    });

  test('reads the same files from volumes, with references and quotes intact', () => {
    const stack = synth((scope) => {
      const server = McpServer.fromEndpoint(scope, 'Docs', {
        url: `https://${reference(scope, 'host')}/mcp`,
        description: `Say "hello" to \${nobody}\nand C:\\temp on ${reference(scope, 'day')}`,
      });
      onInstance(scope, { backends: [server], gatewayName: 'tools' });
    });
    const config = renderedConfig(stack, { 'var.host': 'docs.example', 'var.day': '"Monday"' });
    expect(config.name).toBe('tools');
    expect(config.backends[0]).toMatchObject({
      url: 'https://docs.example/mcp',
      description: 'Say "hello" to ${nobody}\nand C:\\temp on "Monday"',
    });
    expect(stack.resource('oci_container_instances_container_instance').containers[0].volume_mounts).toEqual([
      { volume_name: 'tmp', mount_path: '/tmp' },
      { volume_name: 'config', mount_path: '/etc/mcp/config', is_read_only: true },
      { volume_name: 'backends', mount_path: '/etc/mcp/backends.d', is_read_only: true },
    ]);
  });

  test('lets a server on another instance in by its security group, before it starts', () => {
    const stack = synth((scope) => void onInstance(scope, { backends: [containerInstanceServer(scope)] }));
    const instance = stack.resource('oci_container_instances_container_instance', 'Gateway');
    const rules = stack.resources('oci_core_network_security_group_security_rule');
    const path = rules.filter((rule) => rule['tcp_options'].destination_port_range.min === 8000);
    expect(path.map(({ direction }) => direction).sort()).toEqual(['EGRESS', 'INGRESS']);
    expect([...instance['depends_on']].sort()).toEqual(path.map((rule) => addressOf(stack, rule)).sort());
  });

  test('fails when its tokens or credentials are Kubernetes secrets', () => {
    const faults = faultsOf((stack) => {
      const outboundAuth = OutboundAuth.bearerToken({ name: 'docs-token', key: 'token' });
      const server = McpServer.fromEndpoint(stack, 'Docs', { url: 'https://docs.example/mcp', outboundAuth });
      onInstance(stack, { inboundAuth, backends: [server] });
    });
    expect(faults).toEqual(
      ['gateway-tokens', 'docs-token'].map(
        (name) =>
          `[stack/Gateway] hosting: got "the Kubernetes secret ${name}"; allowed: secrets from Kubernetes on OKE only: a Container Instance has no access to a cluster; fix: pass a secret in Vault where one is taken, or host this workload on OKE`,
      ),
    );
  });
});

describe('its workload', () => {
  test('is the default child, and can be overridden', () => {
    const { resource } = synth((stack) => {
      (gateway(stack).node.defaultChild as TerraformResource).addOverride('wait_for_rollout', true);
    });
    expect(resource('kubernetes_deployment_v1').wait_for_rollout).toBe(true);
  });

  test('restarts when a file changes: the pod carries their hashes', () => {
    const { annotations } = synth((stack) => void gateway(stack)).resource('kubernetes_deployment_v1').spec.template
      .metadata;
    const map = (id: string) =>
      new RegExp(
        `^\\$\\{sha256\\(jsonencode\\(kubernetes_config_map_v1\\.Gateway_ConfigMap-${id}_\\w+\\.data\\)\\)\\}$`,
      );
    expect(annotations).toEqual({
      'mcp/config-sha256': expect.stringMatching(map('config')),
      'mcp/backends-sha256': expect.stringMatching(map('backends')),
    });
  });

  test('has a ConfigMap without data as long as there is no server, since Kubernetes keeps no empty one', () => {
    const maps = synth((stack) => void gateway(stack)).resources('kubernetes_config_map_v1');
    expect(maps.map(({ metadata, data }) => [metadata.name, data && Object.keys(data)])).toEqual([
      ['gateway-backends', undefined],
      ['gateway-config', ['gateway.json']],
    ]);
  });

  test('is reached at its endpoint, which others can depend on', () => {
    const { json } = synth((stack) => {
      new TerraformOutput(stack, 'url', { value: gateway(stack, { port: 9443 }).endpoint.url });
    });
    expect(json['output'].url.value).toMatch(/\.svc\.cluster\.local:9443\/mcp$/);
  });

  test('can itself be reached by a server, without a policy', () => {
    const { resources } = synth((stack) => {
      const front = gateway(stack);
      const caller = okeServer(stack);
      front.connections.allowFrom(caller);
    });
    expect(resources('oci_identity_policy')).toEqual([]);
    expect(
      resources('kubernetes_network_policy_v1').find(({ metadata }) => metadata.name === 'gateway')?.['spec'].ingress,
    ).toHaveLength(1);
  });

  test.each([1024, 65535])('may listen on port %i', (port) => {
    expect(renderedConfig(synth((stack) => void gateway(stack, { port }))).port).toBe(port);
  });

  test.each([1023, 65536, 0])('fails when it is to listen on port %i', (port) => {
    const faults = faultsOf((stack) => void gateway(stack, { port }));
    expect(faults).toContain(`[stack/Gateway] port: got ${port}; allowed: a whole number from 1024 to 65535`);
  });

  test('fails when it is to be a child process, which no client can reach', () => {
    const faults = faultsOf((stack) => void gateway(stack, { hosting: new StdioHosting() }));
    expect(faults).toContain(
      '[stack/Gateway] hosting: got "StdioHosting"; allowed: a hosting that clients can reach over HTTP',
    );
  });
});

describe('what clients are offered', () => {
  test('is everything, in large pages, unless told otherwise', () => {
    const { views, tool_search, page_size, gateway_tools } = renderedConfig(synth((stack) => void gateway(stack)));
    expect({ views, tool_search, page_size, gateway_tools }).toEqual({
      views: {},
      tool_search: false,
      page_size: 1000,
      gateway_tools: { enabled: false },
    });
  });

  test('is as told, whichever servers are added when', () => {
    const stack = synth((scope) => {
      const server = docs(scope);
      const front = gateway(scope, {
        views: {
          manuals: { description: 'Read.', backends: [server], tags: ['public'], tools: ['m_*'], toolSearch: true },
          rest: {},
        },
        toolSearch: true,
        pageSize: 50,
        gatewayTools: { requiredScopes: ['operations'] },
      });
      front.addBackend(server, { name: 'm', tags: ['public'] });
      expect(front.views).toEqual(['manuals', 'rest']);
    });
    expect(renderedConfig(stack)).toMatchObject({
      views: {
        manuals: { description: 'Read.', backends: ['m'], tags: ['public'], tools: ['m_*'], tool_search: true },
        rest: { tool_search: false },
      },
      tool_search: true,
      page_size: 50,
      gateway_tools: { enabled: true, required_scopes: ['operations'] },
    });
  });

  test('fails when a view shows what is not there', () => {
    expect(
      faultsOf((stack) => {
        const views = { odd: { backends: [docs(stack)], tags: ['nope'] }, 'a/b': {} };
        gateway(stack, { views, pageSize: 0 });
      }).sort(),
    ).toEqual([
      expect.stringContaining('page_size: expected a whole number from 1 to 10000, got 0'),
      expect.stringContaining('views.odd.backends: stack/Docs is not behind this gateway; pass it to addBackend'),
      expect.stringContaining('views["a/b"]: expected the name of a view'),
    ]);
    expect(faultsOf((stack) => void gateway(stack, { views: { odd: { tags: ['nope'] } } }))).toEqual([
      '[stack/Gateway] views.odd.tags: no backend or tool has the tag "nope"; there are none',
    ]);
  });
});

describe('backends', () => {
  const backend = (options: BackendOptions, make = docs) =>
    renderedConfig(synth((stack) => void gateway(stack).addBackend(make(stack), options))).backends[0];

  test('are exposed with all their tools under their own name unless told otherwise', () => {
    const { allowed_tools, namespace_tools, name, description } = backend({}) ?? {};
    expect({ allowed_tools, namespace_tools, name, description }).toEqual({
      allowed_tools: undefined,
      namespace_tools: true,
      name: 'docs',
      description: 'Manuals',
    });
  });

  test('are exposed as told', () => {
    const options: BackendOptions = {
      name: 'manuals',
      namespaceTools: false,
      allowedTools: ['search', 'fetch'],
      tags: ['public'],
      connectTimeoutSeconds: 2.5,
      requestTimeoutSeconds: 300,
      healthCheckIntervalSeconds: 0,
    };
    expect(backend(options)).toMatchObject({
      name: 'manuals',
      namespace_tools: false,
      allowed_tools: ['search', 'fetch'],
      tags: ['public'],
      connect_timeout: 2.5,
      request_timeout: 300,
      health_check_interval: 0,
    });
  });

  test('have other names and descriptions for some of their tools', () => {
    const tools = { search: { name: 'find', title: 'Find', description: 'Finds.', tags: ['read'] }, fetch: {} };
    expect(backend({ namespaceTools: 'onConflict', deniedTools: ['*_secret'], tools })).toMatchObject({
      namespace_tools: 'on_conflict',
      denied_tools: ['*_secret'],
      tools: { search: tools.search, fetch: { tags: [] } },
    });
  });

  test('may be reached over SSE', () => {
    const sse = (stack: TerraformStack) =>
      McpServer.fromEndpoint(stack, 'Old', { url: 'https://old.example/sse', transport: McpTransport.SSE });
    expect(backend({}, sse)?.transport).toBe('sse');
  });

  test('may be added after the gateway was made, whatever their order', () => {
    const makers = [okeServer, containerInstanceServer, docs];
    const files = (order: typeof makers) =>
      renderedFiles(
        synth((stack) => {
          const front = gateway(stack);
          for (const make of order) front.addBackend(make(stack));
        }),
      );
    expect(Object.keys(files(makers))).toHaveLength(4);
    expect(files(makers)).toEqual(files([...makers].reverse()));
  });

  test.each([0, 0.0009, 3601, Number.NaN])('fails when a time limit is %d seconds', (seconds) => {
    const faults = faultsOf((stack) => {
      gateway(stack).addBackend(docs(stack), { connectTimeoutSeconds: seconds, requestTimeoutSeconds: seconds });
    });
    for (const prop of ['connectTimeoutSeconds', 'requestTimeoutSeconds']) {
      expect(faults).toContain(`[stack/Gateway] ${prop}: got ${seconds}; allowed: a number from 0.001 to 3600`);
    }
  });
});

test.each([-1, 86_401])('fails when the seconds between pings are %d', (healthCheckIntervalSeconds) => {
  expect(faultsOf((stack) => gateway(stack).addBackend(docs(stack), { healthCheckIntervalSeconds }))).toContain(
    `[stack/Gateway] healthCheckIntervalSeconds: got ${healthCheckIntervalSeconds}; allowed: a number from 0 to 86400`,
  );
});

describe('faults of the configuration', () => {
  test('fails when two backends have the same name, and says which servers they are', () => {
    const faults = faultsOf((stack) => {
      gateway(stack, { backends: [okeServer(stack), containerInstanceServer(stack, {}, { serverName: 'logs' })] });
    });
    expect(faults).toEqual([
      '[stack/Gateway] backends[1].name: "logs" is already the name of backends[0]; names must be unique (server stack/Cost)',
    ]);
  });

  test('fails when one server is added twice under one name', () => {
    const faults = faultsOf((stack) => {
      const server = docs(stack);
      gateway(stack, { backends: [server] }).addBackend(server);
    });
    expect(faults).toEqual([expect.stringContaining('backends[1].name: "docs" is already the name of backends[0]')]);
  });

  test('fails when a backend cannot be called what it is called, with the path of its server', () => {
    const faults = faultsOf((stack) => void gateway(stack).addBackend(docs(stack), { name: 'no spaces' }));
    expect(faults).toEqual([
      '[stack/Gateway] backends[0].name: expected 1 to 64 letters, digits, "-", "_" or ".", got "no spaces" (server stack/Docs)',
    ]);
  });

  test('fails when the name of a backend is a reference, and says that it is one', () => {
    const faults = faultsOf((stack) => void gateway(stack).addBackend(docs(stack), { name: reference(stack, 'name') }));
    expect(faults).toEqual([
      '[stack/Gateway] backends[0].name: expected 1 to 64 letters, digits, "-", "_" or ".", got a Terraform reference (server stack/Docs)',
    ]);
  });

  test('fails when its files are more than a ConfigMap holds', () => {
    const faults = faultsOf((stack) => {
      const server = new McpServer(stack, 'Notes', {
        source: McpServerSource.command('node'),
        hosting: new StdioHosting(),
        environment: { NOTES: 'x'.repeat(2 ** 20) },
      });
      gateway(stack, { backends: [server] });
    });
    expect(faults).toEqual([
      expect.stringMatching(
        /^\[stack\/Gateway\] backends: got "10\d{5} bytes of files in \/etc\/mcp\/backends\.d"; allowed: at most 1048576 bytes/,
      ),
    ]);
  });

  test('fails when several things are wrong, with all of them', () => {
    const faults = faultsOf((stack) => {
      const front = gateway(stack, {
        gatewayName: ' ',
        inboundAuth: InboundAuth.jwt({
          issuer: ['i'],
          audiences: ['mcp'],
          jwksUri: 'http://id.example',
          algorithms: ['HS256'],
        }),
      });
      front.addBackend(docs(stack), { allowedTools: [''] });
    });
    expect(faults.map((fault) => fault.replace(/^\[stack\/Gateway\] ([^:]+):.*$/, '$1')).sort()).toEqual([
      'auth.jwt_algorithms[0]',
      'auth.jwt_jwks_uri',
      'backends[0].allowed_tools[0]',
      'name',
    ]);
  });
});

describe('in one stack with its servers', () => {
  test.each<[string, (stack: TerraformStack) => IMcpHosting]>([
    ['OKE', (stack) => new OkeHosting({ cluster: cluster(stack), autoscaling: { minReplicas: 2, maxReplicas: 4 } })],
    ['a Container Instance', (stack) => new ContainerInstanceHosting({ network: network(stack), compartmentId })],
  ])('on %s, references as its port and URLs pass the check of the configuration', (_, hosting) => {
    const stack = synth((scope) => {
      const port = new TerraformVariable(scope, 'port', { type: 'number' }).numberValue;
      gateway(scope, {
        hosting: hosting(scope),
        inboundAuth: jwt,
        port,
        backends: [docs(scope, reference(scope, 'url'))],
      });
    });
    const config = renderedConfig(stack, { 'var.port': 9001, 'var.url': 'https://docs.example/mcp' });
    expect([config.port, config.backends[0]]).toMatchObject([9001, { url: 'https://docs.example/mcp' }]);
  });
});

describe('secret files for servers on stdio', () => {
  const folder = (secretId: string) => [
    {
      path: '/opt/wallet',
      files: { vaultSecrets: { 'cwallet.sso': { secretId, compartmentId } }, fetcherImage: image },
    },
  ];

  test('are in folders of the gateway, which may read them before it starts', () => {
    const stack = synth((scope) => {
      gateway(scope, { secretDirectories: folder('ocid1.vaultsecret.oc1..wallet') });
    });
    const { init_container, container } = stack.resource('kubernetes_deployment_v1').spec.template.spec;
    expect(init_container[0].args.slice(0, 2)).toEqual(['fetch-secrets', '/opt/wallet']);
    expect(container[0].volume_mount).toContainEqual(expect.objectContaining({ mount_path: '/opt/wallet' }));
    const policy = stack.resource('oci_identity_policy');
    expect(policy['statements']).toEqual([expect.stringContaining("target.secret.id='ocid1.vaultsecret.oc1..wallet'")]);
    expect(stack.resource('kubernetes_deployment_v1')['depends_on']).toContain(addressOf(stack, policy));
  });

  test('fail when they are given by value, which is not printed', () => {
    const faults = faultsOf((stack) => void gateway(stack, { secretDirectories: folder('hunter2') }));
    expect(faults).toEqual([
      '[stack/Gateway] secretId: got "text that is no OCID of a secret"; allowed: an OCID such as "ocid1.vaultsecret.oc1…": the value itself would land in the state; fix: put the value into a secret in Vault and pass the OCID of that',
    ]);
  });
});

describe('a sealing key', () => {
  const settingsOf = (stack: Synthesized): Block => JSON.parse(renderedFiles(stack)['gateway.json'] ?? '');
  const warnings = (stack: Synthesized) => stack.warnings.filter((warning) => warning.includes('sealingKey'));

  test('in Vault is read by the gateway, which may do so before it starts', () => {
    const secretId = 'ocid1.vaultsecret.oc1.eu-frankfurt-1.sealing';
    const stack = synth((scope) => void gateway(scope, { sealingKey: { secretId, compartmentId } }));
    expect(settingsOf(stack)['sealing']).toEqual({ key_secret_id: secretId });
    const policy = stack.resource('oci_identity_policy');
    expect(policy['statements']).toEqual([expect.stringContaining(`target.secret.id='${secretId}'`)]);
    expect(stack.resource('kubernetes_deployment_v1')['depends_on']).toContain(addressOf(stack, policy));
    expect(warnings(stack)).toEqual([]);
  });

  test('in Kubernetes is mounted', () => {
    const stack = synth(
      (scope) => void gateway(scope, { sealingKey: { name: 'gateway-sealing', key: 'sealing.key' } }),
    );
    const { key_file: file } = settingsOf(stack)['sealing'];
    const mounts = podOf(stack)['container'][0].volume_mount;
    expect(mounts.some(({ mount_path }: Block) => file.startsWith(mount_path))).toBe(true);
    expect(renderedConfig(stack).sealing).toEqual({ key_file: file });
  });

  test.each<[string, (stack: TerraformStack) => IMcpHosting, number]>([
    ['two pods', (stack) => new OkeHosting({ cluster: cluster(stack) }), 1],
    ['one pod', (stack) => new OkeHosting({ cluster: cluster(stack), replicas: 1 }), 0],
    [
      'pods that become more',
      (stack) => new OkeHosting({ cluster: cluster(stack), autoscaling: { minReplicas: 1, maxReplicas: 3 } }),
      1,
    ],
    ['one instance', (stack) => new ContainerInstanceHosting({ network: network(stack), compartmentId }), 0],
    ['instances', (stack) => new ContainerInstanceHosting({ network: network(stack), compartmentId, instances: 2 }), 1],
  ])('is missed by %s', (_, hosting, count) => {
    const stack = synth((scope) => void gateway(scope, { hosting: hosting(scope), inboundAuth: jwt }));
    expect(warnings(stack)).toHaveLength(count);
    expect(JSON.stringify(renderedFiles(stack))).not.toContain('sealing');
  });
});

test('sessions and version of a server can be told', () => {
  const stack = synth((scope) => {
    gateway(scope).addBackend(docs(scope), { sessions: 'perClient', protocolVersion: '2025-06-18' });
  });
  expect(renderedConfig(stack).backends[0]).toMatchObject({ sessions: 'per_client', protocol_version: '2025-06-18' });
});
