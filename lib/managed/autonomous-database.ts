import { DatabaseAutonomousDatabase } from '@cdktf/provider-oci/lib/database-autonomous-database';
import { Annotations, Token } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';
import { qualifiedNameOf } from '../core/names';
import { regionOf } from '../core/region';
import { refuseSecrets } from '../core/secret-literal';
import { hostNameOf } from '../core/urls';
import { checkInteger, checkPattern, reportFault } from '../core/validation';
import { checkSecretId, type IVaultSecret } from '../mcp/secret-reference';
import { type Connections, ExternalConnections, type IConnectable } from '../network/connections';
import { NetworkSecurityGroup, SecurityGroupConnections } from '../network/network-security-group';
import type { IPrivateNetwork } from '../network/private-network';

/** The free-form tag that switches features on. @see https://docs.oracle.com/en-us/iaas/autonomous-database-serverless/doc/use-mcp-server.html */
const featureTag = 'adb$feature';

const https = 443;

/** An Autonomous Database. Its connections are those of SQL clients. */
export interface IAutonomousDatabase extends IConstruct, IConnectable {
  /** OCID of the database. */
  readonly databaseId: string;
  /** Host name of the services it offers by HTTPS, the MCP server among them. */
  readonly serviceHost: string;
  /** Its end of a path to those services. */
  readonly serviceConnections: Connections;
  /** Switches the built-in MCP server on, where this stack makes the database. */
  enableMcpServer(): void;
}

export interface AutonomousDatabaseAttributes {
  /** OCID of the database. */
  readonly databaseId: string;
  /** Region of the database. @default - read from the OCID, or that of the stack's OCI provider */
  readonly region?: string;
  /**
   * Host name of its HTTPS services, where it has a private endpoint: the console shows it in the URLs of its tools.
   * @default - the public host of the region
   */
  readonly serviceHost?: string;
  /** OCID of the network security group of its private endpoint. @default - no rules are made at its end */
  readonly securityGroupId?: string;
  /** TCP port of SQL clients, 1 to 65535. @default 1522 */
  readonly port?: number;
}

export interface AutonomousDatabaseProps {
  /** OCID of the compartment. */
  readonly compartmentId: string;
  /**
   * Secret in Vault that holds the password of ADMIN, which whoever applies may read. Values never stand in the state.
   * 12 to 30 characters with upper case, lower case and a digit, without double quotes and "admin".
   */
  readonly adminPassword: IVaultSecret;
  /** Network in which it gets a private endpoint and no public one. Either this or `allowedAddresses`. */
  readonly network?: IPrivateNetwork;
  /** Who may reach its public endpoint: IPv4 addresses and blocks, OCIDs of VCNs with a service gateway. Either this or `network`. */
  readonly allowedAddresses?: readonly string[];
  /** Name of the database, at most 30 letters and digits, unique in the tenancy. @default - derived from the construct's path */
  readonly dbName?: string;
  /** Version. @default - the service's own default */
  readonly dbVersion?: '19c' | '26ai';
  /** What it is used for. @default "OLTP" */
  readonly workload?: 'OLTP' | 'DW' | 'AJD' | 'APEX' | 'LH';
  /** ECPUs, at least 2. @default 2 */
  readonly ecpus?: number;
  /** Storage in TiB, 1 to 384. @default 1 */
  readonly storageTib?: number;
  /** License. Left out, the service would take it for one of your own. @default "LICENSE_INCLUDED" */
  readonly licenseModel?: 'LICENSE_INCLUDED' | 'BRING_YOUR_OWN_LICENSE';
  /** Whether SQL clients need a wallet. @default true */
  readonly mtlsRequired?: boolean;
  /** Free-form tags. @default - none of your own */
  readonly freeformTags?: { readonly [key: string]: string };
}

/**
 * An Autonomous Database (Serverless), reached over a private endpoint with a network security group of its own that starts
 * closed, or over a public one by the addresses that are named.
 *
 * @example
 * const database = new AutonomousDatabase(this, 'Warehouse', { compartmentId, network, adminPassword: { secretId, compartmentId } });
 */
export class AutonomousDatabase extends Construct implements IAutonomousDatabase {
  /** A database that exists already. Its tags are not this stack's: enable the MCP server where the database is made. */
  public static fromDatabaseAttributes(
    scope: Construct,
    id: string,
    attributes: AutonomousDatabaseAttributes,
  ): IAutonomousDatabase {
    const construct = new Construct(scope, id);
    const { databaseId, securityGroupId, port = 1522 } = attributes;
    checkPattern(construct, 'databaseId', databaseId, {
      pattern: /^ocid1\.autonomousdatabase\./,
      allowed: 'the OCID of an Autonomous Database',
    });
    const connectionsOn = (each: number) =>
      securityGroupId === undefined
        ? new ExternalConnections(construct, each)
        : new SecurityGroupConnections(construct, securityGroupId, { port: each });
    return Object.assign(construct, {
      databaseId,
      serviceHost:
        attributes.serviceHost ?? publicHost(attributes.region ?? regionInId(databaseId) ?? regionOf(construct)),
      connections: connectionsOn(port),
      serviceConnections: connectionsOn(https),
      enableMcpServer: () => {},
    });
  }

