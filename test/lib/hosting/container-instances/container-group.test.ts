import {
  type ContainerInstanceHostingProps,
  type ContainerInstanceSidecar,
  type ContainerInstanceVolume,
  type McpServerProps,
  McpServerSource,
} from 'cdktf-oci-mcp';
import { addressOf, type Block, faultsOf, type Synthesized, synth } from '../../../helpers/synth';
import { compartmentId, containerInstanceServer, image, reference, source } from '../../fixtures';

const synthServer = (hosting: Partial<ContainerInstanceHostingProps>, props: Partial<McpServerProps> = {}) =>
  synth((stack) => void containerInstanceServer(stack, hosting, props));
const faults = (hosting: Partial<ContainerInstanceHostingProps>, props: Partial<McpServerProps> = {}) =>
  faultsOf((stack) => void containerInstanceServer(stack, hosting, props));
const instanceOf = ({ resource }: Synthesized): Block => resource('oci_container_instances_container_instance');

const cache: ContainerInstanceSidecar = { name: 'cache', image };
const wallet = { secretId: 'ocid1.vaultsecret.oc1..wallet', compartmentId };
const walletFiles = { vaultSecrets: { 'cwallet.sso': wallet, 'tnsnames.ora': wallet }, fetcherImage: image };

describe('a sidecar', () => {
  test('is as closed as the server, and has a /tmp of its own', () => {
    const { containers, volumes } = instanceOf(synthServer({ sidecars: [cache] }));
    expect(containers[1]).toEqual({
      display_name: 'cache',
      image_url: image,
      environment_variables: { OCI_CLI_AUTH: 'resource_principal' },
      is_resource_principal_disabled: false,
      security_context: containers[0].security_context,
      volume_mounts: [{ volume_name: 'tmp-cache', mount_path: '/tmp' }],
    });
    expect(volumes).toEqual([
      { name: 'tmp', volume_type: 'EMPTYDIR', backing_store: 'EPHEMERAL_STORAGE' },
      { name: 'tmp-cache', volume_type: 'EMPTYDIR', backing_store: 'EPHEMERAL_STORAGE' },
    ]);
  });

  test('runs what it is told, within what it is given, while it answers', () => {
    const sidecar: ContainerInstanceSidecar = {
      ...cache,
      command: ['/serve'],
      args: ['--quiet'],
      environment: { LEVEL: 'low' },
      port: 6379,
      healthPath: '/up',
      vcpus: 2,
      memoryGib: 0.5,
    };
    expect(instanceOf(synthServer({ sidecars: [sidecar] }))['containers'][1]).toMatchObject({
      command: ['/serve'],
      arguments: ['--quiet'],
      environment_variables: { OCI_CLI_AUTH: 'resource_principal', LEVEL: 'low' },
      health_checks: [{ health_check_type: 'HTTP', path: '/up', port: 6379, failure_action: 'KILL' }],
      resource_config: { vcpus_limit: 2, memory_limit_in_gbs: 0.5 },
    });
  });

  test('is probed by connecting where it names a port only, and warned about without a digest', () => {
    const stack = synthServer({ sidecars: [{ name: 'cache', image: 'valkey:8', port: 6379 }] });
    expect(instanceOf(stack)['containers'][1].health_checks).toMatchObject([{ health_check_type: 'TCP', port: 6379 }]);
    expect(stack.warnings).toEqual([expect.stringContaining('image "valkey:8" is not pinned by digest')]);
  });

  test('brings the permission to pull its image', () => {
    const repository = { compartmentId, name: 'valkey' };
    const stack = synthServer({
      imageRepository: { compartmentId, name: 'cost' },
      sidecars: [{ name: 'cache', image: { imageUri: image, repository } }],
    });
    const policy = stack.resource('oci_identity_policy');
    expect(policy['statements']).toEqual([
      expect.stringContaining("target.repo.name='cost'"),
      expect.stringContaining("target.repo.name='valkey'"),
    ]);
    expect(instanceOf(stack)['depends_on']).toEqual([addressOf(stack, policy)]);
  });

  test.each<[string, ContainerInstanceSidecar[], string]>([
    [
      'is called by a sentence',
      [{ ...cache, name: 'my cache' }],
      'sidecars.name: got "my cache"; allowed: at most 63 lower case letters, digits and hyphens, and no "fetch-secret-" in front',
    ],
    [
      'is called as this library calls its own',
      [{ ...cache, name: 'fetch-secret-1' }],
      'sidecars.name: got "fetch-secret-1"; allowed: at most 63 lower case letters, digits and hyphens, and no "fetch-secret-" in front',
    ],
    [
      'has the name of another',
      [cache, cache],
      'sidecars.name: got "cache"; allowed: a name of its own for each container',
    ],
    [
      'serves the port of the server',
      [{ ...cache, port: 8000 }],
      'sidecars.port: got 8000; allowed: a port of its own for each container: those of an instance share one address',
    ],
    ['serves no port', [{ ...cache, port: 0 }], 'sidecars.port: got 0; allowed: a whole number from 1 to 65535'],
    ['may use three of two CPUs', [{ ...cache, vcpus: 3 }], 'sidecars.vcpus: got 3; allowed: a number from 0.1 to 2'],
    [
      'may use more memory than there is',
      [{ ...cache, memoryGib: 2.5 }],
      'sidecars.memoryGib: got 2.5; allowed: a number from 0.1 to 2',
    ],
  ])('fails when it %s', (_, sidecars, fault) => {
    const found = faults({ sidecars }).filter((each) => !/paths mounted once/.test(each));
    expect(found).toEqual([`[stack/Cost] ${fault}`]);
  });

  test('may take 64 KiB of variables and as much of arguments, and no byte more', () => {
    const limit = 64 * 1024;
    const given = 'OCI_CLI_AUTHresource_principalTEXT'.length;
    const sized = (bytes: number): ContainerInstanceSidecar[] => [
      { ...cache, environment: { TEXT: 'x'.repeat(bytes - given) }, args: ['y'.repeat(bytes - 2), 'zz'] },
    ];
    expect(() => synthServer({ sidecars: sized(limit) })).not.toThrow();
    expect(faults({ sidecars: sized(limit + 1) })).toEqual([
      `[stack/Cost] cache: environment: got ${limit + 1}; allowed: at most ${limit} bytes of names and values together`,
      `[stack/Cost] cache: args: got ${limit + 1}; allowed: at most ${limit} bytes of arguments together`,
    ]);
  });
});

