import type { Construct } from 'constructs';
import { checkPattern, reportFault } from '../core/validation';
import type { HttpMcpEndpoint } from '../mcp/mcp-endpoint';
import { McpTransport } from '../mcp/mcp-transport';
import { type OAuthClientOptions, OutboundAuth } from '../mcp/outbound-auth';
import { type Connections, ExternalConnections } from '../network/connections';
import type { IIntegrationInstance } from './integration-instance';
import { ManagedMcpServer, type ManagedMcpServerOptions } from './managed-mcp-server';

/** A confidential application of the instance's identity domain that has the ServiceInvoker role in the instance. */
export interface IntegrationClient extends OAuthClientOptions {
  /** Scopes of the instance, as the application's configuration in the identity domain shows them. At least one. */
  readonly scopes: readonly string[];
}

export interface IntegrationMcpServerProps extends ManagedMcpServerOptions {
  /** The instance. */
  readonly instance: IIntegrationInstance;
  /** Identifier of the project, as its URL shows it: `ORDERS`. MCP has to be enabled in the project's settings. */
  readonly project: string;
  /** As whom the gateway calls it. */
  readonly client: IntegrationClient;
}

/**
 * A project of Oracle Integration 3 as an MCP server: its tools are the integrations that are registered as agentic AI tools.
 * Enabling MCP on the project is done in the console; no resource of Terraform does it.
 * @see https://docs.oracle.com/en/cloud/paas/application-integration/aiagents/faqs-projects-mcp-servers.html
 *
 * @example
 * new IntegrationMcpServer(this, 'Orders', {
 *   instance,
 *   project: 'ORDERS',
 *   client: { tokenUrl, clientId, clientSecret: { secretId, compartmentId }, scopes },
 * });
 */
export class IntegrationMcpServer extends ManagedMcpServer {
  public readonly endpoint: HttpMcpEndpoint;
  public readonly connections: Connections;

  public constructor(scope: Construct, id: string, props: IntegrationMcpServerProps) {
    super(scope, id, props);
    const { instance, project, client } = props;
    checkPattern(this, 'project', project, {
      pattern: /^[A-Za-z0-9_-]+$/,
      allowed: 'the identifier of a project: letters, digits, underscores and hyphens',
    });
    checkClient(this, client);
    this.endpoint = {
      transport: McpTransport.STREAMABLE_HTTP,
      url: `https://${instance.hostName}/mcp-server/v1/projects/${project}/mcp`,
      outboundAuth: OutboundAuth.oauthClientCredentials(client),
    };
    this.connections = new ExternalConnections(this, 443);
  }
}

function checkClient(scope: Construct, client: IntegrationClient): void {
  checkPattern(scope, 'client.tokenUrl', client.tokenUrl, { pattern: /^https:\/\/[^\s/]+/i, allowed: 'an https URL' });
  if (client.scopes.length === 0) {
    reportFault(scope, {
      prop: 'client.scopes',
      got: [],
      allowed: 'at least one scope: an identity domain gives no token for an instance without',
      fix: 'copy the scopes from the application in the identity domain',
    });
  }
  for (const each of client.scopes) {
    checkPattern(scope, 'client.scopes', each, {
      pattern: /^[\x21\x23-\x5b\x5d-\x7e]+$/,
      allowed: 'a scope of its own, without spaces',
    });
  }
}
