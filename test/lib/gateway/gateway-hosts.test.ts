import type { TerraformStack } from 'cdktf';
import {
  ContainerInstanceHosting,
  HostedApplicationAuth,
  HostedApplicationHosting,
  type IMcpHosting,
  InboundAuth,
  McpGateway,
  McpServer,
  McpServerSource,
  OutboundAuth,
} from 'cdktf-oci-mcp';
import { runCli } from '../../helpers/gateway-cli';
import { makeDirectory } from '../../helpers/gateway-directory';
import { evaluate } from '../../helpers/rendered-config';
import { addressOf, type Block, faultsOf, synth } from '../../helpers/synth';
import { compartmentId, containerInstanceServer, image, network } from '../fixtures';

const secret = { secretId: 'ocid1.vaultsecret.oc1..docs', compartmentId };
const taggedImage = 'fra.ocir.io/acme/oci-mcp-gateway:1.0.0';

/** A gateway in front of a server of every kind that such hosts reach: in the VCN, signed for, and with a secret of Vault. */
function gateway(stack: TerraformStack, hosting: IMcpHosting, props: { readonly port?: number; image: string }) {
  const planner = new McpServer(stack, 'Planner', {
    source: McpServerSource.image('fra.ocir.io/acme/planner-mcp:1.4.2'),
    port: 8080,
    hosting: new HostedApplicationHosting({ compartmentId, auth: HostedApplicationAuth.ociSignature() }),
  });
  const docs = McpServer.fromEndpoint(stack, 'Docs', {
    url: 'https://docs.example/mcp',
    outboundAuth: OutboundAuth.bearerToken(secret),
  });
  const awkward = 'say "${HOME}" and %{if} \\ $${y}';
  const cost = containerInstanceServer(stack, {}, { description: awkward });
  new McpGateway(stack, 'Gateway', {
    hosting,
    inboundAuth: InboundAuth.none(),
    backends: [cost, planner, docs],
    ...props,
  });
}

const listed = [
  'ok: 3 backends',
  '  cost  streamable_http  http://10.0.10.20:8000/mcp',
  '  planner  streamable_http  https://inference.generativeai.eu-frankfurt-1.oci.oraclecloud.com/20251112/hostedApplicationsIam/ocid1.planner/actions/invoke/mcp',
  '  docs  streamable_http  https://docs.example/mcp',
].sort();

const output = (stdout: string) =>
  stdout
    .split('\n')
    .filter((line) => !/^warning|^$/.test(line))
    .sort();

