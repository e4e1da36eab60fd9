import type { Construct } from 'constructs';
import { checkPattern } from '../core/validation';
import type { HttpMcpEndpoint } from '../mcp/mcp-endpoint';
import { McpTransport } from '../mcp/mcp-transport';
import { type AutonomousDatabaseLogin, type IOutboundAuth, OutboundAuth } from '../mcp/outbound-auth';
import type { Connections } from '../network/connections';
import type { IAutonomousDatabase } from './autonomous-database';
import { ManagedMcpServer, type ManagedMcpServerOptions } from './managed-mcp-server';

/** A database user, as whose name and password the gateway gets its tokens. */
export type DatabaseLogin = Omit<AutonomousDatabaseLogin, 'tokenUrl'>;

export interface AutonomousDatabaseMcpServerProps extends ManagedMcpServerOptions {
  /** The database, 19c or 26ai. */
  readonly database: IAutonomousDatabase;
  /**
   * How the gateway proves itself: as a database user, whose rights are then those of every call, or in another way that the
   * database accepts.
   */
  readonly auth: DatabaseLogin | IOutboundAuth;
}

/**
 * The MCP server that is built into an Autonomous Database. It has the tools that its users make with
 * `DBMS_CLOUD_AI_AGENT.CREATE_TOOL`, and none before.
 * @see https://docs.oracle.com/en-us/iaas/autonomous-database-serverless/doc/use-mcp-server.html
 *
 * @example
 * new AutonomousDatabaseMcpServer(this, 'Sales', {
 *   database,
 *   auth: { username: 'MCP_USER', password: { secretId, compartmentId } },
 * });
 */
export class AutonomousDatabaseMcpServer extends ManagedMcpServer {
  public readonly endpoint: HttpMcpEndpoint;
  public readonly connections: Connections;

  public constructor(scope: Construct, id: string, props: AutonomousDatabaseMcpServerProps) {
    super(scope, id, props);
    const { database, auth } = props;
    const { databaseId, serviceHost } = database;
    if ('username' in auth)
      checkPattern(this, 'auth.username', auth.username, { pattern: /\S/, allowed: 'a database user' });
    database.enableMcpServer();
    const tokenUrl = `https://${serviceHost}/adb/auth/v1/databases/${databaseId}/token`;
    this.endpoint = {
      transport: McpTransport.STREAMABLE_HTTP,
      url: `https://${serviceHost}/adb/mcp/v1/databases/${databaseId}`,
      outboundAuth: 'username' in auth ? OutboundAuth.autonomousDatabase({ ...auth, tokenUrl }) : auth,
    };
    this.connections = database.serviceConnections;
  }
}
