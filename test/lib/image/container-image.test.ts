import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DockerProvider } from '@cdktf/provider-docker/lib/provider';
import { TerraformOutput, type TerraformStack } from 'cdktf';
import {
  ContainerImage,
  ContainerRepository,
  type DirectoryImageProps,
  type IContainerRepository,
  ImageTemplate,
  McpServer,
  McpServerSource,
  OkeHosting,
} from 'cdktf-oci-mcp';
import { addressOf, faultsOf, type Synthesized, synth } from '../../helpers/synth';
import { cluster, compartmentId, containerInstanceServer, dynamicGroup, reference } from '../fixtures';

const digest = `sha256:${'0f3a'.repeat(16)}`;
const host = 'ocir.eu-frankfurt-1.oci.oraclecloud.com';
const servers = join(__dirname, '../../../examples/container-images/servers');
const base = `python:3.13-slim@${digest}`;

function planner(stack: TerraformStack): IContainerRepository {
  const existing = stack.node.tryFindChild('Planner');
  if (existing !== undefined) return existing as IContainerRepository;
  return ContainerRepository.fromAttributes(stack, 'Planner', {
    compartmentId,
    name: 'mcp/planner',
    namespace: 'acme',
  });
}

describe('an image of a registry', () => {
  test('is what its name says, with the repository that hostings may pull from', () => {
    const repository = { compartmentId, name: 'mcp/logs' };
    const image = ContainerImage.fromRegistry(`fra.ocir.io/acme/mcp/logs@${digest}`, repository);
    expect(image).toMatchObject({ imageUri: `fra.ocir.io/acme/mcp/logs@${digest}`, repository });
    expect(McpServerSource.image(image)).toMatchObject({ image: image.imageUri, repository });
  });

  test('is named by digest where there is one, and nothing warns about that', () => {
    const { warnings } = synth((stack) => {
      const image = ContainerImage.fromRegistry({ repository: planner(stack), digest, tag: '1.4.0' });
      expect(image).toMatchObject({
        imageUri: `${host}/acme/mcp/planner@${digest}`,
        taggedUri: `${host}/acme/mcp/planner:1.4.0`,
      });
    });
    expect(warnings).toEqual([]);
  });

  test('warns when it is known by its tag alone', () => {
    const { warnings } = synth((stack) => {
      const image = ContainerImage.fromRegistry({ repository: planner(stack), tag: '1.4.0' });
      expect(image.imageUri).toBe(`${host}/acme/mcp/planner:1.4.0`);
    });
    expect(warnings).toEqual([
      '[stack/Planner] tag: image "mcp/planner:1.4.0" is not pinned by digest; pass digest so that every restart runs the same content',
    ]);
  });

  test('takes references for both', () => {
    const { warnings } = synth((stack) => {
      ContainerImage.fromRegistry({ repository: planner(stack), digest: reference(stack, 'digest') });
      ContainerImage.fromRegistry({ repository: planner(stack), tag: reference(stack, 'tag') });
    });
    expect(warnings).toEqual([]);
  });

  test.each([
    ['digest', { digest: 'sha256:0f3a' }, 'got "sha256:0f3a"; allowed: "sha256:" and 64 hexadecimal digits'],
    [
      'tag',
      { tag: '-x' },
      'got "-x"; allowed: a tag of at most 128 letters, digits and "_.-", or a digest in its place',
    ],
    ['tag', {}, 'got ""; allowed: a tag of at most 128 letters, digits and "_.-", or a digest in its place'],
  ])('fails when its %s is %j', (prop, options, problem) => {
    expect(faultsOf((stack) => void ContainerImage.fromRegistry({ repository: planner(stack), ...options }))).toEqual([
      `[stack/Planner] ${prop}: ${problem}`,
    ]);
  });

  test('lets one repository be pulled from, and says nothing where it is public', () => {
    const { resource, resources } = synth((stack) => {
      const group = { grantPrincipal: dynamicGroup(stack) };
      ContainerImage.fromRegistry({ repository: planner(stack), digest }).grantPull(group);
      ContainerImage.fromRegistry(`docker.io/acme/logs@${digest}`).grantPull(group);
    });
    expect(resources('oci_identity_policy')).toHaveLength(1);
    expect(resource('oci_identity_policy').statements).toEqual([
      expect.stringMatching(
        /^Allow dynamic-group \S+ to read repos in compartment id ocid1\.compartment\.oc1\.\.example where target\.repo\.name='mcp\/planner'$/,
      ),
    ]);
  });
});

function fromDirectory(stack: TerraformStack, props: Partial<DirectoryImageProps> = {}) {
  const repository = planner(stack);
  ContainerImage.dockerProvider(stack, 'Docker', { repositories: [repository] });
  return ContainerImage.fromDirectory(stack, 'Image', {
    directory: join(servers, 'forecast'),
    template: ImageTemplate.PYTHON_SERVER,
    baseImage: base,
    repository,
    ...props,
  });
}

const tagOf = (stack: Synthesized) => stack.resource('docker_image').name.split(':')[1];

