import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { App, Fn, TerraformOutput, TerraformStack, Testing } from 'cdktf';
import { PackageFolder, schemaDocument, storedSchema } from './package-folder';

const SUBSET = { resources: ['oci_core_vcn'], dataSources: ['oci_ai_language_job'] };

describe('build', () => {
  let folder: PackageFolder;

  beforeAll(() => {
    const { resource_schemas, data_source_schemas } = storedSchema();
    const { oci_core_vcn, oci_core_subnet } = resource_schemas;
    const { oci_ai_language_job } = data_source_schemas;
    if (!oci_core_vcn || !oci_core_subnet || !oci_ai_language_job) throw new Error('the stored schema is not complete');
    folder = new PackageFolder(schemaDocument({ oci_core_vcn, oci_core_subnet }, { oci_ai_language_job }), SUBSET);
    expect(folder.run('build')).toMatchObject({ status: 0, stderr: '' });
  });
  afterAll(() => folder.remove());

  const lib = (...path: string[]) => join(folder.dir, 'lib', ...path);

  test('makes one folder for each block of the subset, with code and declarations, and no barrel', () => {
    const folders = ['core-vcn', 'data-oci-ai-language-job', 'provider', 'string-map-map'];
    expect(readdirSync(lib()).sort()).toEqual(['.build.json', ...folders]);
    for (const name of folders)
      expect(readdirSync(lib(name))).toEqual(expect.arrayContaining(['index.d.ts', 'index.js']));
    expect(readdirSync(join(folder.dir, 'src'))).toEqual([]);
  });

  test('reads maps of maps, which cdktf has no class for', () => {
    const { DataOciAiLanguageJob } = require(lib('data-oci-ai-language-job'));
    const { OciProvider } = require(lib('provider'));
    const stack = new TerraformStack(new App(), 'stack');
    new OciProvider(stack, 'Oci', {});
    const job = new DataOciAiLanguageJob(stack, 'Job', { jobId: 'ocid1.job' });
    const outer = job.inputConfiguration.get(0).configuration;
    new TerraformOutput(stack, 'inner', { value: outer.get('language').lookup('code'), staticId: true });
    new TerraformOutput(stack, 'whole', { value: Fn.keys(outer), staticId: true });
    const { output, terraform } = JSON.parse(Testing.synth(stack, true));
    const attribute = 'data.oci_ai_language_job.Job.input_configuration[0].configuration';
    expect(output.inner.value).toBe(`\${${attribute}["language"]["code"]}`);
    expect(output.whole.value).toBe(`\${keys(${attribute})}`);
    expect(terraform.required_providers.oci).toEqual({ source: 'oracle/oci', version: '>= 1.0.0' });
  });

  test('does nothing when nothing changed, and builds again when told to or when the subset changed', () => {
    const builtAt = () => statSync(lib('core-vcn', 'index.js')).mtimeMs;
    const first = builtAt();
    const code = readFileSync(lib('core-vcn', 'index.js'), 'utf8');
    expect(folder.run('build').stdout).toContain('lib/ is up to date (1 resources, 1 data sources)');
    expect(builtAt()).toBe(first);

    expect(folder.run('build', '--force').status).toBe(0);
    expect(builtAt()).toBeGreaterThan(first);
    expect(readFileSync(lib('core-vcn', 'index.js'), 'utf8')).toBe(code);

    folder.write('subset.json', { resources: ['oci_core_subnet', 'oci_core_vcn'], dataSources: [] });
    expect(folder.run('build').stdout).toMatch(/2 resources, 0 data sources, [\d.]+ s, [\d.]+ MB in lib\/\n$/);
    expect(readdirSync(lib())).toEqual(expect.arrayContaining(['core-subnet', 'core-vcn']));
    expect(existsSync(lib('data-oci-ai-language-job'))).toBe(false);
  });

  test('makes the complete package, which then also satisfies a plain build', () => {
    folder.write('subset.json', SUBSET);
    expect(folder.run('build', '--all').stdout).toContain(
      'complete package of oracle/oci 1.0.0, 2 resources, 1 data sources',
    );
    expect(readdirSync(lib())).toEqual(expect.arrayContaining(['core-subnet', 'core-vcn', 'data-oci-ai-language-job']));
    expect(folder.run('build').stdout).toContain('up to date (2 resources, 1 data sources)');
  });

  test('fails when the subset names what the provider does not have, and lists every name', () => {
    const before = readFileSync(lib('.build.json'), 'utf8');
    folder.write('subset.json', {
      resources: ['oci_core_vcn', 'oci_core_vcn', 'oci_core_subnet', 'oci_core_gone', 'core_vcn'],
      dataSources: ['oci_core_vcn'],
    });
    const { status, stdout, stderr } = folder.run('build');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toBe(`provider-oci: subset.json has 5 faults:
  resources: "oci_core_vcn" is listed twice
  resources: "oci_core_subnet" must stand before "oci_core_vcn"
  resources: the provider has no "oci_core_gone"
  resources: the provider has no "core_vcn"; it has oci_core_vcn
  dataSources: the provider has no "oci_core_vcn"
`);
    expect(readFileSync(lib('.build.json'), 'utf8')).toBe(before);
  });

  test('fails when an option is unknown, and says which there are', () => {
    const { status, stderr } = folder.run('build', '--everything');
    expect(status).toBe(1);
    expect(stderr).toMatch(/Unknown option '--everything'[\s\S]*--all[\s\S]*--force/);
    expect(stderr).not.toContain('    at ');
  });

  test('keeps the old bindings when the generated code does not compile', () => {
    const before = readdirSync(lib());
    const attributes = { constructor: { type: 'string', optional: true } };
    const broken = schemaDocument({ oci_core_vcn: { block: { attributes } } });
    writeFileSync(join(folder.dir, 'schema/oci-1.0.0.schema.json.gz'), gzipSync(JSON.stringify(broken)));
    folder.write('subset.json', { resources: ['oci_core_vcn'], dataSources: [] });
    const { status, stderr } = folder.run('build');
    expect(status).toBe(1);
    expect(stderr).toContain('the generated bindings do not compile:');
    expect(readdirSync(lib())).toEqual(before);
    expect(readdirSync(join(folder.dir, 'src'))).toEqual([]);
  });
});
