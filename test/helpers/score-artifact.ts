import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { OciProvider } from '@cdktf/provider-oci/lib/provider';
import { TerraformStack, Testing } from 'cdktf';
import { McpServer, McpServerSource, ModelDeploymentHosting } from 'cdktf-oci-mcp';
import { unzipSync } from 'fflate';
import { makeDirectory, type TestDirectory } from './gateway-directory.js';

/** Any conda environment. */
export const condaEnvironment = { path: 'oci://conda@acme/mcp/1.0/mcp_p312_cpu_x86_64_v1', pythonVersion: '3.12' };

/** Synthesizes a server to files. @returns the archive of its model, as Terraform would upload it, and its length there */
export function synthArtifact(directory: string, server?: string): { archive: Buffer; path: string; length: string } {
  const stack = new TerraformStack(Testing.app(), 'stack');
  new OciProvider(stack, 'Oci', { region: 'eu-frankfurt-1' });
  new McpServer(stack, 'Forecast', {
    source: McpServerSource.scoreArtifact(directory, server),
    hosting: new ModelDeploymentHosting({ compartmentId: 'ocid1.compartment.oc1..example', condaEnvironment }),
  });
  const folder = join(Testing.fullSynth(stack), 'stacks', 'stack');
  const { resource } = JSON.parse(readFileSync(join(folder, 'cdk.tf.json'), 'utf8'));
  const [model] = Object.values<Record<string, string>>(resource.oci_datascience_model);
  const { model_artifact: path = '', artifact_content_length: length = '' } = model ?? {};
  return { archive: readFileSync(join(folder, path)), path, length };
}

/** What is in an archive, as text. */
export function entriesOf(archive: Uint8Array): { [path: string]: string } {
  const entries = Object.entries(unzipSync(archive));
  return Object.fromEntries(entries.map(([path, bytes]) => [path, Buffer.from(bytes).toString()]));
}

/** A folder with these files; removed by whoever asks for it. */
export function makeFolder(files: { readonly [path: string]: string }): TestDirectory {
  const directory = makeDirectory();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory.path, path)), { recursive: true });
    writeFileSync(join(directory.path, path), text);
  }
  return directory;
}
