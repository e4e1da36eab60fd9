import { ApigatewayGateway } from '@cdktf/provider-oci/lib/apigateway-gateway';
import { LoggingLogGroup } from '@cdktf/provider-oci/lib/logging-log-group';
import { OciProvider } from '@cdktf/provider-oci/lib/provider';
import { App, TerraformOutput, TerraformStack, TerraformVariable } from 'cdktf';
import {
  AddressRange,
  ContainerInstanceHosting,
  FunctionHosting,
  InboundAuth,
  McpGateway,
  McpServer,
  McpServerSource,
  NetworkSecurityGroup,
  OutboundAuth,
  PrivateNetwork,
} from 'cdktf-oci-mcp';
import type { Construct } from 'constructs';

/** Images of your own registry, in the region of the functions: built from servers/ with the library's templates. */
const images = {
  gateway: 'fra.ocir.io/acme/oci-mcp-gateway@sha256:51aa0c6d4b1f0c2f4a8f64e0a2a6c0f8f7e3a9d1c5b7e2f4a6c8e0d2b4f6a8c0',
  capacity: 'fra.ocir.io/acme/capacity-mcp:1.0@sha256:0f3a2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0',
  sizes: 'fra.ocir.io/acme/sizes-mcp:1.0@sha256:77b12d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0',
};

/** The domain that issues tokens. */
const identityDomain = 'https://idcs-0123456789abcdef0123456789abcdef.identity.oraclecloud.com';
const tokens = {
  issuer: 'https://identity.oraclecloud.com/',
  jwksUri: `${identityDomain}/admin/v1/SigningCert/jwk`,
};

/** Servers that run only while they are called: one by signed requests, one through an API Gateway. */
class FunctionsStack extends TerraformStack {
  public constructor(scope: Construct, id: string) {
    super(scope, id);
    const variable = (name: string) => new TerraformVariable(this, name, { type: 'string' }).stringValue;
    const compartmentId = variable('compartment_id');
    new OciProvider(this, 'Oci', { region: variable('region') });
    const network = new PrivateNetwork(this, 'Network', { compartmentId });
    const logs = new LoggingLogGroup(this, 'Logs', { compartmentId, displayName: 'mcp-functions' });
    const repository = (name: string) => ({ compartmentId, name });

    const capacity = new McpServer(this, 'Capacity', {
      source: McpServerSource.image(images.capacity),
      description: 'Tells when something that grows will be full',
      hosting: new FunctionHosting({
        network,
        compartmentId,
        timeoutSeconds: 120,
        provisionedConcurrency: 10,
        logGroupId: logs.id,
        imageRepository: repository('capacity-mcp'),
      }),
    });

    const edge = new NetworkSecurityGroup(this, 'ApiGatewayAccess', { compartmentId, vcnId: network.vcnId, port: 443 });
    edge.connections.allowToInternet(443);
    const apiGateway = new ApigatewayGateway(this, 'ApiGateway', {
      compartmentId,
      displayName: 'mcp-functions',
      endpointType: 'PRIVATE',
      subnetId: network.subnetId,
      networkSecurityGroupIds: [edge.securityGroupId],
    });
    const sizes = new McpServer(this, 'Sizes', {
      source: McpServerSource.image(images.sizes),
      description: 'Reads and compares sizes of storage',
      hosting: new FunctionHosting({
        network,
        compartmentId,
        memoryMib: 256,
        imageRepository: repository('sizes-mcp'),
        route: {
          apiGateway: { gatewayId: apiGateway.id, compartmentId },
          inboundAuth: InboundAuth.jwt({ ...tokens, audiences: ['mcp-functions'] }),
          outboundAuth: OutboundAuth.oauthClientCredentials({
            tokenUrl: `${identityDomain}/oauth2/v1/token`,
            clientId: variable('client_id'),
            clientSecret: { secretId: variable('client_secret_id'), compartmentId },
            scopes: ['mcp-functions'],
          }),
        },
      }),
    });

    const gateway = new McpGateway(this, 'Gateway', {
      image: images.gateway,
      hosting: new ContainerInstanceHosting({
        network,
        compartmentId,
        privateIp: '10.0.10.10',
        imageRepository: repository('oci-mcp-gateway'),
      }),
      inboundAuth: InboundAuth.jwt({ ...tokens, audiences: ['mcp-gateway'] }),
    });
    gateway.addBackend(capacity, { requestTimeoutSeconds: 120 });
    // Nothing is kept ready for this one: its first answer waits for a container.
    gateway.addBackend(sizes, { connectTimeoutSeconds: 60 });
    edge.connections.allowFrom(gateway);
    gateway.connections.allowFrom(new AddressRange(this, 'Vcn', '10.0.0.0/16'));
    new TerraformOutput(this, 'gateway_url', { value: gateway.endpoint.url });
  }
}

const app = new App();
new FunctionsStack(app, 'functions');
app.synth();
