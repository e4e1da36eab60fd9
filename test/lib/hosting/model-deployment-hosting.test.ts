import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TerraformOutput, type TerraformStack, TerraformVariable } from 'cdktf';
import {
  Compartment,
  ContainerInstanceHosting,
  DynamicGroup,
  InboundAuth,
  McpGateway,
  McpServer,
  type McpServerProps,
  McpServerSource,
  McpTransport,
  ModelDeploymentHosting,
  type ModelDeploymentHostingProps,
  PrivateNetwork,
} from 'cdktf-oci-mcp';
import { addressOf, type Block, faultsOf, type Synthesized, synth } from '../../helpers/synth';
import { compartmentId, network, okeServer, reference, image as untagged } from '../fixtures';
import { describeHosting } from './hosting-suite';

const image = `fra.ocir.io/acme/forecast-mcp:1.0@sha256:${'0f3a'.repeat(16)}`;
const container = McpServerSource.image(image);
const condaEnvironment = { path: 'oci://conda@acme/mcp/1.0/mcp_p312_cpu_x86_64_v1', pythonVersion: '3.12' };

/** A folder with a server. */
const folder = mkdtempSync(join(tmpdir(), 'score-'));
writeFileSync(join(folder, 'server.py'), 'mcp = None\n');
const score = McpServerSource.scoreArtifact(folder);
afterAll(() => rmSync(folder, { recursive: true }));

const hostingOf = (props: Partial<ModelDeploymentHostingProps> = {}) =>
  new ModelDeploymentHosting({ compartmentId, condaEnvironment, ...props });

function server(
  scope: TerraformStack,
  hosting: Partial<ModelDeploymentHostingProps> = {},
  props: Partial<McpServerProps> = {},
): McpServer {
  return new McpServer(scope, 'Forecast', { source: container, hosting: hostingOf(hosting), ...props });
}

const synthServer = (hosting: Partial<ModelDeploymentHostingProps> = {}, props: Partial<McpServerProps> = {}) =>
  synth((stack) => void server(stack, hosting, props));
const faultsOfServer = (hosting: Partial<ModelDeploymentHostingProps>, props: Partial<McpServerProps> = {}) =>
  faultsOf((stack) => void server(stack, hosting, props));
const inNetwork = (props: Partial<ModelDeploymentHostingProps>) =>
  synth((stack) => void server(stack, { network: network(stack), ...props }));

const deploymentOf = ({ resource }: Synthesized): Block => resource('oci_datascience_model_deployment');
const configurationOf = (stack: Synthesized): Block => deploymentOf(stack)['model_deployment_configuration_details'];
const modelOf = (stack: Synthesized): Block => configurationOf(stack)['model_configuration_details'];
const environmentOf = (stack: Synthesized): Block => configurationOf(stack)['environment_configuration_details'];
const instanceOf = (stack: Synthesized): Block => modelOf(stack)['instance_configuration'];
const statementsOf = ({ resources }: Synthesized): string[] =>
  resources('oci_identity_policy').flatMap(({ statements }) => statements);

const deploymentUrl = '\\$\\{oci_datascience_model_deployment\\.Server_Deployment_\\w+\\.model_deployment_url\\}';
const grant = {
  statement: expect.stringMatching(
    /^Allow any-user to read log-content in compartment id ocid1\.compartment\.oc1\.\.example where all \{request\.principal\.type='datasciencemodeldeployment', request\.principal\.id='\$\{oci_datascience_model_deployment\.Server_Deployment_\w+\.id\}'\}$/,
  ),
};
const refused = {
  source: McpServerSource.command('node'),
  fault:
    'source: got "the command \\"node\\""; allowed: a container image or a score artifact on a model deployment; fix: use McpServerSource.image(…) or McpServerSource.scoreArtifact(…), or StdioHosting for a command',
};

