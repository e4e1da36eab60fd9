import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { IConstruct } from 'constructs';
import { isSecretFile } from '../../core/secret-file';
import { templateFile } from '../../core/template-file';
import { reportFault } from '../../core/validation';
import type { ScoreArtifactSource } from '../../mcp/mcp-server-source';
import { type CondaEnvironment, runtimeYaml } from './conda-environment';

/** The content of an artifact: path inside the archive to bytes. */
export type ArtifactFiles = ReadonlyMap<string, Uint8Array>;

/** Made by tools and read by none of them in a deployment. */
const leftOut = /^(__pycache__|\.venv|venv|\.git|\.gitignore|\.DS_Store|\.[a-z]+_cache)$|\.py[co]$/;

/** Files of variables, templates of them as well: nothing in a deployment reads one. */
const environmentFile = /^\.env($|\.)/i;

/** Files that are made here, and may not be in the folder. */
const ownNames = ['score.py', 'runtime.yaml', 'stateless_mcp.py', 'mcp_server.json'];

/**
 * Everything a model deployment needs to run an MCP server: its folder, and the files which the service and the server's
 * adapter read. Faults are reported on `scope`; the rest is still returned.
 * @see https://docs.oracle.com/en-us/iaas/data-science/ds-using/models-practices.htm
 */
export function scoreArtifact(
  scope: IConstruct,
  source: ScoreArtifactSource,
  environment: CondaEnvironment,
): ArtifactFiles {
  const files = new Map<string, Uint8Array>();
  if (readFolder(scope, source.directory, files)) checkServer(scope, source, files);
  for (const name of ownNames.filter((each) => files.has(each))) {
    reportFault(scope, {
      prop: 'source',
      got: `${name} in ${JSON.stringify(source.directory)}`,
      allowed: `folders without ${ownNames.join(', ')}, which are made at synth`,
      fix: 'rename or remove it',
    });
  }
  files.set('score.py', readFileSync(templateFile('score-artifact/score.py')));
  files.set('stateless_mcp.py', readFileSync(templateFile('python/stateless_mcp.py')));
  files.set('runtime.yaml', Buffer.from(runtimeYaml(environment)));
  files.set('mcp_server.json', Buffer.from(`${JSON.stringify({ server: source.server })}\n`));
  return files;
}

/** Whether there is a folder to read. */
function readFolder(scope: IConstruct, directory: string, files: Map<string, Uint8Array>): boolean {
  const root = realPath(directory);
  if (root === undefined || !statSync(root).isDirectory()) {
    reportFault(scope, {
      prop: 'source',
      got: directory,
      allowed: 'a folder that exists, with the modules of a server',
    });
    return false;
  }
  collect(root, root, files, (path, reason) =>
    reportFault(scope, {
      prop: 'source',
      got: `${path} in ${JSON.stringify(directory)}`,
      allowed: reason,
      fix: 'move it out of the folder',
    }),
  );
  return true;
}

function collect(
  root: string,
  folder: string,
  files: Map<string, Uint8Array>,
  refuse: (path: string, allowed: string) => void,
): void {
  for (const name of readdirSync(folder).sort()) {
    if (leftOut.test(name)) continue;
    const path = join(folder, name);
    const inside = relative(root, path).split(sep).join('/');
    if (environmentFile.test(name) || isSecretFile(inside)) {
      refuse(inside, 'no files of secrets: the artifact is kept in the model catalog');
    } else if (realPath(path) !== path) {
      refuse(inside, 'no symbolic links: what they lead to may change without the folder');
    } else if (statSync(path).isDirectory()) {
      collect(root, path, files, refuse);
    } else if (statSync(path).isFile()) {
      files.set(inside, readFileSync(path));
    } else {
      refuse(inside, 'files and folders only');
    }
  }
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** Reports a server that is not where the source says. The text is read, and no Python run. */
function checkServer(scope: IConstruct, { directory, server }: ScoreArtifactSource, files: ArtifactFiles): void {
  const [, module, variable] = /^([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):([A-Za-z_]\w*)$/.exec(server) ?? [];
  if (module === undefined || variable === undefined) {
    reportFault(scope, { prop: 'source', got: server, allowed: 'a server as "<module>:<variable>": "server:mcp"' });
    return;
  }
  const path = module.replaceAll('.', '/');
  const text = files.get(`${path}.py`) ?? files.get(`${path}/__init__.py`);
  if (text === undefined) {
    reportFault(scope, {
      prop: 'source',
      got: server,
      allowed: `a module of ${JSON.stringify(directory)}`,
      fix: `add ${path}.py, or name another module`,
    });
  } else if (!definitionOf(variable).test(Buffer.from(text).toString())) {
    reportFault(scope, {
      prop: 'source',
      got: server,
      allowed: `a variable or function that the module ${module} defines`,
    });
  }
}

/** A statement that gives the name its value: an assignment, a function, a class or an import. */
function definitionOf(name: string): RegExp {
  return new RegExp(
    `^[ \\t]*(${name}\\b[^=\\n]*=|(async\\s+)?(def|class)\\s+${name}\\b|(from|import)\\b.*\\b${name}\\b)`,
    'm',
  );
}
