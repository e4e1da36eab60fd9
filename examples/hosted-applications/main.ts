import { OciProvider } from '@cdktf/provider-oci/lib/provider';
import { App, TerraformOutput, TerraformStack, TerraformVariable } from 'cdktf';
import {
  HostedApplicationAuth,
  HostedApplicationHosting,
  InboundAuth,
  McpGateway,
  McpServer,
  McpServerSource,
} from 'cdktf-oci-mcp';
import type { Construct } from 'constructs';

/** Images of your own registry, for amd64. The service takes tags and no digests: never move one. */
const images = {
  gateway: 'fra.ocir.io/acme/oci-mcp-gateway:1.0.0',
  planner: 'fra.ocir.io/acme/planner-mcp:1.4.2',
};

/** A server and a gateway which Oracle runs: no network, no cluster, no machine of your own. */
class HostedApplicationsStack extends TerraformStack {
  public constructor(scope: Construct, id: string) {
    super(scope, id);
    const variable = (name: string) => new TerraformVariable(this, name, { type: 'string' }).stringValue;
    const compartmentId = variable('compartment_id');
    const domainUrl = variable('identity_domain_url');
    new OciProvider(this, 'Oci', { region: variable('region') });
    const imageRepository = (name: string) => ({ compartmentId, name });

    const planner = new McpServer(this, 'Planner', {
      source: McpServerSource.image(images.planner),
      port: 8080,
      hosting: new HostedApplicationHosting({
        compartmentId,
        imageRepository: imageRepository('planner-mcp'),
        storages: [{ variable: 'REDIS_URL', type: 'CACHE' }],
        auth: HostedApplicationAuth.identityDomain({
          domainUrl,
          audience: 'https://planner.acme.example/',
          scope: 'invoke',
          client: {
            clientId: variable('client_id'),
            clientSecret: { secretId: variable('client_secret_id'), compartmentId },
          },
        }),
      }),
    });

    const gateway = new McpGateway(this, 'Gateway', {
      image: images.gateway,
      port: 8080,
      hosting: new HostedApplicationHosting({
        compartmentId,
        imageRepository: imageRepository('oci-mcp-gateway'),
        auth: HostedApplicationAuth.identityDomain({
          domainUrl,
          audience: 'https://mcp.acme.example/',
          scope: 'invoke',
        }),
      }),
      // The service has checked the caller's token before the gateway sees the request.
      inboundAuth: InboundAuth.none(),
      backends: [planner],
    });
    new TerraformOutput(this, 'gateway_url', { value: gateway.endpoint.url });
  }
}

const app = new App();
new HostedApplicationsStack(app, 'hosted-applications');
app.synth();
