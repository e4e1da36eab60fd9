import { DatabaseToolsDatabaseToolsMcpServer } from '@cdktf/provider-oci/lib/database-tools-database-tools-mcp-server';
import { DatabaseToolsDatabaseToolsMcpToolset } from '@cdktf/provider-oci/lib/database-tools-database-tools-mcp-toolset';
import { Token } from 'cdktf';
import type { Construct } from 'constructs';
import { nameOf, qualifiedNameOf } from '../core/names';
import { checkInteger, checkPattern, reportFault } from '../core/validation';
import { IdentityPolicy } from '../iam/identity-policy';
import { PolicyCondition } from '../iam/policy-condition';
import { PolicyVerb } from '../iam/policy-statement';
import type { IGrantable, IPrincipal } from '../iam/principal';
import type { HttpMcpEndpoint } from '../mcp/mcp-endpoint';
import { McpTransport } from '../mcp/mcp-transport';
import type { IOutboundAuth } from '../mcp/outbound-auth';
import { permitReading } from '../mcp/secret-reference';
import { type Connections, ExternalConnections } from '../network/connections';
import type { IDatabaseToolsConnection } from './database-tools-connection';
import type { DatabaseToolset } from './database-toolset';
import { ManagedMcpServer, type ManagedMcpServerOptions } from './managed-mcp-server';

/** An application role that this server adds to those which the service makes. */
export interface McpServerRole {
  /** Name of the role. */
  readonly name: string;
  /** What its members may do. */
  readonly description: string;
}

/** A bucket in Object Storage for the results of asynchronous calls. */
export interface ResultBucket {
  readonly namespace: string;
  readonly bucket: string;
  /** OCID of the bucket's compartment. */
  readonly compartmentId: string;
}

export interface DatabaseToolsMcpServerProps extends ManagedMcpServerOptions {
  /** OCID of the compartment. */
  readonly compartmentId: string;
  /** The database, and as whom the tools log in to it. */
  readonly connection: IDatabaseToolsConnection;
  /** OCID of the identity domain whose users call it. It gets an application there, with the roles. */
  readonly domainId: string;
  /**
   * How the gateway proves itself: with a token of one user of the domain, who has at least one of the application's roles.
   * @see https://docs.oracle.com/en-us/iaas/database-tools/doc/connecting-mcp-server.html
   */
  readonly outboundAuth: IOutboundAuth;
  /** Its tools by construct id. @default - none yet; {@link DatabaseToolsMcpServer.addToolset} adds them */
  readonly toolsets?: { readonly [id: string]: DatabaseToolset };
  /** Groups of users who may call it, that of the gateway's user among them. @default - permitted outside this stack */
  readonly users?: readonly IGrantable[];
  /** Roles beyond those which the service makes. @default - none */
  readonly customRoles?: readonly McpServerRole[];
  /** Where asynchronous calls leave their results. @default - nowhere: every call waits for its result */
  readonly resultBucket?: ResultBucket;
  /**
   * With whose rights it uses the connection and reads its secrets: its own, or those of the user who calls.
   * @default "RESOURCE_PRINCIPAL"
   */
  readonly runtimeIdentity?: 'RESOURCE_PRINCIPAL' | 'AUTHENTICATED_PRINCIPAL';
  /** Seconds that an access token is valid, a personal one apart. @default - an hour, as the service says */
  readonly accessTokenExpirySeconds?: number;
  /** Seconds that a refresh token is valid. @default - what the service says */
  readonly refreshTokenExpirySeconds?: number;
}

/**
 * A managed MCP server of Database Tools in front of any Oracle Database that a connection reaches.
 * @see https://docs.oracle.com/en-us/iaas/database-tools/doc/working-database-tools-mcp-server.html
 *
 * @example
 * new DatabaseToolsMcpServer(this, 'Reports', {
 *   compartmentId,
 *   connection,
 *   domainId,
 *   outboundAuth: OutboundAuth.bearerToken({ secretId, compartmentId }),
 *   toolsets: { Sql: DatabaseToolset.builtInSql() },
 * });
 */
export class DatabaseToolsMcpServer extends ManagedMcpServer {
  public readonly endpoint: HttpMcpEndpoint;
  public readonly connections: Connections;
  /** OCID of the server. */
  public readonly mcpServerId: string;
  /** OCID of its application in the identity domain, whose roles are given to users there. */
  public readonly domainAppId: string;