function ofReferences(stack: TerraformStack): ModelDeploymentHosting {
  const number = (name: string) => new TerraformVariable(stack, name, { type: 'number' }).numberValue;
  return new ModelDeploymentHosting({
    compartmentId: reference(stack, 'compartment_id'),
    projectId: reference(stack, 'project_id'),
    condaEnvironment,
    network: network(stack),
    networkCompartmentId: reference(stack, 'network_compartment_id'),
    shape: reference(stack, 'shape'),
    autoscaling: {
      minInstances: number('min_instances'),
      maxInstances: number('max_instances'),
      scaleOutCpuPercent: number('scale_out'),
      scaleInCpuPercent: number('scale_in'),
      coolDownSeconds: number('cool_down'),
    },
    bandwidthMbps: number('bandwidth'),
    logGroupId: reference(stack, 'log_group_id'),
    logRetentionDays: number('retention'),
    imageRepository: {
      compartmentId: reference(stack, 'repository_compartment'),
      name: reference(stack, 'repository'),
    },
  });
}

describeHosting('ModelDeploymentHosting with a container', {
  make: () => hostingOf(),
  makeOfReferences: ofReferences,
  source: container,
  refused,
  endpoint: {
    transport: 'streamable_http',
    url: expect.stringMatching(`^${deploymentUrl}/predict/mcp$`),
    outboundAuth: { auth_method: 'resource_principal' },
    jsonOnly: true,
  },
  primaryResource: 'oci_datascience_model_deployment',
  grant,
  opens: [],
  environmentOf: (stack) => environmentOf(stack)['environment_variables'],
});

describeHosting('ModelDeploymentHosting with a score artifact and a private endpoint', {
  make: (stack) => hostingOf({ network: network(stack), privateEndpoint: true, egress: 'internet' }),
  makeOfReferences: ofReferences,
  source: score,
  refused,
  endpoint: {
    transport: 'streamable_http',
    url: expect.stringMatching(
      /^https:\/\/\$\{oci_datascience_private_endpoint\.Server_PrivateEndpoint_\w+\.fqdn\}\/\$\{oci_datascience_model_deployment\.Server_Deployment_\w+\.id\}\/predict$/,
    ),
    outboundAuth: { auth_method: 'resource_principal' },
    jsonOnly: true,
  },
  primaryResource: 'oci_datascience_model_deployment',
  grant,
  opens: [443],
  environmentOf: (stack) => environmentOf(stack)['environment_variables'],
});

