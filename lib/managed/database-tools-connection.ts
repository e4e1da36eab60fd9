import { DataOciDatabaseToolsDatabaseToolsEndpointServices } from '@cdktf/provider-oci/lib/data-oci-database-tools-database-tools-endpoint-services';
import { DatabaseToolsDatabaseToolsConnection } from '@cdktf/provider-oci/lib/database-tools-database-tools-connection';
import { DatabaseToolsDatabaseToolsPrivateEndpoint } from '@cdktf/provider-oci/lib/database-tools-database-tools-private-endpoint';
import { Construct, type IConstruct } from 'constructs';
import { addPreconditions } from '../core/dependencies';
import { qualifiedNameOf } from '../core/names';
import { refuseSecrets } from '../core/secret-literal';
import { checkPattern, reportFault } from '../core/validation';
import { checkSecretId, type IVaultSecret } from '../mcp/secret-reference';
import type { Connections, IConnectable } from '../network/connections';
import { NetworkSecurityGroup, SecurityGroupConnections } from '../network/network-security-group';
import type { IPrivateNetwork } from '../network/private-network';
import { checkDsn } from './dsn';

export interface DatabaseToolsPrivateEndpointProps {
  /** OCID of the compartment. */
  readonly compartmentId: string;
  /** Network from which the database is reached. */
  readonly network: IPrivateNetwork;
  /** OCID of the endpoint service. @default - the first active one, looked up */
  readonly endpointServiceId?: string;
}

/** The place in a VCN from which Database Tools reaches private databases. Its network security group starts closed. */
export class DatabaseToolsPrivateEndpoint extends Construct implements IConnectable {
  /** OCID of the private endpoint. */
  public readonly privateEndpointId: string;
  public readonly connections: Connections;

  public constructor(scope: Construct, id: string, props: DatabaseToolsPrivateEndpointProps) {
    super(scope, id);
    refuseSecrets(this, props);
    const { compartmentId, network } = props;
    const group = new NetworkSecurityGroup(this, 'SecurityGroup', { compartmentId, vcnId: network.vcnId });
    const endpoint = new DatabaseToolsDatabaseToolsPrivateEndpoint(this, 'Resource', {
      compartmentId,
      displayName: qualifiedNameOf(this, 255),
      endpointServiceId: props.endpointServiceId ?? this.endpointService(compartmentId),
      subnetId: network.subnetId,
      nsgIds: [group.securityGroupId],
    });
    this.node.defaultChild = endpoint;
    this.privateEndpointId = endpoint.id;
    this.connections = new SecurityGroupConnections(group, group.securityGroupId, {
      cidrBlocks: [`${endpoint.privateEndpointIp}/32`],
    });
  }

  private endpointService(compartmentId: string): string {
    const services = new DataOciDatabaseToolsDatabaseToolsEndpointServices(this, 'EndpointServices', {
      compartmentId,
      state: 'ACTIVE',
    });
    return services.databaseToolsEndpointServiceCollection.get(0).items.get(0).id;
  }
}

/** A connection of Database Tools: where a database is, and as whom to log in. */
export interface IDatabaseToolsConnection extends IConstruct {
  /** OCID of the connection. */
  readonly connectionId: string;
  /** OCID of its compartment, where the permission to use it is given. */
  readonly compartmentId: string;
  /** The secrets that whoever uses it has to read. */
  readonly secrets: readonly IVaultSecret[];
}

export interface DatabaseToolsConnectionAttributes {
  /** OCID of the connection. */
  readonly connectionId: string;
  /** OCID of its compartment. */
  readonly compartmentId: string;
  /** The secrets it names: password and wallet. @default - none, or permitted outside this stack */
  readonly secrets?: readonly IVaultSecret[];
}

export interface DatabaseToolsConnectionProps {
  /** OCID of the compartment. */
  readonly compartmentId: string;
  /** Where the database is, in Easy Connect form or as a descriptor: `tcps://host:1522/x_low.adb.oraclecloud.com`. */
  readonly connectionString: string;
  /** Database user, one with the rights that the tools need and no more. */
  readonly user: string;
  /** Its password. */
  readonly password: IVaultSecret;
  /** The wallet for automatic login, `cwallet.sso`, as one secret. @default - none: the database takes TLS without one */
  readonly wallet?: IVaultSecret;
  /** From where a private database is reached. @default - over its public endpoint */
  readonly privateEndpoint?: DatabaseToolsPrivateEndpoint;
  /** The database's end of the network path, which is opened for `privateEndpoint`. @default - it is open already */
  readonly database?: IConnectable;
}

/**
 * A connection of Database Tools to an Oracle Database, made of references: its secrets stay in Vault.
 *
 * @example
 * new DatabaseToolsConnection(this, 'Connection', {
 *   compartmentId,
 *   connectionString: database.dsn('low'),
 *   user: 'MCP_READER',
 *   password: { secretId, compartmentId },
 *   privateEndpoint,
 *   database,
 * });
 */
export class DatabaseToolsConnection extends Construct implements IDatabaseToolsConnection {
  /** A connection that exists already. */
  public static fromConnectionAttributes(
    scope: Construct,
    id: string,
    attributes: DatabaseToolsConnectionAttributes,
  ): IDatabaseToolsConnection {
    const construct = new Construct(scope, id);
    const { connectionId, compartmentId, secrets = [] } = attributes;
    checkPattern(construct, 'connectionId', connectionId, {
      pattern: /^ocid1\.databasetoolsconnection\./,
      allowed: 'the OCID of a connection of Database Tools',
    });
    return Object.assign(construct, { connectionId, compartmentId, secrets });
  }

  public readonly connectionId: string;
  public readonly compartmentId: string;
  public readonly secrets: readonly IVaultSecret[];

  public constructor(scope: Construct, id: string, props: DatabaseToolsConnectionProps) {
    super(scope, id);
    refuseSecrets(this, props);
    checkConnection(this, props);
    const { compartmentId, password, wallet, privateEndpoint, database } = props;
    const content = (secret: IVaultSecret) => ({ valueType: 'SECRETID', secretId: secret.secretId });
    const connection = new DatabaseToolsDatabaseToolsConnection(this, 'Resource', {
      compartmentId,
      displayName: qualifiedNameOf(this, 255),
      type: 'ORACLE_DATABASE',
      runtimeSupport: 'SUPPORTED',
      connectionString: props.connectionString,
      userName: props.user,
      userPassword: content(password),
      keyStores: wallet && [{ keyStoreType: 'SSO', keyStoreContent: content(wallet) }],
      privateEndpointId: privateEndpoint?.privateEndpointId,
    });
    this.node.defaultChild = connection;
    this.connectionId = connection.id;
    this.compartmentId = compartmentId;
    this.secrets = wallet ? [password, wallet] : [password];
    if (privateEndpoint && database) addPreconditions(connection, database.connections.allowFrom(privateEndpoint));
  }
}

function checkConnection(scope: Construct, props: DatabaseToolsConnectionProps): void {
  checkDsn(scope, 'connectionString', props.connectionString);
  checkSecretId(scope, 'password', props.password.secretId);
  if (props.wallet) checkSecretId(scope, 'wallet', props.wallet.secretId);
  if (props.database !== undefined && props.privateEndpoint === undefined) {
    reportFault(scope, {
      prop: 'database',
      got: 'a database without privateEndpoint',
      allowed: 'a database together with the private endpoint from which it is reached',
      fix: 'pass privateEndpoint, or leave database out where it has a public endpoint',
    });
  }
}
