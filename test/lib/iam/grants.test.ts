import type { TerraformStack } from 'cdktf';
import {
  Compartment,
  ContainerInstanceHosting,
  ContainerRepository,
  DatabaseToolsConnection,
  DatabaseToolsMcpServer,
  DynamicGroup,
  FunctionHosting,
  HostedApplicationAuth,
  HostedApplicationHosting,
  type IGrantable,
  type IMcpHosting,
  InboundAuth,
  McpGateway,
  type McpGatewayProps,
  McpServer,
  type McpServerProps,
  McpServerSource,
  ModelDeploymentHosting,
  Monitoring,
  type MonitoringProps,
  NotebookSession,
  OkeHosting,
  OutboundAuth,
  StdioHosting,
  UserGroup,
  VaultSecret,
} from 'cdktf-oci-mcp';
import { type ParsedStatement, parseStatement } from '../../../lib/iam/policy-grammar';
import { readSources } from '../../helpers/imports';
import { synth } from '../../helpers/synth';
import { cluster, clusterId, compartmentId, dynamicGroup, network } from '../fixtures';

const image = `ocir.eu-frankfurt-1.oci.oraclecloud.com/acme/logs-mcp:1@sha256:${'0f3a'.repeat(16)}`;
const secretId = 'ocid1.vaultsecret.oc1.eu-frankfurt-1.example';
const logGroupId = 'ocid1.loggroup.oc1..example';
const imageRepository = { compartmentId, name: 'mcp/logs' };
const inC = `in compartment id ${compartmentId}`;

/** The statements of a stack, with the names of its Terraform blocks left out: `<oci_functions_function.id>`. */
function statementsOf(build: (stack: TerraformStack) => void): string[] {
  return synth(build)
    .resources('oci_identity_policy')
    .flatMap(({ statements }) => statements as string[])
    .map((statement) => statement.replace(/\$\{(?:data\.)?(\w+)\.[\w-]+\.([^}]+)\}/g, '<$1.$2>'))
    .sort();
}

const okeHosting = (stack: TerraformStack) => new OkeHosting({ cluster: cluster(stack) });
const containerInstance = (stack: TerraformStack) =>
  new ContainerInstanceHosting({ network: network(stack), compartmentId });
const functionHosting = (stack: TerraformStack) => new FunctionHosting({ network: network(stack), compartmentId });
const modelDeployment = () => new ModelDeploymentHosting({ compartmentId, logGroupId, egress: 'internet' });
const hostedApplication = () =>
  new HostedApplicationHosting({ compartmentId, auth: HostedApplicationAuth.ociSignature() });

function server(stack: TerraformStack, hosting: IMcpHosting, props: Partial<McpServerProps> = {}): McpServer {
  const port = hosting instanceof HostedApplicationHosting ? 8080 : undefined;
  return new McpServer(stack, 'Logs', { source: McpServerSource.image(image), hosting, port, ...props });
}

function gateway(stack: TerraformStack, props: Partial<McpGatewayProps> = {}): McpGateway {
  const inboundAuth = InboundAuth.jwt({
    issuer: 'https://id.example/',
    audiences: ['mcp'],
    jwksUri: 'https://id.example/jwks',
  });
  return new McpGateway(stack, 'Gateway', { image, hosting: okeHosting(stack), inboundAuth, ...props });
}

const monitoring = (stack: TerraformStack, props: Partial<MonitoringProps> = {}) =>
  new Monitoring(stack, 'Monitoring', { compartmentId, logGroupId, ...props });

const pods = (account: string) =>
  `request.principal.type='workload', request.principal.namespace='mcp', request.principal.service_account='${account}', request.principal.cluster_id='${clusterId}'`;
const instanceOnly =
  "request.principal.type='computecontainerinstance', request.principal.id='<oci_container_instances_container_instance.id>'";
const functionOnly = "request.principal.type='fnfunc', request.principal.id='<oci_functions_function.id>'";
const deploymentOnly =
  "request.principal.type='datasciencemodeldeployment', request.principal.id='<oci_datascience_model_deployment.id>'";
const hostedApplications = `any {request.principal.type='generativeaihostedapplication', request.principal.type='generativeaihostedapplicationiam', request.principal.type='generativeaihosteddeployment'}, request.principal.compartment.id='${compartmentId}'`;
const deploymentsOfCompartment = `request.principal.type='datasciencemodeldeployment', request.principal.compartment.id='${compartmentId}'`;
const deploymentLogs = `Allow any-user to use log-content ${inC} where all {${deploymentsOfCompartment}, target.loggroup.id='${logGroupId}'}`;