describe('a container', () => {
  test('is started with its ports, its environment and its MCP endpoint', () => {
    const source = McpServerSource.image(image, { command: ['python'], args: ['-m', 'forecast'] });
    expect(environmentOf(synthServer({}, { source, port: 8080, environment: { MODEL: 'arima' } }))).toEqual({
      environment_configuration_type: 'OCIR_CONTAINER',
      image,
      image_digest: `sha256:${'0f3a'.repeat(16)}`,
      entrypoint: ['python'],
      cmd: ['-m', 'forecast'],
      server_port: 8080,
      health_check_port: 8080,
      environment_variables: {
        OCI_CLI_AUTH: 'resource_principal',
        MCP_TRANSPORT: 'streamable_http',
        MCP_PORT: '8080',
        MCP_PATH: '/mcp',
        MODEL: 'arima',
      },
      custom_http_endpoints: [{ endpoint_uri_suffix: '/mcp', http_methods: ['POST'] }],
    });
  });

  test('is named by its tag, and its digest apart, where both are known apart', () => {
    const tag = 'fra.ocir.io/acme/forecast-mcp:4f1c';
    const source = McpServerSource.image({ imageUri: untagged, taggedUri: tag });
    expect(environmentOf(synthServer({}, { source }))).toMatchObject({
      image: tag,
      image_digest: untagged.split('@')[1],
    });
  });

  test('may be a reference, of which Terraform takes the digest', () => {
    const stack = synth((scope) => {
      const source = McpServerSource.image({ imageUri: reference(scope, 'image'), taggedUri: reference(scope, 'tag') });
      server(scope, {}, { source });
    });
    expect(environmentOf(stack)).toMatchObject({
      image: '${var.tag}',
      image_digest: '${element(split("@", var.image), 1)}',
    });
  });

  test('answers health checks at another path where it says so', () => {
    const variables = (healthPath: string) =>
      environmentOf(synthServer({}, { healthPath }))['environment_variables'].MODEL_DEPLOY_HEALTH_ENDPOINT;
    expect(variables('/healthz')).toBe('/healthz');
    expect(variables('/health')).toBeUndefined();
  });

  test('has a model all the same, which says where it really is', () => {
    const model = synthServer().resource('oci_datascience_model');
    expect(model['model_artifact']).toMatch(
      /^assets\/Forecast_Artifact_File_\w+\/[0-9a-f]{32}\/model-[0-9a-f]{32}\.zip$/,
    );
    expect(model['artifact_content_disposition']).toBe('attachment; filename=model.zip');
  });

  test('may be pulled by model deployments of the compartment, before this one starts', () => {
    const imageRepository = { compartmentId: 'ocid1.compartment.oc1..images', name: 'forecast-mcp' };
    const stack = synthServer({ imageRepository });
    expect(statementsOf(stack)).toContain(
      `Allow any-user to read repos in compartment id ocid1.compartment.oc1..images where all {request.principal.type='datasciencemodeldeployment', request.principal.compartment.id='${compartmentId}', target.repo.name='forecast-mcp'}`,
    );
    expect(deploymentOf(stack)['depends_on']).toHaveLength(2);
  });

  test.each<[string, McpServerSource, string]>([
    [
      'in another registry',
      McpServerSource.image(`ghcr.io/acme/mcp:1@sha256:${'0f3a'.repeat(16)}`),
      'ghcr.io/acme/mcp:1',
    ],
    ['without a tag', McpServerSource.image(untagged), untagged],
  ])('fails when its image is %s', (_, source, got) => {
    const [fault] = faultsOfServer({}, { source });
    expect(fault).toContain(`[stack/Forecast] source: got "${got}`);
    expect(fault).toContain(
      'allowed: an image in OCI Container Registry by tag and digest: "fra.ocir.io/acme/logs-mcp:1.0@sha256:…"; fix: push it there, and name the tag in front of the digest',
    );
  });

  test.each([1024, 65535, 24223, 24225, 8445, 8448])('may listen on port %d', (port) => {
    expect(environmentOf(synthServer({}, { port }))['server_port']).toBe(port);
  });

  test.each([
    [1023, 'a whole number from 1024 to 65535'],
    [24224, 'another port than 24224, 8446, 8447, which the service uses'],
    [8446, 'another port than 24224, 8446, 8447, which the service uses'],
    [8447, 'another port than 24224, 8446, 8447, which the service uses'],
  ])('fails when it is to listen on port %d', (port, allowed) => {
    expect(faultsOfServer({}, { port })).toEqual([`[stack/Forecast] port: got ${port}; allowed: ${allowed}`]);
  });

  test('may have its MCP endpoint at a path of several segments', () => {
    const [endpoint] = environmentOf(synthServer({}, { path: '/api/v1.0/mcp' }))['custom_http_endpoints'];
    expect(endpoint.endpoint_uri_suffix).toBe('/api/v1.0/mcp');
  });

  test.each(['/', '/mcp/', '/{id}/mcp'])('fails when its MCP endpoint is at %s', (path) => {
    expect(faultsOfServer({}, { path })).toEqual([
      `[stack/Forecast] path: got "${path}"; allowed: a path without a "/" at its end, of letters, digits, ".", "_", "~" and "-"`,
    ]);
  });

  const given = 'python'.length;

  test('may have a command and arguments of 2047 bytes', () => {
    const source = McpServerSource.image(image, { command: ['python'], args: ['x'.repeat(2047 - given)] });
    expect(environmentOf(synthServer({}, { source }))['cmd'][0]).toHaveLength(2047 - given);
  });

  test('fails when command and arguments take 2048 bytes', () => {
    const source = McpServerSource.image(image, { command: ['python'], args: [`${'x'.repeat(2046 - given)}ü`] });
    expect(faultsOfServer({}, { source })).toEqual([
      '[stack/Forecast] source: got 2048; allowed: at most 2047 bytes of command and arguments together',
    ]);
  });
});