describe('an image of a folder', () => {
  test('is built, pushed, and used by its digest', () => {
    const stack = synth((scope) => {
      const image = fromDirectory(scope);
      new TerraformOutput(scope, 'image', { value: image.imageUri });
      new TerraformOutput(scope, 'tagged', { value: image.taggedUri });
    });
    const image = stack.resource('docker_image');
    const pushed = stack.resource('docker_registry_image');
    const tag = tagOf(stack);
    expect(image).toMatchObject({
      name: `${host}/acme/mcp/planner:${tag}`,
      keep_locally: true,
      build: {
        context: expect.stringMatching(new RegExp(`^assets/Image_Context_\\w+/${tag}$`)),
        dockerfile: 'Dockerfile',
        platform: 'linux/amd64',
        build_args: { BASE_IMAGE: base },
      },
    });
    expect(pushed).toMatchObject({ name: `$\{${addressOf(stack, image)}.name}`, keep_remotely: true });
    expect(stack.json['output']).toMatchObject({
      image: { value: `${host}/acme/mcp/planner@$\{${addressOf(stack, pushed)}.sha256_digest}` },
      tagged: { value: `$\{${addressOf(stack, pushed)}.name}` },
    });
    expect(stack.warnings).toEqual([]);
  });

  test('has a tag that only its content changes', () => {
    const tag = (props: Partial<DirectoryImageProps> = {}) => tagOf(synth((stack) => void fromDirectory(stack, props)));
    const known = tag();
    expect(tag()).toBe(known);
    const others = [{ platform: 'linux/arm64' } as const, { entryPoint: 'other' }, { buildArgs: { EXTRA: '1' } }];
    const tags = others.map((props) => tag(props));
    expect(new Set([known, ...tags]).size).toBe(4);
  });

  test('waits for the repository that it is pushed to', () => {
    const stack = synth((scope) => {
      fromDirectory(scope, { repository: new ContainerRepository(scope, 'Made', { compartmentId }) });
    });
    const address = addressOf(stack, stack.resource('oci_artifacts_container_repository'));
    expect(stack.resource('docker_image').name).toContain(`$\{${address}.namespace}`);
  });

  test('starts what it is told', () => {
    const python = synth((stack) => void fromDirectory(stack, { entryPoint: 'my_mcp_server' }));
    expect(python.resource('docker_image').build.build_args).toMatchObject({ SERVER_MODULE: 'my_mcp_server' });
    const node = synth((stack) => {
      fromDirectory(stack, {
        directory: join(servers, 'convert'),
        template: ImageTemplate.NODE_SERVER,
        entryPoint: 'dist/main.js',
      });
    });
    expect(node.resource('docker_image').build.build_args).toMatchObject({ SERVER_FILE: 'dist/main.js' });
  });

  test('warns when the template builds on what a tag names today', () => {
    const { warnings } = synth((stack) => void fromDirectory(stack, { baseImage: undefined }));
    expect(warnings).toEqual([
      expect.stringContaining('[stack/Image] baseImage: image "python:3.13-slim" is not pinned by digest'),
    ]);
  });

  test('feeds a server on OKE, and one on a Container Instance that may pull it before it starts', () => {
    const stack = synth((scope) => {
      const image = fromDirectory(scope);
      new McpServer(scope, 'Logs', {
        source: McpServerSource.image(image),
        hosting: new OkeHosting({ cluster: cluster(scope) }),
      });
      containerInstanceServer(scope, {}, { source: McpServerSource.image(image) });
    });
    const pushed = addressOf(stack, stack.resource('docker_registry_image'));
    const uri = `${host}/acme/mcp/planner@$\{${pushed}.sha256_digest}`;
    const pod = stack.resource('kubernetes_deployment_v1').spec.template.spec;
    expect(pod.container[0].image).toBe(uri);
    const instance = stack.resource('oci_container_instances_container_instance');
    expect(instance['containers'][0].image_url).toBe(uri);
    const policies = stack.resources('oci_identity_policy').filter(({ statements }) => /read repos/.test(statements));
    expect(instance['depends_on']).toEqual(policies.map((policy) => addressOf(stack, policy)));
    expect(policies).toHaveLength(1);
  });

  test('may be a function, with the adapter beside the server', () => {
    const stack = synth((scope) => {
      fromDirectory(scope, { template: ImageTemplate.PYTHON_FUNCTION, baseImage: undefined });
    });
    expect(stack.warnings).toEqual([expect.stringContaining('baseImage: image "python:3.11-slim" is not pinned')]);
    expect(stack.resource('docker_image').build.build_args).toEqual({});
  });
});