const group = (stack: TerraformStack) => ({ grantPrincipal: DynamicGroup.fromName(stack, 'Group', 'mcp') });
const compartment = (stack: TerraformStack) => Compartment.fromCompartmentId(stack, 'Compartment', compartmentId);
const secret = (stack: TerraformStack) =>
  VaultSecret.fromSecretAttributes(stack, 'Secret', { secretId, compartmentId });
const repository = (stack: TerraformStack) =>
  ContainerRepository.fromAttributes(stack, 'Repository', { ...imageRepository, namespace: 'acme' });

type Row = [string, (stack: TerraformStack) => void, string[]];

const toEveryHost: Row[] = (
  [
    ['pods', (stack) => server(stack, okeHosting(stack)), pods('logs')],
    ['a Container Instance', (stack) => server(stack, containerInstance(stack)), instanceOnly],
    ['a function', (stack) => server(stack, functionHosting(stack)), functionOnly],
    ['a model deployment', (stack) => server(stack, modelDeployment()), deploymentOnly],
    ['a hosted application', (stack) => server(stack, hostedApplication()), hostedApplications],
  ] satisfies [string, (stack: TerraformStack) => IGrantable, string][]
).map(([name, grantee, conditions]) => [
  `a secret, to ${name}`,
  (stack) => void secret(stack).grantRead(grantee(stack)),
  [
    `Allow any-user to read secret-bundles ${inC} where all {${conditions}, target.secret.id='${secretId}'}`,
    ...(name === 'a model deployment' ? [deploymentLogs] : []),
  ],
]);