describe('the environment', () => {
  /** What a container gets beyond what a test says. */
  const given = 'OCI_CLI_AUTHresource_principalMCP_TRANSPORTstreamable_httpMCP_PORT8000MCP_PATH/mcp'.length;

  test('may take 2047 bytes, names and what this library adds included', () => {
    const environment = { TEXT: 'x'.repeat(2047 - given - 4) };
    const rendered: Block = environmentOf(synthServer({}, { environment }))['environment_variables'];
    expect(Object.entries(rendered).flat().join('')).toHaveLength(2047);
  });

  test('fails when it takes one byte more', () => {
    expect(faultsOfServer({}, { environment: { TEXT: 'x'.repeat(2048 - given - 4) } })).toEqual([
      '[stack/Forecast] environment: got 2048; allowed: at most 2047 bytes of names and values together',
    ]);
  });

  test.each(['AB', 'A'.repeat(31), 'a_1'])('may have the name %s', (name) => {
    expect(environmentOf(synthServer({}, { environment: { [name]: '' } }))['environment_variables'][name]).toBe('');
  });

  test.each(['A', 'A'.repeat(32), '_AB', 'AB_'])('fails when it has the name %s', (name) => {
    expect(faultsOfServer({}, { environment: { [name]: '' } })).toEqual([
      `[stack/Forecast] environment: got "${name}"; allowed: names of 2 to 31 letters, digits and underscores, a letter first and no underscore last`,
    ]);
  });

  test.each([
    ['Kubernetes', { name: 'keys', key: 'api' }],
    ['Vault', { secretId: 'ocid1.vaultsecret.oc1..key', compartmentId }],
  ])('fails when it is to hold a secret from %s', (_, secret) => {
    expect(faultsOfServer({}, { secretEnvironment: { API_KEY: secret } })).toEqual([
      '[stack/Forecast] secretEnvironment: got "API_KEY"; allowed: no secrets: environment variables of a model deployment are plain text; fix: let the server read a Vault secret with its resource principal, by an OCID in environment',
    ]);
  });

  test('fails when secrets are to be files', () => {
    const secretDirectories = [{ path: '/opt/wallet', files: { secretName: 'wallet' } }];
    expect(faultsOfServer({}, { secretDirectories })).toEqual([
      '[stack/Forecast] hosting: got "the folder /opt/wallet"; allowed: workloads without folders: a model deployment mounts none, so neither can a gateway run there; fix: host this workload on OKE or on a Container Instance',
    ]);
  });
});

describe('a score artifact', () => {
  const scored = (hosting: Partial<ModelDeploymentHostingProps> = {}, props: Partial<McpServerProps> = {}) =>
    synthServer(hosting, { source: score, ...props });

  test('is loaded by the service, with an environment and nothing of a container', () => {
    expect(environmentOf(scored({}, { environment: { MODEL: 'arima' } }))).toEqual({
      environment_configuration_type: 'DEFAULT',
      environment_variables: { OCI_CLI_AUTH: 'resource_principal', MODEL: 'arima' },
    });
  });

  test('is a model that is replaced before the old one is deleted', () => {
    const stack = scored();
    const model = stack.resource('oci_datascience_model');
    expect(model['lifecycle']).toEqual({ create_before_destroy: true });
    expect(modelOf(stack)['model_id']).toBe(`\${${addressOf(stack, model)}.id}`);
  });

  test('has another path, and so another model, when the content changes', () => {
    const pathOf = (stack: Synthesized) => stack.resource('oci_datascience_model')['model_artifact'];
    const before = pathOf(scored());
    expect(pathOf(scored())).toBe(before);
    writeFileSync(join(folder, 'server.py'), 'mcp = True\n');
    expect(pathOf(scored())).not.toBe(before);
  });

  test('needs to read the bucket of a published conda environment, before it starts', () => {
    const stack = scored({ condaEnvironment: { ...condaEnvironment, compartmentId: 'ocid1.compartment.oc1..conda' } });
    expect(statementsOf(stack)).toContain(
      `Allow any-user to read objects in compartment id ocid1.compartment.oc1..conda where all {request.principal.type='datasciencemodeldeployment', request.principal.compartment.id='${compartmentId}', target.bucket.name='conda'}`,
    );
  });

  test('needs no permission for an environment of the service', () => {
    const path = 'oci://service-conda-packs@id19sfcrra6z/service_pack/cpu/General/1.0/generalml_p312_cpu_x86_64_v1';
    const stack = scored({ condaEnvironment: { path, pythonVersion: '3.12' } });
    expect(statementsOf(stack).filter((each) => each.includes(' objects '))).toEqual([]);
  });

  test('fails when there is no conda environment', () => {
    expect(faultsOfServer({ condaEnvironment: undefined }, { source: score })).toEqual([
      '[stack/Forecast] condaEnvironment: got undefined; allowed: a conda environment that holds the packages of the server, for a score artifact; fix: publish one with the mcp package, or use McpServerSource.image(…)',
    ]);
  });

  test('fails when it is given a path', () => {
    expect(faultsOfServer({}, { source: score, path: '/other' })).toEqual([
      '[stack/Forecast] path: got "/other"; allowed: none: a score artifact is reached at /predict',
    ]);
  });
});

