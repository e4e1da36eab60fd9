import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TerraformAsset } from 'cdktf';
import { Construct } from 'constructs';
import { zipSync } from 'fflate';
import type { ArtifactFiles } from './score-artifact';

/** When every file of an archive was changed, as far as the archive says: the earliest date the format has. */
const modified = new Date(1980, 0, 1);

/**
 * The archive of a model, among the stack's synthesized files. The same content is the same archive, and other content has
 * another name: that makes Terraform replace the model.
 */
export class ModelArtifact extends Construct {
  /** Path relative to the stack's folder. */
  public readonly path: string;
  /** Size in bytes. */
  public readonly length: number;

  public constructor(scope: Construct, id: string, files: ArtifactFiles) {
    super(scope, id);
    const archive = archiveOf(files);
    const hash = createHash('sha256').update(archive).digest('hex').slice(0, 32);
    const file = join(temporaryFolder(), `model-${hash}.zip`);
    writeFileSync(file, archive);
    this.length = archive.length;
    this.path = new TerraformAsset(this, 'File', { path: file, assetHash: hash }).path;
  }
}

function archiveOf(files: ArtifactFiles): Uint8Array {
  const entries = [...files].sort(([one], [other]) => (one < other ? -1 : 1));
  return zipSync(Object.fromEntries(entries), { level: 9, mtime: modified });
}

let temporary: string | undefined;

/** Holds archives until synthesizing copies them to their place. */
function temporaryFolder(): string {
  if (temporary === undefined) {
    const folder = mkdtempSync(join(tmpdir(), 'model-artifact-'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    temporary = folder;
  }
  return temporary;
}
