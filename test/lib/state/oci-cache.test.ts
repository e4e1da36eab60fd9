import type { TerraformStack } from 'cdktf';
import {
  ContainerInstanceHosting,
  type IMcpHosting,
  InboundAuth,
  type ISharedState,
  McpGateway,
  OciCache,
  type OciCacheProps,
  OkeHosting,
} from 'cdktf-oci-mcp';
import { renderedConfig, renderedFiles, type Values } from '../../helpers/rendered-config';
import { addressOf, faultsOf, type Synthesized, synth } from '../../helpers/synth';
import { cluster, compartmentId, image, network, podSecurityGroupId, reference } from '../fixtures';

const secret = { secretId: 'ocid1.vaultsecret.oc1.eu-frankfurt-1.password', compartmentId };
const sha256 = '0a'.repeat(32);
const password = { secret, sha256 };

function cache(stack: TerraformStack, props: Partial<OciCacheProps> = {}): OciCache {
  return new OciCache(stack, 'Cache', { compartmentId, network: network(stack), password, ...props });
}

function gateway(
  stack: TerraformStack,
  sharedState: ISharedState,
  hosting?: IMcpHosting,
  enableSse?: boolean,
): McpGateway {
  return new McpGateway(stack, 'Gateway', {
    image,
    hosting: hosting ?? new OkeHosting({ cluster: cluster(stack) }),
    inboundAuth: InboundAuth.jwt({
      issuer: 'https://id.example/',
      audiences: ['mcp'],
      jwksUri: 'https://id.example/jwks',
    }),
    sharedState,
    enableSse,
  });
}

/** The `state` section as Terraform sees it. */
function stateOf(stack: Synthesized, values: Values = {}): unknown {
  return JSON.parse(renderedFiles(stack, values)['gateway.json'] ?? '').state;
}

test('a cache is Valkey in the private subnet, and lets nobody in without the password', () => {
  const stack = synth((scope) => void cache(scope));
  const group = stack.resource('oci_core_network_security_group', 'Cache');
  expect(group).toMatchObject({ compartment_id: compartmentId, vcn_id: 'ocid1.vcn.oc1.eu-frankfurt-1.example' });
  const resource = stack.resource('oci_redis_redis_cluster', 'Cache');
  expect(resource).toEqual({
    compartment_id: compartmentId,
    display_name: 'stack-cache',
    cluster_mode: 'NONSHARDED',
    node_count: 3,
    node_memory_in_gbs: 2,
    software_version: 'VALKEY_8_1',
    subnet_id: 'ocid1.subnet.oc1.eu-frankfurt-1.example',
    nsg_ids: [`\${${addressOf(stack, group)}.id}`],
    depends_on: [addressOf(stack, stack.resource('oci_redis_oci_cache_user', 'Cache'))],
  });
  expect(stack.resource('oci_redis_oci_cache_user', 'Cache')).toEqual({
    compartment_id: compartmentId,
    name: 'default',
    description: 'Gateways that use stack-cache',
    acl_string:
      '~mcp:* &mcp:* -@all +ping +hgetall +hset +hdel +del +pexpire +publish +subscribe +multi +exec +evalsha +eval +time +get +set +zadd +zrem +zcard +zremrangebyscore',
    authentication_mode: { authentication_type: 'PASSWORD', hashed_passwords: [sha256] },
  });
  const user = addressOf(stack, stack.resource('oci_redis_oci_cache_user', 'Cache'));
  expect(stack.resource('oci_redis_redis_cluster_attach_oci_cache_user', 'Cache')).toEqual({
    redis_cluster_id: `\${${addressOf(stack, resource)}.id}`,
    oci_cache_users: [`\${${user}.id}`],
  });
  expect(stack.resources('oci_core_network_security_group_security_rule')).toEqual([]);
});

test('without a password the cluster is as OCI makes it, which has to be said', () => {
  const stack = synth((scope) => void gateway(scope, cache(scope, { password: 'none' })));
  expect(stack.resources('oci_redis_oci_cache_user')).toEqual([]);
  expect(stack.resources('oci_redis_redis_cluster_attach_oci_cache_user')).toEqual([]);
  const cacheCluster = addressOf(stack, stack.resource('oci_redis_redis_cluster', 'Cache'));
  expect(stateOf(stack, { [`${cacheCluster}.primary_fqdn`]: 'primary.redis.example' })).toEqual({
    url: 'rediss://primary.redis.example:6379',
  });
  expect(stack.resource('kubernetes_deployment_v1').depends_on).toContain(cacheCluster);
});