describe('logs', () => {
  test('of calls and of the process are kept, and may be written before the deployment starts', () => {
    const stack = synthServer({ logRetentionDays: 90 });
    const [group] = stack.resources('oci_logging_log_group');
    const groupId = `\${${addressOf(stack, group as Block)}.id}`;
    const logs = stack.resources('oci_logging_log');
    expect(logs).toEqual(
      ['access', 'predict'].map((category) =>
        expect.objectContaining({
          display_name: `stack-forecast-${category}`,
          log_group_id: groupId,
          log_type: 'CUSTOM',
          retention_duration: 90,
        }),
      ),
    );
    const [access, predict] = logs.map((log) => ({ log_group_id: groupId, log_id: `\${${addressOf(stack, log)}.id}` }));
    expect(deploymentOf(stack)['category_log_details']).toEqual({ access, predict });
    expect(statementsOf(stack)).toEqual([
      `Allow any-user to use log-content in compartment id ${compartmentId} where all {request.principal.type='datasciencemodeldeployment', request.principal.compartment.id='${compartmentId}', target.loggroup.id='${groupId}'}`,
    ]);
    expect(deploymentOf(stack)['depends_on']).toEqual([addressOf(stack, stack.resource('oci_identity_policy'))]);
  });

  test('stand in the log group that is given', () => {
    const stack = synthServer({ logGroupId: 'ocid1.loggroup.oc1..given' });
    expect(stack.resources('oci_logging_log_group')).toEqual([]);
    expect(deploymentOf(stack)['category_log_details'].access.log_group_id).toBe('ocid1.loggroup.oc1..given');
  });

  test.each([29, 31, 210])('fail when they are to be kept for %d days', (logRetentionDays) => {
    expect(faultsOfServer({ logRetentionDays })).toEqual([
      `[stack/Forecast] logRetentionDays: got ${logRetentionDays}; allowed: one of 30, 60, 90, 120, 150, 180`,
    ]);
  });
});