const rows: Row[] = [
  ...toEveryHost,
  [
    'a secret, to a dynamic group',
    (stack) => void secret(stack).grantRead(group(stack)),
    [`Allow dynamic-group mcp to read secret-bundles ${inC} where target.secret.id='${secretId}'`],
  ],
  [
    'a secret in a file of pods',
    (stack) =>
      void server(stack, okeHosting(stack), {
        secretDirectories: [
          {
            path: '/opt/wallet',
            files: { vaultSecrets: { 'cwallet.sso': { secretId, compartmentId } }, fetcherImage: image },
          },
        ],
      }),
    [`Allow any-user to read secret-bundles ${inC} where all {${pods('logs')}, target.secret.id='${secretId}'}`],
  ],
  [
    'a secret with which a gateway proves itself',
    (stack) => {
      const outboundAuth = OutboundAuth.bearerToken(secret(stack));
      gateway(stack).addBackend(
        McpServer.fromEndpoint(stack, 'Docs', { url: 'https://docs.example/mcp', outboundAuth }),
      );
    },
    [`Allow any-user to read secret-bundles ${inC} where all {${pods('gateway')}, target.secret.id='${secretId}'}`],
  ],
  [
    'images of a repository',
    (stack) => void repository(stack).grantPull(group(stack)),
    [`Allow dynamic-group mcp to read repos ${inC} where target.repo.name='mcp/logs'`],
  ],
  [
    'images, to Container Instances before one exists',
    (stack) =>
      void server(stack, new ContainerInstanceHosting({ network: network(stack), compartmentId, imageRepository })),
    [
      `Allow any-user to read repos ${inC} where all {request.principal.type='computecontainerinstance', request.principal.compartment.id='${compartmentId}', target.repo.name='mcp/logs'}`,
    ],
  ],
  [
    'images, to the service that runs functions',
    (stack) => void server(stack, new FunctionHosting({ network: network(stack), compartmentId, imageRepository })),
    [`Allow service FaaS to read repos ${inC} where target.repo.name='mcp/logs'`],
  ],
  [
    'images and reports about them, to hosted applications',
    (stack) => {
      const auth = HostedApplicationAuth.ociSignature();
      server(
        stack,
        new HostedApplicationHosting({ compartmentId, auth, imageRepository, requireVulnerabilityScan: true }),
      );
    },
    [
      `Allow any-user to read repos ${inC} where all {${hostedApplications}, target.repo.name='mcp/logs'}`,
      `Allow any-user to read vss-family ${inC} where all {${hostedApplications}}`,
    ],
  ],
  [
    'what a model deployment needs to start',
    (stack) => {
      const egress = 'network';
      server(
        stack,
        new ModelDeploymentHosting({ compartmentId, logGroupId, imageRepository, network: network(stack), egress }),
      );
    },
    [
      `Allow any-user to read repos ${inC} where all {${deploymentsOfCompartment}, target.repo.name='mcp/logs'}`,
      deploymentLogs,
      `Allow service datascience to use virtual-network-family ${inC}`,
    ],
  ],
  [
    'the packages of a score artifact',
    (stack) => {
      const condaEnvironment = { path: 'oci://conda@acme/mcp/1.0/mcp_p312_cpu_x86_64_v1', pythonVersion: '3.12' };
      const source = McpServerSource.scoreArtifact('examples/data-science/servers/forecast');
      server(stack, new ModelDeploymentHosting({ compartmentId, logGroupId, condaEnvironment, egress: 'internet' }), {
        source,
      });
    },
    [
      `Allow any-user to read objects ${inC} where all {${deploymentsOfCompartment}, target.bucket.name='conda'}`,
      deploymentLogs,
    ],
  ],
  [
    'the subnet of a notebook session',
    (stack) => void new NotebookSession(stack, 'Notebook', { compartmentId, network: network(stack) }),
    [`Allow service datascience to use virtual-network-family ${inC}`],
  ],
  [
    'calls of a function, and of no other',
    (stack) => gateway(stack).addBackend(server(stack, functionHosting(stack))),
    [
      `Allow any-user to use fn-invocation ${inC} where all {${pods('gateway')}, target.function.id='<oci_functions_function.id>'}`,
    ],
  ],
  [
    'calls of a function, to a dynamic group',
    (stack) => void server(stack, functionHosting(stack)).grantInvoke({ grantPrincipal: dynamicGroup(stack) }),
    [
      `Allow dynamic-group <oci_identity_dynamic_group.name> to use fn-invocation ${inC} where target.function.id='<oci_functions_function.id>'`,
    ],
  ],
  [
    'calls of the model deployments of a compartment',
    (stack) => gateway(stack).addBackend(server(stack, modelDeployment())),
    [deploymentLogs, `Allow any-user to {DATA_SCIENCE_MODEL_DEPLOYMENT_PREDICT} ${inC} where all {${pods('gateway')}}`],
  ],
  [
    'calls of the hosted applications of a compartment',
    (stack) => gateway(stack).addBackend(server(stack, hostedApplication())),
    [`Allow any-user to {GENERATIVE_AI_HOSTED_DEPLOYMENT_INVOKE} ${inC} where all {${pods('gateway')}}`],
  ],
  ['nothing for a call of pods', (stack) => gateway(stack).addBackend(server(stack, okeHosting(stack))), []],
  [
    'nothing for a call of a Container Instance',
    (stack) => gateway(stack).addBackend(server(stack, containerInstance(stack))),
    [],
  ],
  [
    'nothing for a call of a child process',
    (stack) =>
      gateway(stack).addBackend(server(stack, new StdioHosting(), { source: McpServerSource.command('node') })),
    [],
  ],
  [
    'a function, to the API Gateways of a compartment',
    (stack) => {
      const route = {
        apiGateway: { gatewayId: 'ocid1.apigateway.oc1..example', compartmentId: 'ocid1.compartment.oc1..edge' },
        inboundAuth: InboundAuth.jwt({
          issuer: 'https://id.example/',
          audiences: ['mcp'],
          jwksUri: 'https://id.example/jwks',
        }),
      };
      gateway(stack).addBackend(server(stack, new FunctionHosting({ network: network(stack), compartmentId, route })));
    },
    [
      `Allow any-user to use functions-family ${inC} where all {request.principal.type='ApiGateway', request.resource.compartment.id='ocid1.compartment.oc1..edge'}`,
    ],
  ],
  [
    'what a server of Database Tools needs, and its users',
    (stack) => {
      const connection = DatabaseToolsConnection.fromConnectionAttributes(stack, 'Connection', {
        connectionId: 'ocid1.databasetoolsconnection.oc1..example',
        compartmentId,
        secrets: [{ secretId, compartmentId }],
      });
      new DatabaseToolsMcpServer(stack, 'Reports', {
        compartmentId,
        connection,
        domainId: 'ocid1.domain.oc1..example',
        outboundAuth: OutboundAuth.none(),
        users: [{ grantPrincipal: UserGroup.fromName(stack, 'Users', 'Platform/Analysts') }],
        resultBucket: { namespace: 'acme', bucket: 'results', compartmentId },
      });
    },
    [
      ...[
        'manage objects',
        'read secret-bundles',
        'use buckets',
        'use database-tools-connections',
        'use database-tools-runtime-work-requests',
      ].map((action) => {
        const itself = "request.principal.id='<oci_database_tools_database_tools_mcp_server.id>'";
        const bucket = "target.bucket.name='results'";
        const target = {
          'manage objects': bucket,
          'use buckets': bucket,
          'read secret-bundles': `target.secret.id='${secretId}'`,
        }[action];
        return `Allow any-user to ${action} ${inC} where ${target ? `all {${itself}, ${target}}` : itself}`;
      }),
      `Allow group 'Platform'/'Analysts' to use database-tools-mcp-servers-invocation ${inC}`,
    ],
  ],
  [
    'what a gateway publishes of itself',
    (stack) => void gateway(stack, { monitoring: monitoring(stack) }),
    [
      `Allow any-user to {LOG_CONTENT_PUSH} ${inC} where all {${pods('gateway')}, target.loggroup.id='${logGroupId}'}`,
      `Allow any-user to use metrics ${inC} where all {${pods('gateway')}, target.metrics.namespace='mcp_gateway'}`,
    ],
  ],
  [
    'spans of functions',
    (stack) => {
      const apm = { domainId: 'ocid1.apmdomain.oc1..example' };
      server(stack, functionHosting(stack), { monitoring: monitoring(stack, { apm }) });
    },
    [`Allow service FaaS to use apm-domains ${inC}`],
  ],
  [
    'logs of the nodes of a cluster',
    (stack) => {
      const dynamicGroupId = 'ocid1.dynamicgroup.oc1..nodes';
      monitoring(stack).addNodeLogs('NodeLogs', { dynamicGroupId });
    },
    [
      `Allow dynamic-group id ocid1.dynamicgroup.oc1..nodes to use log-content ${inC} where target.loggroup.id='${logGroupId}'`,
    ],
  ],
  [
    'metrics of one namespace',
    (stack) => void compartment(stack).grantPublishMetrics(group(stack), 'mcp_gateway'),
    [`Allow dynamic-group mcp to use metrics ${inC} where target.metrics.namespace='mcp_gateway'`],
  ],
  [
    'logs of one group',
    (stack) => void compartment(stack).grantPublishLogs(group(stack), logGroupId),
    [`Allow dynamic-group mcp to {LOG_CONTENT_PUSH} ${inC} where target.loggroup.id='${logGroupId}'`],
  ],
];

