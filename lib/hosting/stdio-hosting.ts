import type { Construct } from 'constructs';
import { reportFault } from '../core/validation';
import { Grant } from '../iam/grant';
import type { IPrincipal } from '../iam/principal';
import type { McpEndpoint } from '../mcp/mcp-endpoint';
import type { IHostedWorkload, IMcpHosting } from '../mcp/mcp-hosting';
import { requireCommand } from '../mcp/mcp-server-source';
import { McpTransport } from '../mcp/mcp-transport';
import type { McpWorkload } from '../mcp/mcp-workload';
import { ExternalConnections } from '../network/connections';

/**
 * A server which the gateway starts as its child process and talks to over standard input and output. It makes no resource:
 * the program has to be in the gateway's image, and it acts with the gateway's identity.
 *
 * @example
 * new McpServer(this, 'Notes', {
 *   source: McpServerSource.command('node', ['/opt/servers/notes.js']),
 *   hosting: new StdioHosting(),
 * });
 */
export class StdioHosting implements IMcpHosting {
  public bind(scope: Construct, _name: string, workload: McpWorkload): IHostedWorkload {
    const { command, args } = requireCommand(scope, 'StdioHosting', workload.source);
    for (const name of Object.keys(workload.secretEnvironment)) {
      reportFault(scope, {
        prop: 'secretEnvironment',
        got: name,
        allowed: 'no secrets: a child process gets its environment from the gateway configuration, which is no secret',
        fix: 'host the server in a container of its own',
      });
    }
    for (const { path } of workload.secretDirectories) {
      reportFault(scope, {
        prop: 'secretDirectories',
        got: path,
        allowed: 'no folders: a child process reads the files of the gateway that starts it',
        fix: 'give the folder to the gateway: new McpGateway(…, { secretDirectories })',
      });
    }
    const endpoint: McpEndpoint = {
      transport: McpTransport.STDIO,
      command,
      args,
      environment: workload.environment,
    };
    return {
      endpoint,
      connections: new ExternalConnections(scope),
      grantPrincipal: new ChildProcessPrincipal(scope),
      grantInvoke: () => Grant.none(),
      mountSecret: () => '',
    };
  }
}

/** A child process has no identity of its own; granting it something is a mistake that is told. */
class ChildProcessPrincipal implements IPrincipal {
  public readonly policyConditions = [];
  public readonly preconditions = [];
  public readonly namesItself = false;

  public constructor(public readonly policyScope: Construct) {}

  public get policySubject(): string {
    reportFault(this.policyScope, {
      prop: 'grantee',
      got: 'a server on StdioHosting',
      allowed: 'a workload with an identity of its own: a child process acts as the gateway that starts it',
      fix: 'grant to the gateway',
    });
    return 'any-user';
  }
}
