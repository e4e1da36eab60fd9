import { existsSync } from 'node:fs';
import { join } from 'node:path';

const environments = join(__dirname, '../../node_modules/.cache/cdktf-oci-mcp/python');

/** Lists of packages under `test/python`, by what stands between `requirements-` and `.txt`. */
export type PythonEnvironment = 'fastmcp' | 'mcp-1' | 'mcp-2';

/** The interpreter of an environment that `npm test` makes. */
export function pythonOf(environment: PythonEnvironment): string {
  return join(environments, environment, 'bin', 'python');
}

/** `describe` for tests that run Python; without it they are skipped, and `npm test` says so and counts them. */
export const describePython: typeof describe | typeof describe.skip = existsSync(pythonOf('mcp-2'))
  ? describe
  : describe.skip;
