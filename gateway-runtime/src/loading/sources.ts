import { isObject, type JsonObject } from '../contracts/json-rpc.js';
import type { ConfigFault } from '../errors.js';
import { type FoundFiles, readBackendsDir, readBackendsVariable, readVariableFiles } from './backend-files.js';
import { backendsDirs, type ConfigFlags, type Environment, scanPaths } from './flags.js';
import { JsonFileReader } from './json-file.js';
import { type Scan, scan } from './scan.js';

/** The configuration file, as it is written. */
export interface BaseFile {
  /** Its path, or how faults call it. */
  readonly name: string;
  readonly content: JsonObject;
  readonly faults: readonly ConfigFault[];
}

/** Everything that a configuration is made of, as it is written, but for the files that it names itself. */
export interface Sources {
  readonly base: BaseFile;
  readonly dropIns: readonly FoundFiles[];
  readonly scans: readonly Scan[];
}

/** Reads everything that flags and variables name. */
export function readSources(flags: ConfigFlags, environment: Environment): Sources {
  return {
    base: readBase(flags, environment),
    dropIns: [
      ...backendsDirs(flags, environment).map((directory) => readBackendsDir(directory, environment)),
      readBackendsVariable('MCP_GATEWAY_BACKENDS_FILES', environment),
    ],
    scans: scanPaths(flags, environment).map((path) => scan(path, environment)),
  };
}

/** Path of the configuration file, if there is one. */
export function configFile(flags: ConfigFlags, environment: Environment): string | undefined {
  return (flags.config ?? environment.MCP_GATEWAY_CONFIG) || undefined;
}

/** The configuration file, or the same in a variable for hosts that have no files. */
function readBase(flags: ConfigFlags, environment: Environment): BaseFile {
  const reader = new JsonFileReader(environment);
  const variable = 'MCP_GATEWAY_CONFIG_FILES';
  const file = configFile(flags, environment);
  if (file && environment[variable]) {
    const other = flags.config ? '--config' : 'MCP_GATEWAY_CONFIG';
    reader.faults.push({ path: variable, message: `${other} is set too; keep one of them` });
  }
  const name = file || `${variable}: gateway.json`;
  const content = file ? reader.read(file) : reader.expand(inVariable(variable, environment, reader), name);
  if (content !== undefined && !isObject(content)) reader.faults.push({ path: name, message: 'expected an object' });
  return { name, content: isObject(content) ? content : {}, faults: reader.faults };
}

function inVariable(variable: string, environment: Environment, reader: JsonFileReader): unknown {
  const faults = reader.faults.length;
  const files = readVariableFiles(variable, environment, reader);
  const found = Object.hasOwn(files, 'gateway.json');
  if (environment[variable] && !found && reader.faults.length === faults) {
    reader.faults.push({ path: variable, message: 'holds no "gateway.json"' });
  }
  return found ? files['gateway.json'] : undefined;
}