describe('the Docker provider', () => {
  test('takes the credentials of each registry once, from where docker login keeps them', () => {
    const { json } = synth((stack) => {
      const other = ContainerRepository.fromAttributes(stack, 'Other', { compartmentId, name: 'other', region: 'r-1' });
      ContainerImage.dockerProvider(stack, 'Docker', {
        repositories: [planner(stack), planner(stack), other],
        configFile: '/etc/docker/config.json',
        host: 'unix:///run/docker.sock',
      });
    });
    expect(json['provider'].docker).toEqual([
      {
        host: 'unix:///run/docker.sock',
        registry_auth: [
          { address: host, config_file: '/etc/docker/config.json' },
          { address: 'ocir.r-1.oci.oraclecloud.com', config_file: '/etc/docker/config.json' },
        ],
      },
    ]);
  });

  test.each<[string, (stack: TerraformStack) => void, string]>([
    [
      'is missing',
      () => {},
      `got "a stack without a Docker provider"; allowed: a stack whose Docker provider can push to the repository; fix: add ContainerImage.dockerProvider(this, 'Docker', { repositories: [repository] })`,
    ],
    [
      'has a password in plain text',
      (stack) => void new DockerProvider(stack, 'Docker', { registryAuth: [{ address: host, password: 'hunter2' }] }),
      'got "a Docker provider with a password in plain text"; allowed: credentials that are not part of the stack; fix: use ContainerImage.dockerProvider(…), which reads what docker login has written',
    ],
  ])('fails when it %s', (_, provide, problem) => {
    const faults = faultsOf((stack) => {
      provide(stack);
      ContainerImage.fromDirectory(stack, 'Image', {
        directory: join(servers, 'forecast'),
        template: ImageTemplate.PYTHON_SERVER,
        baseImage: base,
        repository: planner(stack),
      });
    });
    expect(faults.filter((fault) => !fault.startsWith('[stack] '))).toEqual([`[stack/Image] repository: ${problem}`]);
  });
});

describe('fails when the folder', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'image-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const write = (...paths: string[]) => {
    for (const path of paths) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), '');
    }
  };
  const faults = (props: Partial<DirectoryImageProps> = {}) =>
    faultsOf((stack) => void fromDirectory(stack, { directory: folder, ...props }));

  test('is not there', () => {
    expect(faults({ directory: join(folder, 'absent') })[0]).toBe(
      `[stack/Image] directory: got "${join(folder, 'absent')}"; allowed: a folder that exists where the app is synthesized`,
    );
  });

  test('holds secrets, unless they are left out', () => {
    write('requirements.txt', '.env', 'wallet/cwallet.sso');
    const fault = (path: string) =>
      `[stack/Image] directory: got "${path}, which by its name holds a secret"; allowed: files that everyone may read who may pull the image; fix: name it in .dockerignore, and pass secrets by secretEnvironment or secretDirectories`;
    expect(faults()).toEqual([fault('.env'), fault('wallet/cwallet.sso')]);
    writeFileSync(join(folder, '.dockerignore'), '.env\nwallet\n');
    synth((stack) => void fromDirectory(stack, { directory: folder }));
  });

  test('has links', () => {
    write('requirements.txt');
    symlinkSync('/etc/passwd', join(folder, 'users'));
    expect(faults()).toEqual([
      '[stack/Image] directory: got "users, which is a link or a device"; allowed: files and folders; fix: copy what it links to, or name it in .dockerignore',
    ]);
  });

  test('does not say which packages the server needs', () => {
    const fault = (names: string) =>
      `[stack/Image] directory: got "a folder without ${names}"; allowed: a folder that says which packages the server needs`;
    expect(faults()).toEqual([fault('requirements.txt or pyproject.toml')]);
    expect(faults({ template: ImageTemplate.NODE_SERVER })).toEqual([
      fault('package.json'),
      fault('package-lock.json'),
    ]);
    write('pyproject.toml');
    synth((stack) => void fromDirectory(stack, { directory: folder }));
  });

  test('has a Dockerfile of its own beside a template, or neither', () => {
    expect(faults({ template: undefined, baseImage: undefined })).toEqual([
      '[stack/Image] template: got "no template, and no Dockerfile in the folder"; allowed: one of the two; fix: pass template, or write a Dockerfile',
    ]);
    write('requirements.txt', 'Dockerfile');
    expect(faults()).toEqual([
      '[stack/Image] template: got "a template, and a Dockerfile in the folder"; allowed: one of the two; fix: remove template, or delete the Dockerfile',
    ]);
    synth((stack) => void fromDirectory(stack, { directory: folder, template: undefined, baseImage: undefined }));
  });

  test('is said to start what nothing starts', () => {
    write('Dockerfile');
    expect(faults({ template: undefined, entryPoint: 'x', baseImage: base })).toEqual([
      '[stack/Image] entryPoint: got "x"; allowed: a choice that belongs to a template; fix: remove entryPoint',
      `[stack/Image] baseImage: got "${base}"; allowed: a choice that belongs to a template; fix: remove baseImage`,
    ]);
  });

  test('gets build arguments that are secret, or known to Terraform alone', () => {
    write('requirements.txt');
    const all = faultsOf((stack) => {
      fromDirectory(stack, { directory: folder, buildArgs: { NPM_TOKEN: 'hunter2', VERSION: reference(stack, 'v') } });
    });
    expect(all).toEqual([
      '[stack/Image] buildArgs: got "NPM_TOKEN, which by its name is a secret"; allowed: what everyone may read who may pull the image; fix: pass secrets to the server by secretEnvironment',
      '[stack/Image] buildArgs: got "VERSION, which is a reference"; allowed: text known at synth: the tag is a hash of it',
    ]);
  });
});