describe('instances', () => {
  test('are one, flexible, with the service’s network, unless told otherwise', () => {
    const stack = synthServer();
    expect(modelOf(stack)).toMatchObject({
      bandwidth_mbps: 10,
      scaling_policy: { policy_type: 'FIXED_SIZE', instance_count: 1 },
      instance_configuration: {
        instance_shape_name: 'VM.Standard.E4.Flex',
        model_deployment_instance_shape_config_details: { ocpus: 1, memory_in_gbs: 8 },
        network_access_type: 'MANAGED_NETWORKING_INTERNET_ACCESS',
      },
    });
  });

  test('scale with their CPU load', () => {
    const autoscaling = { minInstances: 2, maxInstances: 5, scaleOutCpuPercent: 60, scaleInCpuPercent: 20 };
    const step = (threshold: number) => ({
      scaling_configuration_type: 'THRESHOLD',
      threshold,
      instance_count_adjustment: 1,
    });
    expect(modelOf(synthServer({ autoscaling }))['scaling_policy']).toEqual({
      policy_type: 'AUTOSCALING',
      is_enabled: true,
      cool_down_in_seconds: 600,
      auto_scaling_policies: [
        {
          auto_scaling_policy_type: 'THRESHOLD',
          initial_instance_count: 2,
          minimum_instance_count: 2,
          maximum_instance_count: 5,
          rules: [
            {
              metric_expression_rule_type: 'PREDEFINED_EXPRESSION',
              metric_type: 'CPU_UTILIZATION',
              scale_out_configuration: step(60),
              scale_in_configuration: step(20),
            },
          ],
        },
      ],
    });
  });

  test('take the edges of every limit', () => {
    const autoscaling = {
      minInstances: 1,
      maxInstances: 1,
      scaleOutCpuPercent: 100,
      scaleInCpuPercent: 99,
      coolDownSeconds: 300,
    };
    const stack = synthServer({ ocpus: 64, memoryGib: 1024, autoscaling, bandwidthMbps: 10 });
    expect(instanceOf(stack)['model_deployment_instance_shape_config_details'].ocpus).toBe(64);
    expect(instanceOf(synthServer({ memoryGib: 6 })).model_deployment_instance_shape_config_details.memory_in_gbs).toBe(
      6,
    );
  });

  test('of a shape that only Terraform knows have the size that is given, and none otherwise', () => {
    const instanceWith = (props: Partial<ModelDeploymentHostingProps>) =>
      instanceOf(synth((stack) => void server(stack, { shape: reference(stack, 'shape'), ...props })));
    const details = 'model_deployment_instance_shape_config_details';
    expect(instanceWith({ ocpus: 2 })[details]).toEqual({ ocpus: 2, memory_in_gbs: 8 });
    expect(instanceWith({ memoryGib: 32 })[details]).toEqual({ ocpus: 1, memory_in_gbs: 32 });
    expect(instanceWith({})).not.toHaveProperty(details);
  });

  test('of a fixed shape have no size', () => {
    expect(instanceOf(synthServer({ shape: 'VM.Standard2.1' }))).not.toHaveProperty(
      'model_deployment_instance_shape_config_details',
    );
  });

  const scaling = { minInstances: 1, maxInstances: 2 };
  test.each<[string, Partial<ModelDeploymentHostingProps>, string]>([
    ['there is no OCPU', { ocpus: 0 }, 'ocpus: got 0; allowed: a whole number from 1 to 64'],
    ['ocpus are too many', { ocpus: 65 }, 'ocpus: got 65; allowed: a whole number from 1 to 64'],
    ['memory is below 6', { memoryGib: 5 }, 'memoryGib: got 5; allowed: a number from 6 to 1024'],
    ['memory is too much', { memoryGib: 1025 }, 'memoryGib: got 1025; allowed: a number from 6 to 1024'],
    [
      'the shape is one of Container Instances',
      { shape: 'CI.Standard.E4.Flex' },
      'shape: got "CI.Standard.E4.Flex"; allowed: a shape such as "VM.Standard.E4.Flex"',
    ],
    [
      'a fixed shape is given a size',
      { shape: 'VM.Standard2.1', ocpus: 2 },
      'ocpus: got {"ocpus":2}; allowed: neither ocpus nor memoryGib with VM.Standard2.1, whose size is fixed',
    ],
    ['there is no instance', { instances: 0 }, 'instances: got 0; allowed: a whole number of at least 1'],
    [
      'the number is fixed and scaled',
      { instances: 2, autoscaling: scaling },
      'instances: got 2; allowed: either instances or autoscaling',
    ],
    [
      'none is left',
      { autoscaling: { ...scaling, minInstances: 0 } },
      'autoscaling.minInstances: got 0; allowed: a whole number of at least 1',
    ],
    [
      'most are fewer than fewest',
      { autoscaling: { minInstances: 3, maxInstances: 2 } },
      'autoscaling.maxInstances: got 2; allowed: a whole number of at least 3',
    ],
    [
      'the upper load is above 100',
      { autoscaling: { ...scaling, scaleOutCpuPercent: 101 } },
      'autoscaling.scaleOutCpuPercent: got 101; allowed: a whole number from 1 to 100',
    ],
    [
      'the lower load reaches the upper one',
      { autoscaling: { ...scaling, scaleInCpuPercent: 70 } },
      'autoscaling.scaleInCpuPercent: got 70; allowed: a whole number from 1 to 69',
    ],
    [
      'changes follow each other too fast',
      { autoscaling: { ...scaling, coolDownSeconds: 299 } },
      'autoscaling.coolDownSeconds: got 299; allowed: a whole number of at least 300',
    ],
    ['bandwidth is below 10', { bandwidthMbps: 9 }, 'bandwidthMbps: got 9; allowed: a whole number of at least 10'],
  ])('fail when %s', (_, hosting, fault) => {
    expect(faultsOfServer(hosting)).toEqual([`[stack/Forecast] ${fault}`]);
  });
});