test('three Container Instances read one configuration, which the gateway accepts', async () => {
  const stack = synth((scope) => {
    gateway(scope, new ContainerInstanceHosting({ network: network(scope), compartmentId, instances: 3 }), { image });
  });
  const instances = stack.resources('oci_container_instances_container_instance');
  const replicas = instances.filter(({ display_name }) => /gateway/.test(display_name));
  expect(replicas).toHaveLength(3);
  const [{ containers, volumes }] = replicas as [Block];
  for (const replica of replicas) expect(replica).toMatchObject({ containers, volumes });

  const folder = makeDirectory();
  try {
    const mounts: Block[] = containers[0].volume_mounts;
    for (const { name, configs = [] } of volumes) {
      const mounted: string = mounts.find(({ volume_name }) => volume_name === name)?.['mount_path'];
      for (const { file_name, data } of configs) {
        const content = Buffer.from(String(evaluate(data, known(stack))), 'base64').toString();
        folder.write(`${mounted}/${file_name}`, content);
      }
    }
    const variables = Object.entries<string>(containers[0].environment_variables);
    const environment = variables.map(([name, value]) => [name, value.replace(/^\/etc\//, `${folder.path}/etc/`)]);
    const { code, stdout, stderr } = await runCli(['--check'], Object.fromEntries(environment));
    expect({ code, stderr, listed: output(stdout) }).toEqual({ code: 0, stderr: '', listed });
  } finally {
    folder.remove();
  }
});

describe.each([
  ['signed requests', HostedApplicationAuth.ociSignature(), 'oci_generative_ai_hosted_application_iam'],
  [
    'an identity domain',
    HostedApplicationAuth.identityDomain({ domainUrl: 'https://idcs-0123.example', audience: 'mcp', scope: 'invoke' }),
    'oci_generative_ai_hosted_application',
  ],
])('a hosted application with %s', (_, auth, type) => {
  const hosting = (stack: TerraformStack) =>
    new HostedApplicationHosting({ compartmentId, auth, network: network(stack) });
  const made = () => synth((scope) => gateway(scope, hosting(scope), { image: taggedImage, port: 8080 }));

  test('takes the configuration from variables, which the gateway accepts', async () => {
    const stack = made();
    const variables: Block[] = stack.resource(type, 'Gateway').environment_variables;
    expect(variables.map(({ name }) => name)).toEqual([
      'OCI_CLI_AUTH',
      'MCP_GATEWAY_CONFIG_FILES',
      'MCP_GATEWAY_BACKENDS_FILES',
    ]);
    // The provider reads each value as JSON and sends what that says, which the container then gets.
    const values = variables.map(({ name, value }) => [name, JSON.parse(String(evaluate(value, known(stack))))]);
    const { code, stdout, stderr } = await runCli(['--check'], Object.fromEntries(values));
    expect({ code, stderr, listed: output(stdout) }).toEqual({ code: 0, stderr: '', listed });
  });

  test('starts after the paths, the permission to call and the one to read the secret', () => {
    const stack = made();
    const deployment = stack.resource('oci_generative_ai_hosted_deployment', 'Gateway');
    const policy = stack.resource('oci_identity_policy', 'Gateway');
    expect(policy['statements']).toEqual([
      expect.stringContaining('to read secret-bundles in compartment'),
      expect.stringContaining('to {GENERATIVE_AI_HOSTED_DEPLOYMENT_INVOKE} in compartment'),
    ]);
    expect(deployment['depends_on']).toContain(addressOf(stack, policy));
    const rules = stack.resources('oci_core_network_security_group_security_rule');
    const opened = rules.filter((rule) => deployment['depends_on'].includes(addressOf(stack, rule)));
    expect(opened.map(({ description }) => description).sort()).toEqual([
      'TCP 443 to internet',
      'TCP 8000 from gateway',
      'TCP 8000 to cost-security-group',
    ]);
  });

  test('fails on the port that a gateway has by itself, and says which one to pass', () => {
    const found = faultsOf((scope) => gateway(scope, hosting(scope), { image: taggedImage }));
    expect(found).toEqual([
      '[stack/Gateway] port: got 9000; allowed: 8080, the port that hosted applications are called on; fix: pass port: 8080',
    ]);
  });
});

/** What Terraform knows at apply. */
function known({ json }: { readonly json: Block }): { [expression: string]: string } {
  const names = (section: string, type: string) => Object.keys(json[section]?.[type] ?? {});
  const planner = names('resource', 'oci_generative_ai_hosted_application_iam').find((name) => /^Planner/.test(name));
  const vnic = names('data', 'oci_core_vnic').find((name) => /^Cost/.test(name));
  return {
    [`oci_generative_ai_hosted_application_iam.${planner}.id`]: 'ocid1.planner',
    [`data.oci_core_vnic.${vnic}.private_ip_address`]: '10.0.10.20',
  };
}

test('reports ConfigMaps on hosts that have none', () => {
  const faults = faultsOf((stack) => {
    const common = { image, inboundAuth: InboundAuth.none(), backendsConfigMaps: ['team'] };
    const auth = HostedApplicationAuth.ociSignature();
    const onInstance = new ContainerInstanceHosting({ network: network(stack), compartmentId });
    new McpGateway(stack, 'Instance', { ...common, hosting: onInstance });
    const asApplication = new HostedApplicationHosting({ compartmentId, auth, network: network(stack) });
    new McpGateway(stack, 'Application', { ...common, image: taggedImage, port: 8080, hosting: asApplication });
  });
  expect(faults.filter((fault) => fault.includes('backendsConfigMaps'))).toEqual([
    expect.stringContaining('got "team"; allowed: no ConfigMaps: a Container Instance has no access to a cluster'),
    expect.stringContaining('got "team"; allowed: no ConfigMaps: a hosted application has no access to a cluster'),
  ]);
});
