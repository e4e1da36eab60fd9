import { Token } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';
import { nameOf } from '../core/names';
import { refuseSecrets } from '../core/secret-literal';
import { checkPort, reportFault } from '../core/validation';
import { Grant } from '../iam/grant';
import { type Connections, ExternalConnections } from '../network/connections';
import { recordComponent } from './component-record';
import { checkServerName, type IMcpServer } from './imcp-server';
import type { OperationChoice, ServerEndpoint } from './mcp-endpoint';
import { McpTransport } from './mcp-transport';
import { documentOf } from './openapi-document';
import type { IOutboundAuth } from './outbound-auth';

/** What is known of anything that runs somewhere else. */
export interface ExternalAttributes {
  /** Name of the backend in the gateway. @default - derived from the construct's path */
  readonly serverName?: string;
  /** What the server is for, shown to operators. @default - none */
  readonly description?: string;
  /** How the gateway proves itself to it. @default - no credentials */
  readonly outboundAuth?: IOutboundAuth;
  /** Headers of every request. Nothing in them may be secret. @default - none of its own */
  readonly headers?: { readonly [name: string]: string };
  /** TCP port of the URL, where the URL is a reference. @default - read from the URL; 443 for a reference */
  readonly port?: number;
}

/** Attributes of a server that runs somewhere else. */
export interface McpEndpointAttributes extends ExternalAttributes {
  /** URL of its MCP endpoint, with http or https. May be a reference. */
  readonly url: string;
  /** @default McpTransport.STREAMABLE_HTTP */
  readonly transport?: McpTransport.STREAMABLE_HTTP | McpTransport.SSE;
  /** True where every message is one POST answered with one JSON document, as on a model deployment. @default false */
  readonly jsonOnly?: boolean;
}

/** Attributes of a service that speaks no MCP. It has one of `documentUrl` and `documentFile`. */
export interface OpenApiAttributes extends ExternalAttributes {
  /** URL that the paths of the document are appended to, with http or https. May be a reference. */
  readonly url: string;
  /**
   * Where the gateway finds the document. It sends its credentials only to the host of `url`. May be a reference.
   * @default - the document is in `documentFile`
   */
  readonly documentUrl?: string;
  /**
   * Path of the document on this machine, read at synth and rendered into the gateway's configuration; at most 256 KiB, since
   * a ConfigMap has room for 1 MiB in all. It lands in Terraform's state.
   * @default - the document is at `documentUrl`
   * @see https://kubernetes.io/docs/concepts/configuration/configmap/#motivation
   */
  readonly documentFile?: string;
  /** Operations that become tools. @default - all */
  readonly operations?: OperationChoice;
}

/** Something that runs somewhere else. */
abstract class External extends Construct implements IMcpServer {
  public readonly serverName: string;
  public readonly description?: string;
  public readonly connections: Connections;
  public abstract readonly endpoint: ServerEndpoint;

  public constructor(scope: Construct, id: string, attributes: ExternalAttributes & { readonly url: string }) {
    super(scope, id);
    checkServerName(this, attributes.serverName);
    checkPort(this, 'port', attributes.port);
    refuseSecrets(this, attributes);
    this.serverName = attributes.serverName ?? nameOf(this);
    this.description = attributes.description;
    const port = portOf(this, attributes.url);
    this.connections = new ExternalConnections(this, attributes.port ?? port);
    recordComponent(this);
  }

  public grantInvoke(): Grant {
    return Grant.none();
  }
}

/** An MCP server that runs somewhere else. */
export class ExternalMcpServer extends External {
  public readonly endpoint: ServerEndpoint;

  public constructor(scope: Construct, id: string, attributes: McpEndpointAttributes) {
    super(scope, id, attributes);
    const { url, transport = McpTransport.STREAMABLE_HTTP, outboundAuth, jsonOnly, headers } = attributes;
    this.endpoint = { transport, url, outboundAuth, jsonOnly, headers };
  }
}

/** A service that speaks no MCP. */
export class ExternalService extends External {
  public readonly endpoint: ServerEndpoint;

  public constructor(scope: Construct, id: string, attributes: OpenApiAttributes) {
    super(scope, id, attributes);
    const { url, operations, outboundAuth, headers } = attributes;
    const document = documentOf(this, attributes);
    this.endpoint = { transport: McpTransport.OPENAPI, url, document, operations, outboundAuth, headers };
  }
}

function portOf(scope: IConstruct, url: string): number {
  const https = 443;
  if (Token.isUnresolved(url)) return https;
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.username && parsed.password === '') {
    reportFault(scope, {
      prop: 'url',
      got: 'a user in the URL',
      allowed: 'a URL without credentials: it lands in the state',
      fix: 'pass outboundAuth',
    });
  }
  if (parsed?.protocol === 'https:' || parsed?.protocol === 'http:') {
    return Number(parsed.port || (parsed.protocol === 'https:' ? https : 80));
  }
  reportFault(scope, { prop: 'url', got: url, allowed: 'a URL with http or https' });
  return https;
}
