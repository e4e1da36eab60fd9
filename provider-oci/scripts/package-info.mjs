import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Folder of this package. */
export const PACKAGE_DIR = fileURLToPath(new URL('..', import.meta.url));

/** `package.json`, parsed. `cdktf.provider.version` is the provider version that the bindings describe. */
export function readPackage(dir = PACKAGE_DIR) {
  return JSON.parse(readFileSync(`${dir}/package.json`, 'utf8'));
}

/** Path of the stored schema of a provider version. */
export function schemaFile(version, dir = PACKAGE_DIR) {
  return `${dir}/schema/oci-${version}.schema.json.gz`;
}
