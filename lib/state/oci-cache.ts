import { DataOciCoreSubnet } from '@cdktf/provider-oci/lib/data-oci-core-subnet';
import { RedisOciCacheUser } from '@cdktf/provider-oci/lib/redis-oci-cache-user';
import { RedisRedisCluster } from '@cdktf/provider-oci/lib/redis-redis-cluster';
import { RedisRedisClusterAttachOciCacheUser } from '@cdktf/provider-oci/lib/redis-redis-cluster-attach-oci-cache-user';
import { type ITerraformDependable, Token } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';
import { qualifiedNameOf } from '../core/names';
import { refuseSecrets } from '../core/secret-literal';
import { checkInteger, checkPattern, checkPort, reportFault } from '../core/validation';
import type { SecretReference } from '../mcp/secret-reference';
import type { ISharedState, SharedStateConfig, SharedStateContext } from '../mcp/shared-state';
import { type Connections, ExternalConnections } from '../network/connections';
import { NetworkSecurityGroup, SecurityGroupConnections } from '../network/network-security-group';
import type { IPrivateNetwork } from '../network/private-network';

/** The TCP port of every OCI Cache cluster. */
const cachePort = 6379;

const commands = {
  sessions: ['ping', 'hgetall', 'hset', 'hdel', 'del', 'pexpire', 'publish', 'subscribe', 'multi', 'exec'],
  limits: ['evalsha', 'eval', 'time', 'get', 'set', 'zadd', 'zrem', 'zcard', 'zremrangebyscore'],
};

/** What gateways use: their own keys and channels, and these commands. */
const accessRules = [
  '~mcp:*',
  '&mcp:*',
  '-@all',
  ...[...commands.sessions, ...commands.limits].map((command) => `+${command}`),
].join(' ');

/** A cache that exists already. */
export interface OciCacheAttributes {
  /** Host name of the primary endpoint: `primary_fqdn` of the cluster. May be a reference. */
  readonly host: string;
  /** TCP port, 1 to 65535. @default 6379 */
  readonly port?: number;
  /** OCID of the network security group of the cluster. @default - no rules are made at its end */
  readonly securityGroupId?: string;
  /** User to log in as. Needs `password`. @default - the cluster's user "default" */
  readonly username?: string;
  /** Secret that holds the password. @default - none: the cluster lets everybody in who can reach it */
  readonly password?: SecretReference;
}

/** A password that gateways read from Vault, and the cluster knows by its hash. */
export interface CachePassword {
  /** Secret that holds it. Its value never stands in the state. */
  readonly secret: SecretReference;
  /**
   * Its SHA-256 in hexadecimal; two of them while one password takes the place of another. They stand in the state: of a
   * password of 32 random characters nobody finds the way back.
   * @see https://docs.oracle.com/en-us/iaas/Content/ocicache/cache-user-passwords.htm
   */
  readonly sha256: string | readonly string[];
}

export interface OciCacheProps {
  /** OCID of the compartment. */
  readonly compartmentId: string;
  /** Network in whose private subnet the cluster stands. Another subnet replaces the cluster. */
  readonly network: IPrivateNetwork;
  /**
   * How gateways log in. "none" lets everybody in whom the network security group lets in, as OCI does by itself: for
   * networks in which nothing but gateways stands in the group of their callers.
   */
  readonly password: CachePassword | 'none';
  /**
   * Nodes, 1 to 5: a primary, and replicas that take its place. Changed in place. Oracle calls one and two unreliable.
   * @default 3
   * @see https://docs.oracle.com/en-us/iaas/Content/ocicache/resizeclusternodes.htm
   */
  readonly nodeCount?: number;
  /**
   * Memory of each node in GiB, 2 to 500. Changed in place, but not together with `nodeCount`.
   * @default 2
   * @see https://docs.oracle.com/en-us/iaas/Content/ocicache/resizeclustermemory.htm
   */
  readonly memoryGib?: number;
  /** Engine and version. Changed in place. @default "VALKEY_8_1" */
  readonly softwareVersion?: string;
}

/**
 * An OCI Cache cluster in which replicas of a gateway share their sessions: Valkey over TLS at a private endpoint, not sharded,
 * with a network security group of its own that starts closed. With a password, its user `default`, which OCI leaves without
 * one, gets the rights of a gateway and no others.
 * @see https://docs.oracle.com/en-us/iaas/Content/ocicache/cache-users.htm
 *
 * @example
 * const cache = new OciCache(this, 'Cache', { compartmentId, network, password: { secret, sha256 } });
 * new McpGateway(this, 'Gateway', { image, hosting, inboundAuth, sharedState: cache });
 */
export class OciCache extends Construct implements ISharedState {
  /**
   * A cache that exists already.
   * @example OciCache.fromCacheAttributes(this, 'Cache', { host: 'aaa….redis.eu-frankfurt-1.oci.oraclecloud.com', password });
   */
  public static fromCacheAttributes(scope: Construct, id: string, attributes: OciCacheAttributes): ISharedState {
    return new ExistingCache(scope, id, attributes);
  }

  public readonly connections: Connections;
  public readonly preconditions: readonly ITerraformDependable[];
  /** OCID of the cluster. */
  public readonly clusterId: string;
  /** Host name of the primary endpoint. */
  public readonly host: string;
  private readonly password?: SecretReference;