test.each(rows)('permit %s', (_, build, statements) => {
  expect(statementsOf(build)).toEqual([...statements].sort());
});

/** What a reader would call wide: everything, everything of a family without a word on whose, or changing what is not one's own. */
function isWide({ subject, verb, resourceType, compartment, condition }: ParsedStatement): boolean {
  const narrowed = JSON.stringify(condition ?? {});
  const isEverybody = subject.kind.startsWith('any-') && !narrowed.includes('request.principal.');
  const isOwnBucket = narrowed.includes('target.bucket.name');
  return (
    isEverybody || compartment === undefined || resourceType === 'all-resources' || (verb === 'manage' && !isOwnBucket)
  );
}

/** A block without its name stands for a reference. */
const parse = (statement: string) => parseStatement(statement.replace(/<[\w.]+>/g, '${block}'));

test.each(rows)('permit nothing wider than %s', (_, build) => {
  expect(statementsOf(build).filter((statement) => isWide(parse(statement)))).toEqual([]);
});

test('every file that grants something is one of these, with a row above', () => {
  const granting = [...readSources('lib')]
    .filter(([path, source]) => !path.startsWith('lib/iam/') && source.includes('IdentityPolicy.allow('))
    .map(([path]) => path);
  expect(granting.sort()).toEqual([
    'lib/gateway/gateway-audit.ts',
    'lib/gateway/gateway-monitoring.ts',
    'lib/hosting/data-science/data-science-network.ts',
    'lib/hosting/data-science/deployment-logs.ts',
    'lib/hosting/data-science/model-deployment.ts',
    'lib/hosting/function-hosting.ts',
    'lib/hosting/functions/function-route.ts',
    'lib/hosting/hosted-application-hosting.ts',
    'lib/managed/database-tools-mcp-server.ts',
    'lib/mcp/container-image.ts',
    'lib/mcp/secret-reference.ts',
    'lib/observability/node-logs.ts',
  ]);
});

describe("the knowledge base's own statements", () => {
  const names = ['datascience-mcp', 'ci-mcp', 'fn-mcp', 'oke-mcp-pods'];

  test.each(names)('can be had for %s, with a warning', (name) => {
    const { resource, warnings } = synth((stack) => {
      const grantPrincipal = DynamicGroup.fromName(stack, 'Group', name);
      compartment(stack).grantReadAll({ grantPrincipal });
    });
    const [statement] = resource('oci_identity_policy').statements;
    expect(statement).toBe(`Allow dynamic-group ${name} to read all-resources ${inC}`);
    expect(isWide(parseStatement(statement))).toBe(true);
    expect(warnings).toEqual([
      '[stack/Compartment] grantReadAll: stack/Group may read everything in this compartment and below it, secrets and objects too; use grantRead for what it needs',
    ]);
  });

  test('name pods by their workload identity, as no dynamic group has pods for members', () => {
    expect(
      statementsOf((stack) => {
        compartment(stack).grantReadAll(server(stack, okeHosting(stack)));
      }),
    ).toEqual([`Allow any-user to read all-resources ${inC} where all {${pods('logs')}}`]);
  });
});