  public constructor(
    scope: Construct,
    id: string,
    private readonly props: DatabaseToolsMcpServerProps,
  ) {
    super(scope, id, props);
    checkDatabaseToolsMcpServer(this, props);
    const { compartmentId, connection, resultBucket, customRoles, runtimeIdentity = 'RESOURCE_PRINCIPAL' } = props;
    const server = new DatabaseToolsDatabaseToolsMcpServer(this, 'Resource', {
      compartmentId,
      displayName: qualifiedNameOf(this, 255),
      description: props.description,
      type: 'DEFAULT',
      databaseToolsConnectionId: connection.connectionId,
      domainId: props.domainId,
      runtimeIdentity,
      storage: storageOf(resultBucket),
      customRoles: customRoles?.map(({ name, description }) => ({ displayName: name, description })),
      accessTokenExpiryInSeconds: props.accessTokenExpirySeconds,
      refreshTokenExpiryInSeconds: props.refreshTokenExpirySeconds,
    });
    this.node.defaultChild = server;
    this.mcpServerId = server.id;
    this.domainAppId = server.domainAppId;
    this.endpoint = {
      transport: McpTransport.STREAMABLE_HTTP,
      url: server.endpoints.get(0).endpoint,
      outboundAuth: props.outboundAuth,
    };
    this.connections = new ExternalConnections(this, 443);
    if (runtimeIdentity === 'RESOURCE_PRINCIPAL') this.permitWork(props);
    for (const grantee of props.users ?? []) {
      this.permit({ grantee, resourceType: 'database-tools-mcp-servers-invocation', compartmentId });
    }
    for (const [toolsetId, toolset] of Object.entries(props.toolsets ?? {})) this.addToolset(toolsetId, toolset);
  }

  /** Adds tools. @param id Construct id. */
  public addToolset(id: string, toolset: DatabaseToolset): void {
    toolset.check(this);
    this.checkRoles(toolset);
    const { compartmentId, resultBucket } = this.props;
    if (toolset.config.defaultExecutionType === 'ASYNCHRONOUS' && resultBucket === undefined) {
      reportFault(this, {
        prop: 'toolsets.asynchronous',
        got: id,
        allowed: 'asynchronous tools on a server with a resultBucket, where their results go',
        fix: 'pass resultBucket',
      });
    }
    new DatabaseToolsDatabaseToolsMcpToolset(this, id, {
      ...toolset.config,
      compartmentId,
      databaseToolsMcpServerId: this.mcpServerId,
      displayName: `${nameOf(this)}-${id.toLowerCase()}`,
    });
  }

  /**
   * What the server needs to do its work, in the words of Oracle's own page.
   * @see https://docs.oracle.com/en-us/iaas/database-tools/doc/policies-mcp-server.html
   */
  private permitWork({ compartmentId, connection, resultBucket }: DatabaseToolsMcpServerProps): void {
    const grantPrincipal: IPrincipal = {
      policySubject: 'any-user',
      policyConditions: [PolicyCondition.equals('request.principal.id', this.mcpServerId)],
      preconditions: [],
      namesItself: true,
      policyScope: this,
    };
    const grantee = { grantPrincipal };
    this.permit({ grantee, resourceType: 'database-tools-connections', compartmentId: connection.compartmentId });
    for (const secret of connection.secrets) permitReading(grantee, secret);
    if (resultBucket === undefined) return;
    this.permit({ grantee, resourceType: 'database-tools-runtime-work-requests', compartmentId });
    const bucket = {
      grantee,
      compartmentId: resultBucket.compartmentId,
      conditions: [PolicyCondition.equals('target.bucket.name', resultBucket.bucket)],
    };
    this.permit({ ...bucket, resourceType: 'buckets' });
    this.permit({ ...bucket, resourceType: 'objects', verb: PolicyVerb.MANAGE });
  }

  private permit(options: {
    readonly grantee: IGrantable;
    readonly resourceType: string;
    readonly compartmentId: string;
    readonly verb?: PolicyVerb;
    readonly conditions?: readonly PolicyCondition[];
  }): void {
    IdentityPolicy.allow({ verb: PolicyVerb.USE, ...options });
  }

  private checkRoles({ roles }: DatabaseToolset): void {
    const custom = (this.props.customRoles ?? []).map(({ name }) => name);
    for (const role of roles) {
      if (Token.isUnresolved(role) || role.startsWith('MCP_') || custom.includes(role)) continue;
      reportFault(this, {
        prop: 'toolsets.allowedRoles',
        got: role,
        allowed: "roles of this server: its customRoles, and the service's own such as MCP_User",
        fix: 'add the role to customRoles',
      });
    }
  }
}

function storageOf(bucket: ResultBucket | undefined) {
  if (bucket === undefined) return { type: 'NONE' };
  return { type: 'OBJECT_STORAGE', bucket: { namespace: bucket.namespace, bucket: bucket.bucket } };
}

function checkDatabaseToolsMcpServer(scope: Construct, props: DatabaseToolsMcpServerProps): void {
  checkPattern(scope, 'domainId', props.domainId, {
    pattern: /^ocid1\.domain\./,
    allowed: 'the OCID of an identity domain',
  });
  checkInteger(scope, 'accessTokenExpirySeconds', props.accessTokenExpirySeconds, { min: 1 });
  checkInteger(scope, 'refreshTokenExpirySeconds', props.refreshTokenExpirySeconds, { min: 1 });
  for (const { name } of props.customRoles ?? []) {
    checkPattern(scope, 'customRoles.name', name, {
      pattern: /^(?!MCP_)[A-Za-z0-9_-]+$/,
      allowed: "letters, digits, underscores and hyphens, without the prefix MCP_ of the service's own roles",
    });
  }
}