test("the server's arguments may take 64 KiB, and no byte more", () => {
  const limit = 64 * 1024;
  const withArgs = (bytes: number) => ({ source: McpServerSource.image(image, { args: ['x'.repeat(bytes)] }) });
  expect(() => synthServer({}, withArgs(limit))).not.toThrow();
  expect(faults({}, withArgs(limit + 1))).toEqual([
    `[stack/Cost] args: got ${limit + 1}; allowed: at most ${limit} bytes of arguments together`,
  ]);
});

describe('volumes', () => {
  test('are mounted at one path in every container, files to be read only', () => {
    const stack = synth((scope) => {
      containerInstanceServer(scope, {
        sidecars: [cache],
        volumes: [
          { path: '/var/shared', empty: 'MEMORY' },
          { path: '/etc/tools', files: { 'a.txt': 'grüezi', 'b.txt': reference(scope, 'text') } },
        ],
      });
    });
    const { containers, volumes } = instanceOf(stack);
    for (const { volume_mounts } of containers) {
      expect(volume_mounts.slice(1)).toEqual([
        { volume_name: 'volume-1', mount_path: '/var/shared' },
        { volume_name: 'volume-2', mount_path: '/etc/tools', is_read_only: true },
      ]);
    }
    expect(volumes.slice(1, 3)).toEqual([
      { name: 'volume-1', volume_type: 'EMPTYDIR', backing_store: 'MEMORY' },
      {
        name: 'volume-2',
        volume_type: 'CONFIGFILE',
        configs: [
          { file_name: 'a.txt', data: Buffer.from('grüezi').toString('base64') },
          { file_name: 'b.txt', data: '${base64encode(var.text)}' },
        ],
      },
    ]);
  });

  const empty = (count: number): ContainerInstanceVolume[] =>
    Array.from({ length: count }, (_, i) => ({ path: `/data/${i}`, empty: 'EPHEMERAL_STORAGE' }));

  test('may be 32, the one this library adds included', () => {
    expect(instanceOf(synthServer({ volumes: empty(31) }))['volumes']).toHaveLength(32);
    expect(faults({ volumes: empty(32) })).toEqual([
      '[stack/Cost] volumes: got "33 with those that this library adds"; allowed: at most 32 volumes in an instance',
    ]);
  });

  test.each<[string, ContainerInstanceVolume, string]>([
    [
      'the path is relative',
      { path: 'data', empty: 'MEMORY' },
      'volumes.path: got "data"; allowed: absolute paths without colons, such as "/var/cache/mcp"',
    ],
    ['the path is taken', { path: '/tmp', empty: 'MEMORY' }, 'volumes: got "/tmp"; allowed: paths mounted once each'],
    [
      'a file has a path',
      { path: '/etc/tools', files: { 'a/b': '' } },
      'volumes.files: got "a/b"; allowed: file names of letters, digits, periods, hyphens and underscores',
    ],
  ])('fails when %s', (_, volume, fault) => {
    expect(faults({ volumes: [volume] })).toEqual([`[stack/Cost] ${fault}`]);
  });
});