describe('the network', () => {
  const subnetId = 'ocid1.subnet.oc1.eu-frankfurt-1.example';

  test('is the own subnet, to which the service is permitted to attach before the deployment starts', () => {
    const stack = inNetwork({ networkCompartmentId: 'ocid1.compartment.oc1..network' });
    expect(instanceOf(stack)).toMatchObject({ network_access_type: 'CUSTOM_NETWORKING', subnet_id: subnetId });
    expect(statementsOf(stack)).toContain(
      'Allow service datascience to use virtual-network-family in compartment id ocid1.compartment.oc1..network',
    );
    expect(deploymentOf(stack)['depends_on']).toHaveLength(2);
  });

  test('warns about a subnet that is known to let nothing out', () => {
    const made = synth((stack) => {
      server(stack, { network: new PrivateNetwork(stack, 'Made', { compartmentId }) });
    });
    expect(made.warnings).toEqual([
      '[stack/Forecast] network: nothing gets out of the subnet of stack/Made, whose security list is empty, and no network security group applies to Data Science; add a subnet with egressPorts, and pass it with PrivateNetwork.fromSubnetAttributes',
    ]);
    expect(inNetwork({}).warnings).toEqual([]);
  });

  test('is one without the internet', () => {
    expect(instanceOf(synthServer({ egress: 'no_internet' }))['network_access_type']).toBe(
      'MANAGED_NETWORKING_NO_INTERNET_ACCESS',
    );
  });

  test('has a private endpoint with a security group of its own', () => {
    const stack = inNetwork({ privateEndpoint: true, egress: 'no_internet' });
    const endpoint = stack.resource('oci_datascience_private_endpoint');
    const group = stack.resource('oci_core_network_security_group');
    expect(endpoint).toMatchObject({
      data_science_resource_type: 'MODEL_DEPLOYMENT',
      subnet_id: subnetId,
      nsg_ids: [`\${${addressOf(stack, group)}.id}`],
    });
    expect(instanceOf(stack)).toMatchObject({
      network_access_type: 'MANAGED_NETWORKING_NO_INTERNET_ACCESS',
      private_endpoint_id: `\${${addressOf(stack, endpoint)}.id}`,
    });
    expect(instanceOf(stack)).not.toHaveProperty('subnet_id');
  });

  test.each<[string, Partial<ModelDeploymentHostingProps>, string]>([
    ['egress', { egress: 'network' }, 'network: got undefined; allowed: a network for egress'],
    ['an endpoint', { privateEndpoint: true }, 'network: got undefined; allowed: a network for privateEndpoint'],
  ])('fails when %s needs one and there is none', (_, hosting, fault) => {
    const [found] = faultsOfServer(hosting);
    expect(found).toBe(`[stack/Forecast] ${fault}`);
  });

  test('fails when connections go out where there is nothing', () => {
    expect(faultsOfServer({ egress: 'nowhere' as 'network' })).toEqual([
      '[stack/Forecast] egress: got "nowhere"; allowed: one of internet, no_internet, network',
    ]);
  });

  test('fails when nothing is in it', () => {
    const faults = faultsOf((stack) => void server(stack, { network: network(stack), egress: 'internet' }));
    expect(faults).toEqual([
      '[stack/Forecast] network: got "stack/Network"; allowed: no network with egress "internet": nothing would be in it; fix: leave it out, or set privateEndpoint',
    ]);
  });
});