  public constructor(scope: Construct, id: string, props: OciCacheProps) {
    super(scope, id);
    const { compartmentId, network } = props;
    const password = props.password === 'none' ? undefined : props.password;
    refuseSecrets(this, { ...props, password });
    checkOciCache(this, props, password);
    const displayName = qualifiedNameOf(this, 255);
    const group = new NetworkSecurityGroup(this, 'SecurityGroup', { compartmentId, vcnId: network.vcnId });
    const { cidrBlock } = new DataOciCoreSubnet(this, 'Subnet', { subnetId: network.subnetId });
    const user = password && this.user(compartmentId, displayName, password);
    const cluster = new RedisRedisCluster(this, 'Resource', {
      compartmentId,
      displayName,
      clusterMode: 'NONSHARDED',
      nodeCount: props.nodeCount ?? 3,
      nodeMemoryInGbs: props.memoryGib ?? 2,
      softwareVersion: props.softwareVersion ?? 'VALKEY_8_1',
      subnetId: network.subnetId,
      nsgIds: [group.securityGroupId],
      // Terraform does not detach users: the cluster has to be gone before its user can be deleted.
      dependsOn: user && [user],
    });
    this.node.defaultChild = cluster;
    this.clusterId = cluster.id;
    this.host = cluster.primaryFqdn;
    this.password = password?.secret;
    // A NetworkPolicy cannot name a security group, and would let pods out to everywhere.
    this.connections = new SecurityGroupConnections(group, group.securityGroupId, {
      port: cachePort,
      cidrBlocks: [cidrBlock],
    });
    const users = { redisClusterId: cluster.id, ociCacheUsers: user ? [user.id] : [] };
    this.preconditions = [user ? new RedisRedisClusterAttachOciCacheUser(this, 'UserAttachment', users) : cluster];
  }

  public renderConfig(context: SharedStateContext): SharedStateConfig {
    return { url: urlOf(this.host, cachePort), ...(this.password && passwordConfig(context, this.password)) };
  }

  /** A user of this name takes the place of the one that OCI gives each cluster, and that nobody needs a password for. */
  private user(compartmentId: string, displayName: string, { sha256 }: CachePassword): RedisOciCacheUser {
    return new RedisOciCacheUser(this, 'User', {
      compartmentId,
      name: 'default',
      description: `Gateways that use ${displayName}`,
      aclString: accessRules,
      authenticationMode: { authenticationType: 'PASSWORD', hashedPasswords: [sha256].flat() },
    });
  }
}

class ExistingCache extends Construct implements ISharedState {
  public readonly connections: Connections;
  public readonly preconditions = [];

  public constructor(
    scope: Construct,
    id: string,
    private readonly attributes: OciCacheAttributes,
  ) {
    super(scope, id);
    refuseSecrets(this, attributes);
    const { host, port = cachePort, securityGroupId, username, password } = attributes;
    checkPort(this, 'port', port);
    checkPattern(this, 'host', host, {
      pattern: /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/,
      allowed: 'a host name, without a scheme and a port',
    });
    if (username !== undefined && password === undefined) {
      reportFault(this, {
        prop: 'password',
        got: undefined,
        allowed: 'the secret that holds the password of username',
      });
    }
    this.connections =
      securityGroupId === undefined
        ? new ExternalConnections(this, port)
        : new SecurityGroupConnections(this, securityGroupId, { port });
  }

  public renderConfig(context: SharedStateContext): SharedStateConfig {
    const { host, port = cachePort, username, password } = this.attributes;
    return { url: urlOf(host, port), username, ...(password && passwordConfig(context, password)) };
  }
}

function urlOf(host: string, port: number): string {
  return `rediss://${host}:${port}`;
}

function passwordConfig({ locateSecret }: SharedStateContext, password: SecretReference): Partial<SharedStateConfig> {
  const location = locateSecret(password);
  return 'file' in location ? { password_file: location.file } : { password_secret_id: location.secretId };
}

function checkOciCache(scope: IConstruct, props: OciCacheProps, password: CachePassword | undefined): void {
  checkInteger(scope, 'nodeCount', props.nodeCount, { min: 1, max: 5 });
  checkInteger(scope, 'memoryGib', props.memoryGib, { min: 2, max: 500 });
  checkPattern(scope, 'softwareVersion', props.softwareVersion, {
    pattern: /^[A-Z][A-Z0-9_]*$/,
    allowed: 'a version as OCI names it, such as "VALKEY_8_1"',
  });
  if (password === undefined) return;
  const hashes = [password.sha256].flat();
  if (hashes.length < 1 || hashes.length > 2) {
    reportFault(scope, {
      prop: 'password.sha256',
      got: `${hashes.length} of them`,
      allowed: 'one, or two while they change',
    });
  }
  if (hashes.every((hash) => Token.isUnresolved(hash) || /^[0-9a-f]{64}$/.test(hash))) return;
  // It may be the password itself.
  reportFault(scope, {
    prop: 'password.sha256',
    got: 'text that is no SHA-256',
    allowed: '64 hexadecimal digits in lower case',
    fix: "printf %s '<password>' | sha256sum",
  });
}