test('size, version and a second password can be told', () => {
  const stack = synth((scope) => {
    const hash = reference(scope, 'password_hash');
    cache(scope, {
      nodeCount: 5,
      memoryGib: 500,
      softwareVersion: 'VALKEY_7_2',
      password: { secret, sha256: [sha256, hash] },
    });
  });
  expect(stack.resource('oci_redis_redis_cluster', 'Cache')).toMatchObject({
    node_count: 5,
    node_memory_in_gbs: 500,
    software_version: 'VALKEY_7_2',
  });
  expect(stack.resource('oci_redis_oci_cache_user', 'Cache').authentication_mode.hashed_passwords).toEqual([
    sha256,
    '${var.password_hash}',
  ]);
});

test.each([
  [{ nodeCount: 0 }, 'nodeCount: got 0; allowed: a whole number from 1 to 5'],
  [{ nodeCount: 6 }, 'nodeCount: got 6; allowed: a whole number from 1 to 5'],
  [{ memoryGib: 1 }, 'memoryGib: got 1; allowed: a whole number from 2 to 500'],
  [{ memoryGib: 501 }, 'memoryGib: got 501; allowed: a whole number from 2 to 500'],
  [{ softwareVersion: '8.1' }, 'softwareVersion: got "8.1"; allowed: a version as OCI names it, such as "VALKEY_8_1"'],
  [{ password: { secret, sha256: [] } }, 'password.sha256: got "0 of them"; allowed: one, or two while they change'],
  [
    { password: { secret, sha256: [sha256, sha256, sha256] } },
    'password.sha256: got "3 of them"; allowed: one, or two while they change',
  ],
  [
    { password: { secret, sha256: 'correct horse' } },
    'password.sha256: got "text that is no SHA-256"; allowed: 64 hexadecimal digits in lower case; ' +
      "fix: printf %s '<password>' | sha256sum",
  ],
])('%j is refused', (props, fault) => {
  expect(faultsOf((scope) => void cache(scope, props))).toEqual([`[stack/Cache] ${fault}`]);
});

