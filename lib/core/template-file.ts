import { dirname, join } from 'node:path';

/**
 * Absolute path of a file that ships with the library and is no TypeScript.
 * @param path Path below `templates`: `python/stateless_mcp.py`.
 */
export function templateFile(path: string): string {
  return join(dirname(require.resolve('cdktf-oci-mcp/package.json')), 'templates', path);
}
