import { TerraformOutput, TerraformStack, Testing } from 'cdktf';
import { ContainerRepository, type ContainerRepositoryProps } from 'cdktf-oci-mcp';
import { addressOf, faultsOf, synth } from '../../helpers/synth';
import { compartmentId, reference } from '../fixtures';

const make = (props: Partial<ContainerRepositoryProps> = {}) =>
  synth((stack) => {
    const { repositoryUri, registryHost } = new ContainerRepository(stack, 'Planner', { compartmentId, ...props });
    new TerraformOutput(stack, 'uri', { value: repositoryUri });
    new TerraformOutput(stack, 'host', { value: registryHost });
  });

test('a repository is private, immutable, and named after its path', () => {
  expect(make().resource('oci_artifacts_container_repository')).toMatchObject({
    compartment_id: compartmentId,
    display_name: 'stack-planner',
    is_public: false,
    is_immutable: true,
  });
  const mutable = make({ name: 'mcp/planner', immutable: false });
  expect(mutable.resource('oci_artifacts_container_repository')).toMatchObject({
    display_name: 'mcp/planner',
    is_immutable: false,
  });
});

test('its images are found in the region of the provider, and only once it exists', () => {
  const stack = make();
  const address = addressOf(stack, stack.resource('oci_artifacts_container_repository'));
  expect(stack.json['output']).toMatchObject({
    host: { value: 'ocir.eu-frankfurt-1.oci.oraclecloud.com' },
    uri: { value: `ocir.eu-frankfurt-1.oci.oraclecloud.com/$\{${address}.namespace}/$\{${address}.display_name}` },
  });
});

test('another region, another realm', () => {
  expect(make({ region: 'us-ashburn-1' }).json['output'].host.value).toBe('ocir.us-ashburn-1.oci.oraclecloud.com');
  const registryHost = 'ocir.eu-jovanovac-1.oci.oraclecloud20.com';
  expect(make({ registryHost }).json['output'].host.value).toBe(registryHost);
});

test('fails when nobody says the region', () => {
  const stack = new TerraformStack(Testing.app(), 'stack');
  new ContainerRepository(stack, 'Planner', { compartmentId });
  expect(() => Testing.synth(stack, true)).toThrow(
    '[stack/Planner] region: got "an OCI provider that takes its region',
  );
});

test('an imported repository makes nothing, and looks the namespace up unless told', () => {
  const stack = synth((scope) => {
    const name = 'mcp/planner';
    const found = ContainerRepository.fromAttributes(scope, 'Found', { compartmentId, name });
    const known = ContainerRepository.fromAttributes(scope, 'Known', { compartmentId, name, namespace: 'acme' });
    expect(known.repositoryUri).toBe('ocir.eu-frankfurt-1.oci.oraclecloud.com/acme/mcp/planner');
    new TerraformOutput(scope, 'uri', { value: found.repositoryUri });
  });
  expect(stack.resources()).toEqual([]);
  expect(stack.dataSources('oci_objectstorage_namespace')).toEqual([{ compartment_id: compartmentId }]);
  expect(stack.json['output'].uri.value).toMatch(
    /^ocir\.eu-frankfurt-1\.oci\.oraclecloud\.com\/\$\{data\.oci_objectstorage_namespace\.\w+\.namespace\}\/mcp\/planner$/,
  );
});

test('names and regions may be references', () => {
  const { resource, json } = synth((stack) => {
    const { registryHost } = new ContainerRepository(stack, 'Planner', {
      compartmentId: reference(stack, 'compartment'),
      name: reference(stack, 'name'),
      region: reference(stack, 'region'),
    });
    new TerraformOutput(stack, 'host', { value: registryHost });
  });
  expect(resource('oci_artifacts_container_repository').display_name).toBe('${var.name}');
  expect(json['output'].host.value).toBe('ocir.${var.region}.oci.oraclecloud.com');
});

test.each(['a', 'mcp/planner', 'a.b_c__d---e/f', 'x'.repeat(200)])('the name %s is accepted', (name) => {
  make({ name });
});

test.each(['', 'MCP', '/planner', 'planner/', 'a//b', 'a..b', 'a b', 'x'.repeat(201)])(
  'fails when the name is "%s"',
  (name) => {
    expect(faultsOf((stack) => void new ContainerRepository(stack, 'Planner', { compartmentId, name }))).toEqual([
      `[stack/Planner] name: got "${name}"; allowed: lower case letters and digits, with single separators ". _ - /" between them, at most 200 characters`,
    ]);
  },
);

test('fails when the host has a scheme', () => {
  const registryHost = 'https://fra.ocir.io';
  expect(faultsOf((stack) => void new ContainerRepository(stack, 'Planner', { compartmentId, registryHost }))).toEqual([
    '[stack/Planner] registryHost: got "https://fra.ocir.io"; allowed: a host without scheme and path, such as "ocir.eu-frankfurt-1.oci.oraclecloud.com"',
  ]);
});