describe('a gateway that shares its sessions', () => {
  test('on OKE gets the address, the path, the secret and a start after all of them', () => {
    const stack = synth((scope) => void gateway(scope, cache(scope)));
    const cacheCluster = addressOf(stack, stack.resource('oci_redis_redis_cluster', 'Cache'));
    expect(stateOf(stack, { [`${cacheCluster}.primary_fqdn`]: 'primary.redis.example' })).toEqual({
      url: 'rediss://primary.redis.example:6379',
      password_secret_id: secret.secretId,
    });
    const group = `\${${addressOf(stack, stack.resource('oci_core_network_security_group', 'Cache'))}.id}`;
    const port = { tcp_options: { destination_port_range: { min: 6379, max: 6379 } } };
    const rules = stack.resources('oci_core_network_security_group_security_rule');
    expect(rules).toHaveLength(2);
    expect(rules).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          ...port,
          network_security_group_id: group,
          direction: 'INGRESS',
          source: podSecurityGroupId,
        }),
        expect.objectContaining({
          ...port,
          network_security_group_id: podSecurityGroupId,
          direction: 'EGRESS',
          destination: group,
        }),
      ]),
    );
    const policy = stack.resource('kubernetes_network_policy_v1', 'Gateway');
    const subnet = Object.keys(stack.json['data'].oci_core_subnet)[0];
    expect(policy.spec.egress).toContainEqual({
      ports: [{ port: '6379', protocol: 'TCP' }],
      to: [{ ip_block: { cidr: `\${data.oci_core_subnet.${subnet}.cidr_block}` } }],
    });
    const statements = stack.resources('oci_identity_policy').flatMap((each) => each['statements']);
    expect(statements).toEqual([
      expect.stringMatching(
        / to read secret-bundles in compartment id .*target\.secret\.id='ocid1\.vaultsecret\.oc1\.eu-frankfurt-1\.password'/,
      ),
    ]);
    expect(stack.resource('kubernetes_service_v1', 'Gateway').spec).toMatchObject({ session_affinity: 'None' });
    const deployment = stack.resource('kubernetes_deployment_v1', 'Gateway');
    const attachment = stack.resource('oci_redis_redis_cluster_attach_oci_cache_user', 'Cache');
    expect(deployment.depends_on).toEqual(
      expect.arrayContaining([
        addressOf(stack, attachment),
        addressOf(stack, policy),
        ...rules.map((rule) => addressOf(stack, rule)),
      ]),
    );
  });

  test('on several Container Instances has each of them wait', () => {
    const stack = synth((scope) => {
      const hosting = new ContainerInstanceHosting({ network: network(scope), compartmentId, instances: 2 });
      gateway(scope, cache(scope), hosting);
    });
    const attachment = addressOf(stack, stack.resource('oci_redis_redis_cluster_attach_oci_cache_user', 'Cache'));
    const instances = stack.resources('oci_container_instances_container_instance');
    expect(instances).toHaveLength(2);
    for (const instance of instances) expect(instance['depends_on']).toContain(attachment);
  });

  test('may do so in a cache that exists, with a Kubernetes Secret for the password', () => {
    const stack = synth((scope) => {
      const existing = OciCache.fromCacheAttributes(scope, 'Cache', {
        host: 'cache.redis.example',
        port: 6380,
        securityGroupId: 'ocid1.networksecuritygroup.oc1..cache',
        username: 'mcp',
        password: { name: 'cache', key: 'password' },
      });
      gateway(scope, existing);
    });
    expect(stateOf(stack)).toEqual({
      url: 'rediss://cache.redis.example:6380',
      username: 'mcp',
      password_file: expect.stringMatching(/^\/.*password$/),
    });
    expect(stack.resources('oci_redis_redis_cluster')).toEqual([]);
    expect(stack.resources('oci_core_network_security_group_security_rule')).toContainEqual(
      expect.objectContaining({
        network_security_group_id: 'ocid1.networksecuritygroup.oc1..cache',
        direction: 'INGRESS',
        tcp_options: { destination_port_range: { min: 6380, max: 6380 } },
      }),
    );
  });

  test('may do so in one that wants no password and whose rules others make', () => {
    const stack = synth((scope) => {
      gateway(scope, OciCache.fromCacheAttributes(scope, 'Cache', { host: reference(scope, 'cache_host') }));
    });
    expect(stateOf(stack, { 'var.cache_host': 'cache' })).toEqual({ url: 'rediss://cache:6379' });
    expect(stack.resources('oci_identity_policy')).toEqual([]);
  });

  test('old clients stay at their replica all the same', () => {
    const stack = synth((scope) => {
      gateway(scope, OciCache.fromCacheAttributes(scope, 'Cache', { host: 'cache.example' }), undefined, true);
    });
    expect(renderedConfig(stack)).toMatchObject({ enable_sse: true, state: { url: 'rediss://cache.example:6379' } });
    expect(stack.resource('kubernetes_service_v1', 'Gateway').spec).toMatchObject({ session_affinity: 'ClientIP' });
  });

  test('keeps sessions in memory unless told otherwise', () => {
    const stack = synth((scope) => {
      new McpGateway(scope, 'Gateway', {
        image,
        hosting: new OkeHosting({ cluster: cluster(scope) }),
        inboundAuth: InboundAuth.jwt({
          issuer: 'https://id.example/',
          audiences: ['mcp'],
          jwksUri: 'https://id.example/jwks',
        }),
      });
    });
    expect(renderedConfig(stack)).not.toHaveProperty('state');
    expect(stack.resource('kubernetes_service_v1', 'Gateway').spec).toMatchObject({ session_affinity: 'ClientIP' });
  });
});

test.each([
  [
    { host: 'rediss://cache:6379' },
    'host: got "rediss://cache:6379"; allowed: a host name, without a scheme and a port',
  ],
  [{ host: 'cache', port: 65536 }, 'port: got 65536; allowed: a whole number from 1 to 65535'],
  [
    { host: 'cache', username: 'mcp' },
    'password: got undefined; allowed: the secret that holds the password of username',
  ],
])('the existing cache %j is refused', (attributes, fault) => {
  expect(faultsOf((scope) => void OciCache.fromCacheAttributes(scope, 'Cache', attributes))).toEqual([
    `[stack/Cache] ${fault}`,
  ]);
});