  public readonly databaseId: string;
  public readonly serviceHost: string;
  public readonly connections: Connections;
  public readonly serviceConnections: Connections;
  private readonly database: DatabaseAutonomousDatabase;

  public constructor(scope: Construct, id: string, props: AutonomousDatabaseProps) {
    super(scope, id);
    refuseSecrets(this, props);
    checkAutonomousDatabase(this, props);
    const { compartmentId, network, mtlsRequired = true } = props;
    const group = network && new NetworkSecurityGroup(this, 'SecurityGroup', { compartmentId, vcnId: network.vcnId });
    const database = new DatabaseAutonomousDatabase(this, 'Resource', {
      compartmentId,
      displayName: qualifiedNameOf(this, 255),
      dbName: props.dbName ?? databaseName(this),
      dbVersion: props.dbVersion,
      dbWorkload: props.workload ?? 'OLTP',
      computeModel: 'ECPU',
      computeCount: props.ecpus ?? 2,
      dataStorageSizeInTbs: props.storageTib ?? 1,
      licenseModel: props.licenseModel ?? 'LICENSE_INCLUDED',
      isMtlsConnectionRequired: mtlsRequired,
      secretId: props.adminPassword.secretId,
      subnetId: network?.subnetId,
      nsgIds: group && [group.securityGroupId],
      whitelistedIps: props.allowedAddresses && [...props.allowedAddresses],
      freeformTags: props.freeformTags && { ...props.freeformTags },
    });
    this.node.defaultChild = database;
    this.databaseId = database.id;
    this.database = database;
    this.serviceHost = network ? hostNameOf(database.connectionUrls.get(0).sqlDevWebUrl) : publicHost(regionOf(this));
    const connectionsOn = (port: number) =>
      group === undefined
        ? new ExternalConnections(this, port)
        : new SecurityGroupConnections(group, group.securityGroupId, {
            port,
            cidrBlocks: [`${database.privateEndpointIp}/32`],
          });
    this.connections = connectionsOn(mtlsRequired ? 1522 : 1521);
    this.serviceConnections = connectionsOn(https);
  }

  /**
   * Where SQL clients with a wallet find the database.
   * @param service Which of its services: how much of the database one statement may take.
   */
  public dsn(service: 'low' | 'medium' | 'high' = 'low'): string {
    return `tcps://${this.database.connectionStrings.get(0)[service]}`;
  }

  public enableMcpServer(): void {
    const feature = { [featureTag]: JSON.stringify({ name: 'mcp_server', enable: true }) };
    this.database.freeformTags = { ...this.database.freeformTagsInput, ...feature };
  }
}

function publicHost(region: string): string {
  return `dataaccess.adb.${region}.oraclecloudapps.com`;
}

/** The region in an OCID; the oldest regions stand in it by a key instead. */
function regionInId(databaseId: string): string | undefined {
  if (Token.isUnresolved(databaseId)) return undefined;
  return databaseId.split('.').find((part) => /^[a-z]+-[a-z]+-\d+$/.test(part));
}

function databaseName(construct: Construct): string {
  return qualifiedNameOf(construct, 30).replaceAll('-', '');
}

function checkAutonomousDatabase(scope: Construct, props: AutonomousDatabaseProps): void {
  const { network, allowedAddresses } = props;
  checkSecretId(scope, 'adminPassword', props.adminPassword.secretId);
  checkPattern(scope, 'dbName', props.dbName, {
    pattern: /^[A-Za-z][A-Za-z0-9]{0,29}$/,
    allowed: 'at most 30 letters and digits, a letter first',
  });
  checkInteger(scope, 'ecpus', props.ecpus, { min: 2 });
  checkInteger(scope, 'storageTib', props.storageTib, { min: 1, max: 384 });
  if ((network === undefined) === (allowedAddresses === undefined)) {
    reportFault(scope, {
      prop: 'network',
      got: network ? 'network and allowedAddresses' : 'neither network nor allowedAddresses',
      allowed: 'one of them: a private endpoint, or addresses that may reach the public one',
    });
  }
  if (allowedAddresses?.length === 0) {
    reportFault(scope, {
      prop: 'allowedAddresses',
      got: [],
      allowed: 'at least one: without any, everybody is let in',
    });
  }
  for (const address of allowedAddresses ?? []) {
    checkPattern(scope, 'allowedAddresses', address, {
      pattern: /^((\d{1,3}\.){3}\d{1,3}(\/([0-9]|[12]\d|3[0-2]))?|ocid1\.vcn\.\S+)$/,
      allowed: 'an IPv4 address, a block such as "203.0.113.0/24" or the OCID of a VCN',
    });
  }
  if (allowedAddresses?.includes('0.0.0.0/0')) {
    Annotations.of(scope).addWarning('allowedAddresses: the whole internet may try to log in to this database');
  }
  if (props.freeformTags?.[featureTag] !== undefined) {
    reportFault(scope, {
      prop: 'freeformTags',
      got: featureTag,
      allowed: 'tags other than the one that AutonomousDatabaseMcpServer sets',
    });
  }
}