describe('the project', () => {
  test('is one for all deployments of a stack and compartment', () => {
    const { resources } = synth((stack) => {
      for (const id of ['One', 'Two']) new McpServer(stack, id, { source: container, hosting: hostingOf() });
      const elsewhere = hostingOf({ compartmentId: 'ocid1.compartment.oc1..other' });
      new McpServer(stack, 'Three', { source: container, hosting: elsewhere });
    });
    expect(resources('oci_datascience_project').map((each) => [each['display_name'], each['compartment_id']])).toEqual([
      ['stack-data-science-project', compartmentId],
      ['stack-data-science-project2', 'ocid1.compartment.oc1..other'],
    ]);
    expect(resources('oci_datascience_model_deployment')).toHaveLength(3);
  });

  test('is the one that is given', () => {
    const stack = synthServer({ projectId: 'ocid1.datascienceproject.oc1..given' });
    expect(stack.resources('oci_datascience_project')).toEqual([]);
    expect(deploymentOf(stack)['project_id']).toBe('ocid1.datascienceproject.oc1..given');
    expect(stack.resource('oci_datascience_model')['project_id']).toBe('ocid1.datascienceproject.oc1..given');
  });
});

describe('permissions', () => {
  test('to call are those of the predict endpoint, and no others', () => {
    const stack = synth((scope) => void server(scope).grantInvoke(okeServer(scope)));
    expect(statementsOf(stack).filter((each) => each.includes('workload'))).toEqual([
      expect.stringMatching(
        /^Allow any-user to \{DATA_SCIENCE_MODEL_DEPLOYMENT_PREDICT\} in compartment id ocid1\.compartment\.oc1\.\.example where all \{request\.principal\.type='workload', /,
      ),
    ]);
  });

  test('of a dynamic group that the deployment waits for do not name its logs, which wait as well', () => {
    const stack = synth((scope) => {
      const dynamicGroup = DynamicGroup.fromName(scope, 'Group', 'mcp');
      const forecast = server(scope, { dynamicGroup });
      Compartment.fromCompartmentId(scope, 'Data', compartmentId).grantRead(forecast, 'objects').applyBefore(forecast);
    });
    const policies = stack.resources('oci_identity_policy');
    expect(policies.map(({ statements }) => statements.length)).toEqual([1, 1]);
    expect(deploymentOf(stack)['depends_on'].sort()).toEqual(policies.map((each) => addressOf(stack, each)).sort());
  });

  test('of a dynamic group come before the deployment', () => {
    const stack = synth((scope) => {
      server(scope, {
        dynamicGroup: DynamicGroup.fromName(scope, 'Group', 'mcp'),
        imageRepository: { compartmentId, name: 'forecast-mcp' },
      });
    });
    expect(statementsOf(stack)).toEqual([
      `Allow dynamic-group mcp to read repos in compartment id ${compartmentId} where target.repo.name='forecast-mcp'`,
      expect.stringMatching(
        /^Allow dynamic-group mcp to use log-content in compartment id \S+ where target\.loggroup\.id='/,
      ),
    ]);
  });
});

test('fails when a gateway is to run there', () => {
  const faults = faultsOf((stack) => {
    new McpGateway(stack, 'Gateway', { hosting: hostingOf(), image, inboundAuth: InboundAuth.none() });
  });
  expect(faults).toEqual(
    ['/etc/mcp/config', '/etc/mcp/backends.d'].map(
      (path) =>
        `[stack/Gateway] hosting: got "the folder ${path}"; allowed: workloads without folders: a model deployment mounts none, so neither can a gateway run there; fix: host this workload on OKE or on a Container Instance`,
    ),
  );
});

test('fails when it is to speak SSE', () => {
  expect(faultsOfServer({}, { transport: McpTransport.SSE })).toEqual([
    '[stack/Forecast] transport: got "sse"; allowed: Streamable HTTP: a model deployment answers each request with one document',
  ]);
});

test('a gateway elsewhere reaches it, and is permitted to before it starts', () => {
  const stack = synth((scope) => {
    const forecast = server(scope);
    const hosting = new ContainerInstanceHosting({ network: network(scope), compartmentId });
    const gateway = new McpGateway(scope, 'Gateway', {
      hosting,
      image,
      inboundAuth: InboundAuth.none(),
      backends: [forecast],
    });
    new TerraformOutput(scope, 'url', { value: gateway.endpoint.url });
  });
  expect(statementsOf(stack)).toContainEqual(
    expect.stringMatching(/\{DATA_SCIENCE_MODEL_DEPLOYMENT_PREDICT\} .*computecontainerinstance/),
  );
});
