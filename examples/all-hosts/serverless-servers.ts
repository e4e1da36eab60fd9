import { join } from 'node:path';
import {
  FunctionHosting,
  type IMcpServer,
  InboundAuth,
  McpServer,
  McpServerSource,
  ModelDeploymentHosting,
  NotebookSession,
  OutboundAuth,
} from 'cdktf-oci-mcp';
import { Construct } from 'constructs';
import { identityDomain, images, type Platform, secret, variable } from './platform';

/** One server in each form that Data Science and Functions have, and a notebook to develop them in. */
export class ServerlessServers extends Construct {
  public readonly servers: readonly IMcpServer[];

  public constructor(scope: Construct, id: string, platform: Platform) {
    super(scope, id);
    const { compartmentId, network, dataScience } = platform;
    const sizing = McpServerSource.image(images.sizing);

    const score = new McpServer(this, 'Score', {
      serverName: 'score',
      source: McpServerSource.scoreArtifact(join(__dirname, 'servers', 'forecast')),
      hosting: new ModelDeploymentHosting({
        compartmentId,
        network: dataScience,
        condaEnvironment: {
          path: 'oci://conda@acme/conda_environments/cpu/mcp/1.0/mcp_p312_v1',
          pythonVersion: '3.12',
        },
      }),
    });
    const model = new McpServer(this, 'Model', {
      serverName: 'model',
      source: McpServerSource.image(images.planner),
      hosting: new ModelDeploymentHosting({
        compartmentId,
        network: dataScience,
        privateEndpoint: true,
        imageRepository: { compartmentId, name: 'planner-mcp' },
      }),
    });
    new NotebookSession(this, 'Notebook', { compartmentId, network: dataScience });

    const signed = new McpServer(this, 'Function', {
      serverName: 'function',
      source: sizing,
      hosting: new FunctionHosting({ compartmentId, network, memoryMib: 512 }),
    });
    const routed = new McpServer(this, 'Routed', {
      serverName: 'routed',
      source: sizing,
      hosting: new FunctionHosting({
        compartmentId,
        network,
        route: {
          apiGateway: { gatewayId: variable(this, 'api_gateway_id'), compartmentId },
          inboundAuth: InboundAuth.jwt({
            issuer: 'https://identity.oraclecloud.com/',
            audiences: ['mcp-functions'],
            jwksUri: `${identityDomain}/admin/v1/SigningCert/jwk`,
          }),
          outboundAuth: OutboundAuth.oauthClientCredentials({
            tokenUrl: `${identityDomain}/oauth2/v1/token`,
            clientId: 'mcp-gateway',
            clientSecret: secret(this, 'function_client', platform),
            scopes: ['mcp-functionsinvoke'],
          }),
        },
      }),
    });
    this.servers = [score, model, signed, routed];
  }
}
