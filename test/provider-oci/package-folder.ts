import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';

const SOURCE = join(__dirname, '../../provider-oci');
const ADDRESS = 'registry.terraform.io/oracle/oci';

export interface Run {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Block schemas by type name. */
export type Schemas = Record<string, { version?: number; block: object }>;

/** The stored schema of the real package. */
export function storedSchema(): { resource_schemas: Schemas; data_source_schemas: Schemas; provider: object } {
  const { version } = JSON.parse(readFileSync(join(SOURCE, 'package.json'), 'utf8'));
  const file = join(SOURCE, 'schema', `oci-${version}.schema.json.gz`);
  return JSON.parse(gunzipSync(readFileSync(file)).toString('utf8')).provider_schemas[ADDRESS];
}

/** A document as `terraform providers schema -json` prints it. */
export function schemaDocument(
  resource_schemas: Schemas,
  data_source_schemas: Schemas = {},
  more: object = {},
): object {
  const provider = { block: { attributes: { region: { type: 'string', optional: true } } } };
  return {
    format_version: '1.0',
    provider_schemas: { [ADDRESS]: { provider, resource_schemas, data_source_schemas } },
    ...more,
  };
}

/** A small copy of the package in a temporary folder, for the real scripts to work on. */
export class PackageFolder {
  readonly dir = mkdtempSync(join(tmpdir(), 'provider-oci-'));

  constructor(document: object, subset: object) {
    mkdirSync(join(this.dir, 'schema'));
    symlinkSync(join(SOURCE, '../node_modules'), join(this.dir, 'node_modules'), 'dir');
    this.write('package.json', {
      name: 'tiny',
      version: '1.0.0',
      cdktf: { provider: { name: ADDRESS, version: '1.0.0' } },
    });
    this.write('subset.json', subset);
    writeFileSync(join(this.dir, 'schema/oci-1.0.0.schema.json.gz'), gzipSync(JSON.stringify(document)));
  }

  write(name: string, content: object | string): string {
    const file = join(this.dir, name);
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    return file;
  }

  readJson(name: string) {
    const bytes = readFileSync(join(this.dir, name));
    return JSON.parse((name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8'));
  }

  /** Runs one of the package's scripts on this folder. */
  run(script: 'build' | 'schema-update', ...args: string[]): Run {
    const path = join(SOURCE, 'scripts', `${script}.mjs`);
    return spawnSync(process.execPath, [path, '--package', this.dir, ...args], { encoding: 'utf8' });
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}
