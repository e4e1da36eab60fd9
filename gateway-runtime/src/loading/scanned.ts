import { isObject } from '../contracts/json-rpc.js';
import type { ConfigFault } from '../errors.js';
import type { BackendFile, FoundBackend } from './backend-files.js';
import type { Scan } from './scan.js';

/** Servers of MCP clients that become backends. */
export interface Scanned {
  readonly files: readonly BackendFile[];
  /** What is wrong with files that cannot be read: they count as they were. */
  readonly faults: readonly ConfigFault[];
  /** What was left out, and why. */
  readonly warnings: readonly ConfigFault[];
}

/**
 * Takes every server that scans found and whose name is not taken, the first of a name.
 *
 * @param taken Names of backends that were configured on purpose.
 * @param good What was taken before: a file that cannot be read for a moment counts as it was.
 */
export function selectScanned(
  scans: readonly Scan[],
  taken: Iterable<string>,
  good: readonly BackendFile[] = [],
): Scanned {
  const names = new Set(taken);
  const faults: ConfigFault[] = [];
  const warnings: ConfigFault[] = [];
  const files = scans.flatMap((scan) => {
    warnings.push(...scan.warnings);
    if (scan.faults.length > 0) return good.filter(({ place }) => place === scan.path);
    return scan.files.flatMap((file): BackendFile[] => {
      warnings.push(...file.warnings);
      faults.push(...file.faults);
      if (file.faults.length > 0) return good.filter(({ name }) => name === file.name);
      return [{ name: file.name, place: scan.path, backends: file.backends, faults: [] }];
    });
  });
  const isFree = ({ source, backend }: FoundBackend) => {
    const name = isObject(backend) && typeof backend.name === 'string' ? backend.name : '';
    if (!names.has(name)) return names.add(name);
    warnings.push({ path: source, message: `is left out: "${name}" is already the name of a backend` });
    return false;
  };
  return { files: files.map((file) => ({ ...file, backends: file.backends.filter(isFree) })), faults, warnings };
}