describe('a folder of secrets from Vault', () => {
  const secretDirectories = [{ path: '/opt/oracle/wallet', files: walletFiles }];

  test('is kept in memory, filled by a container that stays, and only read by the server', () => {
    const { containers, volumes } = instanceOf(synthServer({}, { secretDirectories }));
    expect(containers).toHaveLength(2);
    expect(containers[0].volume_mounts).toContainEqual({
      volume_name: 'secret-1',
      mount_path: '/opt/oracle/wallet',
      is_read_only: true,
    });
    expect(containers[1]).toMatchObject({
      display_name: 'fetch-secret-1',
      image_url: image,
      arguments: [
        'fetch-secrets',
        '/opt/oracle/wallet',
        'cwallet.sso=ocid1.vaultsecret.oc1..wallet',
        'tnsnames.ora=ocid1.vaultsecret.oc1..wallet',
        '--auth-method',
        'resource_principal',
        '--stay',
      ],
      volume_mounts: [
        { volume_name: 'tmp-fetch-secret-1', mount_path: '/tmp' },
        { volume_name: 'secret-1', mount_path: '/opt/oracle/wallet' },
      ],
      security_context: containers[0].security_context,
    });
    expect(volumes).toContainEqual({ name: 'secret-1', volume_type: 'EMPTYDIR', backing_store: 'MEMORY' });
  });

  test('may be read by the instance, and by nobody else', () => {
    const stack = synthServer({}, { secretDirectories });
    expect(stack.resource('oci_identity_policy').statements).toEqual([
      expect.stringMatching(
        /^Allow any-user to read secret-bundles in compartment id ocid1\.compartment\.oc1\.\.example where all \{request\.principal\.type='computecontainerinstance', request\.principal\.id='\$\{\S+\.id\}', target\.secret\.id='ocid1\.vaultsecret\.oc1\.\.wallet'\}$/,
      ),
    ]);
  });

  test('fails when it is to come from Kubernetes', () => {
    const inCluster = [{ path: '/opt/oracle/wallet', files: { secretName: 'wallet' } }];
    expect(faults({}, { secretDirectories: inCluster })).toEqual([
      '[stack/Cost] secretDirectories: got "the Kubernetes secret wallet at /opt/oracle/wallet"; allowed: secrets in Vault: a Container Instance has no access to a cluster; fix: pass { vaultSecrets, fetcherImage }',
    ]);
  });

  test('fails when a secret in Vault is to be a variable', () => {
    expect(faults({}, { source, secretEnvironment: { PASSWORD: wallet } })).toEqual([
      '[stack/Cost] secretEnvironment: got "PASSWORD"; allowed: no secrets: a Container Instance takes none into variables; fix: let the server read a Vault secret with its resource principal, by an OCID in environment',
    ]);
  });
});
