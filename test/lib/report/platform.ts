import { OciProvider } from '@cdktf/provider-oci/lib/provider';
import { type App, TerraformStack, TerraformVariable } from 'cdktf';
import {
  AddressRange,
  ApiGatewayEdge,
  ContainerInstanceHosting,
  IdentityDomain,
  IdentityDomainApp,
  InboundAuth,
  McpGateway,
  McpRules,
  McpServer,
  McpServerSource,
  Monitoring,
  OutboundAuth,
  PrivateNetwork,
} from 'cdktf-oci-mcp';
import { image } from '../fixtures';

/** A platform with one of everything that a report tells of. */
export function makePlatform(app: App): TerraformStack {
  const stack = new TerraformStack(app, 'platform');
  const variable = (name: string) => new TerraformVariable(stack, name, { type: 'string' }).stringValue;
  const compartmentId = variable('compartment_id');
  new OciProvider(stack, 'Oci', { region: 'eu-frankfurt-1' });
  const network = new PrivateNetwork(stack, 'Network', { compartmentId });
  const monitoring = new Monitoring(stack, 'Monitoring', { compartmentId });
  const domain = IdentityDomain.fromUrl(stack, 'Domain', 'https://idcs-0f3a.identity.oraclecloud.com');
  const api = new IdentityDomainApp(stack, 'Api', { domain, resource: { audience: 'https://mcp.acme.example/' } });
  const assistant = new IdentityDomainApp(stack, 'Assistant', { domain, client: { grants: ['client_credentials'] } });

  const logs = new McpServer(stack, 'Logs', {
    source: McpServerSource.image(image),
    description: 'Searches logs | of everything',
    hosting: new ContainerInstanceHosting({ network, compartmentId }),
  });
  const docs = McpServer.fromEndpoint(stack, 'Docs', {
    url: 'https://docs.example/mcp',
    outboundAuth: OutboundAuth.bearerToken({ secretId: 'ocid1.vaultsecret.oc1..docs', compartmentId }),
  });
  const gateway = new McpGateway(stack, 'Gateway', {
    image: 'fra.ocir.io/acme/oci-mcp-gateway:1.0',
    hosting: new ContainerInstanceHosting({ network, compartmentId }),
    inboundAuth: InboundAuth.identityDomain(api),
    backends: [logs],
  });
  gateway.addBackend(docs, { allowedTools: ['search'] });
  gateway.grantInvoke(assistant, { tools: ['logs_*'] });
  const edge = new ApiGatewayEdge(stack, 'Edge', { compartmentId, network, target: gateway, monitoring });
  edge.connections.allowFrom(new AddressRange(stack, 'Office', '10.20.0.0/16'));
  McpRules.suppress(gateway, 'MCP004', 'The registry\nnever moves <this> tag');
  return stack;
}
