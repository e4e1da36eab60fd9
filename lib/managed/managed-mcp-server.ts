import { Construct } from 'constructs';
import { nameOf } from '../core/names';
import { refuseSecrets } from '../core/secret-literal';
import { Grant } from '../iam/grant';
import { recordComponent } from '../mcp/component-record';
import { checkServerName, type IMcpServer } from '../mcp/imcp-server';
import type { HttpMcpEndpoint } from '../mcp/mcp-endpoint';
import type { Connections } from '../network/connections';

/** What every server that Oracle runs lets its user say. */
export interface ManagedMcpServerOptions {
  /** Name of the backend in the gateway. @default - derived from the construct's path */
  readonly serverName?: string;
  /** What the server is for, shown to operators. @default - none */
  readonly description?: string;
}

/**
 * A server that Oracle runs. Whoever calls it proves it with credentials that the service itself checks, so a call takes no
 * policy about the caller.
 */
export abstract class ManagedMcpServer extends Construct implements IMcpServer {
  public readonly serverName: string;
  public readonly description?: string;
  public abstract readonly endpoint: HttpMcpEndpoint;
  public abstract readonly connections: Connections;

  protected constructor(scope: Construct, id: string, options: ManagedMcpServerOptions) {
    super(scope, id);
    checkServerName(this, options.serverName);
    refuseSecrets(this, options);
    this.serverName = options.serverName ?? nameOf(this);
    this.description = options.description;
    recordComponent(this);
  }

  public grantInvoke(): Grant {
    return Grant.none();
  }
}
