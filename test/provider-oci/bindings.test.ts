import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CoreVcn } from '@cdktf/provider-oci/lib/core-vcn';
import { DataOciCoreVnic } from '@cdktf/provider-oci/lib/data-oci-core-vnic';
import { OciProvider } from '@cdktf/provider-oci/lib/provider';
import { App, TerraformStack, Testing } from 'cdktf';

const root = join(__dirname, '../..');
const lib = join(root, 'provider-oci/lib');
const readJson = (file: string) => JSON.parse(readFileSync(file, 'utf8'));

/** Runs a program written for a module system, with this repository's packages in reach. */
function runProgram(name: string, text: string, command: string[]): string {
  const dir = mkdtempSync(join(root, 'node_modules', '.bindings-test-'));
  try {
    writeFileSync(join(dir, name), text);
    return execFileSync(process.execPath, [...command, join(dir, name)], { encoding: 'utf8' }).trim();
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

describe('the built bindings', () => {
  test('hold every block of the subset', () => {
    const { resources, dataSources } = readJson(join(root, 'provider-oci/subset.json'));
    const folders = [
      'provider',
      ...resources.map((name: string) => name.replace(/^oci_/, '').replaceAll('_', '-')),
      ...dataSources.map((name: string) => `data-${name.replaceAll('_', '-')}`),
    ];
    expect(folders.filter((folder) => !existsSync(join(lib, folder, 'index.js')))).toEqual([]);
    expect(existsSync(join(lib, 'index.js'))).toBe(false);
  });

  test('write the provider requirement of the stored schema into stacks', () => {
    const stack = new TerraformStack(new App(), 'stack');
    new OciProvider(stack, 'Oci', { region: 'eu-frankfurt-1' });
    const vcn = new CoreVcn(stack, 'Vcn', { compartmentId: 'ocid1', isIpv6Enabled: true });
    new DataOciCoreVnic(stack, 'Vnic', { vnicId: vcn.id });
    const { terraform, resource, data } = JSON.parse(Testing.synth(stack, true));
    const { version } = readJson(join(root, 'provider-oci/package.json'));
    expect(readdirSync(join(root, 'provider-oci/schema'))).toEqual([`oci-${version}.schema.json.gz`]);
    expect(terraform.required_providers).toEqual({ oci: { source: 'oracle/oci', version: `>= ${version}` } });
    expect(resource.oci_core_vcn.Vcn).toMatchObject({ compartment_id: 'ocid1', is_ipv6enabled: true });
    expect(data.oci_core_vnic.Vnic.vnic_id).toBe('${oci_core_vcn.Vcn.id}');
  });

  test('are imported by folder, from ES modules as from CommonJS', () => {
    const esm = `import { CoreVcn } from '@cdktf/provider-oci/lib/core-vcn'; console.log(CoreVcn.tfResourceType);`;
    const cjs = `const { CoreVcn } = require('@cdktf/provider-oci/lib/core-vcn'); console.log(CoreVcn.tfResourceType);`;
    expect(runProgram('app.mjs', esm, [])).toBe('oci_core_vcn');
    expect(runProgram('app.cjs', cjs, [])).toBe('oci_core_vcn');
  });
});
