import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PackageFolder, schemaDocument } from './package-folder';

const string = { type: 'string', optional: true };
const before = {
  oci_core_gone: { block: { attributes: { id: string } } },
  oci_core_same: { block: { attributes: { id: string } } },
  oci_core_vcn: { block: { attributes: { id: string, old: string, kind: string } } },
};
const after = {
  oci_core_vcn: {
    version: 1,
    block: {
      description: 'prose',
      description_kind: 'markdown',
      attributes: {
        kind: { type: 'number', optional: true, description: 'prose' },
        id: string,
        description: { ...string, description: 'prose', deprecation_message: 'prose' },
      },
      block_types: { timeouts: { nesting_mode: 'single', block: { attributes: { create: string } } } },
    },
  },
  oci_core_same: { block: { attributes: { id: { optional: true, type: 'string' } } } },
  oci_core_new: { block: { attributes: { id: string } } },
};

describe('schema:update', () => {
  let folder: PackageFolder;
  beforeEach(() => {
    folder = new PackageFolder(schemaDocument(before), {
      resources: ['oci_core_gone', 'oci_core_vcn'],
      dataSources: [],
    });
  });
  afterEach(() => folder.remove());

  const others = { 'registry.terraform.io/hashicorp/kubernetes': { resource_schemas: {} } };

  function update(document: object | string, ...args: string[]) {
    return folder.run('schema-update', folder.write('new.json', document), ...args);
  }

  test('stores the OCI schema without prose and with sorted keys, and moves the version', () => {
    const document = schemaDocument(after, {}, { provider_versions: { 'registry.terraform.io/oracle/oci': '1.1.0' } });
    Object.assign((document as { provider_schemas: object }).provider_schemas, others);
    expect(update(document)).toMatchObject({ status: 0, stderr: '' });

    expect(readdirSync(join(folder.dir, 'schema'))).toEqual(['oci-1.1.0.schema.json.gz']);
    const stored = folder.readJson('schema/oci-1.1.0.schema.json.gz');
    expect(Object.keys(stored.provider_schemas)).toEqual(['registry.terraform.io/oracle/oci']);
    const { resource_schemas } = stored.provider_schemas['registry.terraform.io/oracle/oci'];
    expect(Object.keys(resource_schemas)).toEqual(['oci_core_new', 'oci_core_same', 'oci_core_vcn']);
    expect(resource_schemas.oci_core_vcn.block).toEqual({
      attributes: { description: string, id: string, kind: { type: 'number', optional: true } },
      block_types: { timeouts: { nesting_mode: 'single', block: { attributes: { create: string } } } },
    });
    expect(Object.keys(resource_schemas.oci_core_vcn.block.attributes.kind)).toEqual(['optional', 'type']);
    expect(folder.readJson('package.json')).toMatchObject({
      name: 'tiny',
      version: '1.1.0',
      cdktf: { provider: { version: '1.1.0' } },
    });
  });

  test('prints what was added, removed and changed, and what the subset loses', () => {
    const { stdout } = update(schemaDocument(after), '--provider-version', '1.1.0');
    expect(stdout).toBe(`oracle/oci 1.0.0 -> 1.1.0; stacks will require oracle/oci >= 1.1.0
added: 1
  resource oci_core_new
removed: 1
  resource oci_core_gone
changed: 1
  resource oci_core_vcn: +description ~kind -old +timeouts
subset.json must be changed before the next build:
  resources: the provider has no "oci_core_gone"
next: npm install (the lock file names the version), npm run build -w provider-oci, npm test
`);
  });

  test('writes the same bytes for the same schema in another order', () => {
    const bytes = () => readFileSync(join(folder.dir, 'schema/oci-1.1.0.schema.json.gz'));
    update(schemaDocument(after), '--provider-version', '1.1.0');
    const first = bytes();
    update(schemaDocument(Object.fromEntries(Object.entries(after).reverse())), '--provider-version', '1.1.0');
    expect(bytes().equals(first)).toBe(true);
    expect([first.readUInt32LE(4), first[9]]).toEqual([0, 255]);
  });

  test.each<[string, object | string, string[], string]>([
    ['the file is empty', '', ['--provider-version', '1.1.0'], 'is empty; run: terraform providers schema -json'],
    ['the file is not JSON', '{', ['--provider-version', '1.1.0'], 'is not JSON ('],
    ['the file is no schema', {}, ['--provider-version', '1.1.0'], 'the file has no "provider_schemas"'],
    [
      'the OCI provider is not in it',
      { provider_schemas: others },
      ['--provider-version', '1.1.0'],
      'has no schema of oracle/oci, it has: registry.terraform.io/hashicorp/kubernetes',
    ],
    [
      'the OCI provider has nothing',
      schemaDocument({}),
      ['--provider-version', '1.1.0'],
      'is empty: no resources and no data sources',
    ],
    ['no version is known', schemaDocument(after), [], 'does not say which version it is of; pass --provider-version'],
    [
      'the version is none',
      schemaDocument(after),
      ['--provider-version', 'v9'],
      '"v9" is not a version such as 8.28.0',
    ],
    ['an option is unknown', schemaDocument(after), ['--versoin', '1'], "Unknown option '--versoin'"],
  ])('fails when %s, and changes nothing', (_, document, args, message) => {
    const { status, stdout, stderr } = update(document, ...args);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('    at ');
    expect(readdirSync(join(folder.dir, 'schema'))).toEqual(['oci-1.0.0.schema.json.gz']);
    expect(folder.readJson('package.json').version).toBe('1.0.0');
  });

  test('fails when the file is missing or not given', () => {
    expect(folder.run('schema-update', 'nothing.json').stderr).toContain('nothing.json does not exist');
    expect(folder.run('schema-update').stderr).toContain('expected one FILE, got 0');
  });
});
