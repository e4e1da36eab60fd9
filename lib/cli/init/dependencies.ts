import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { CommandError } from '../command-error';

/** The packages of this repository, and the beginning of the names of their tarballs. */
const own = {
  'cdktf-oci-mcp': 'cdktf-oci-mcp-',
  'oci-mcp-gateway': 'oci-mcp-gateway-',
  '@cdktf/provider-oci': 'cdktf-provider-oci-',
} as const;

/** Packages of others that a project needs, in the versions that the library is tested with. */
const others = {
  '@cdktf/provider-docker': '12.0.3',
  '@cdktf/provider-kubernetes': '12.1.1',
  cdktf: '0.21.0',
  constructs: '10.4.2',
};

/** What a project is developed with. */
const tools = { '@types/node': '20.19.43', tsx: '4.23.15', typescript: '7.0.2' };

/** Where a project gets its packages from. */
export interface ProjectPackages {
  readonly dependencies: { readonly [name: string]: string };
  readonly devDependencies: { readonly [name: string]: string };
  /** Whether some are folders, which npm would link and not install. */
  readonly fromFolders: boolean;
}

/**
 * The packages of a new project: those that this program came with, from where they came.
 * @param project Folder of the project.
 * @param tarballs Folder of what `npm pack` made of the packages. @default - as this program was installed
 */
export function packagesFor(project: string, tarballs?: string): ProjectPackages {
  const from = tarballs === undefined ? installed(project) : packed(project, tarballs);
  return {
    dependencies: sorted({ ...from, ...others }),
    devDependencies: tools,
    fromFolders: Object.values(from).some((specifier) => /^file:/.test(specifier) && !specifier.endsWith('.tgz')),
  };
}

function packed(project: string, folder: string): { [name: string]: string } {
  const files = existsSync(folder) ? readdirSync(folder) : [];
  return Object.fromEntries(
    Object.entries(own).map(([name, prefix]) => {
      const file = files.find((each) => each.startsWith(prefix) && each.endsWith('.tgz'));
      if (file !== undefined) return [name, fileSpecifier(project, resolve(folder, file))];
      throw new CommandError({
        what: `--packages has no tarball of ${name}`,
        got: files.filter((each) => each.endsWith('.tgz')).join(', ') || `no tarball in ${resolve(folder)}`,
        allowed: `${prefix}<version>.tgz`,
        fix: 'make them with `npm pack` in the folders of the packages',
      });
    }),
  );
}

function installed(project: string): { [name: string]: string } {
  const find = createRequire(__filename).resolve;
  return Object.fromEntries(
    Object.keys(own).map((name) => {
      const manifest = realpathSync(find(`${name}/package.json`));
      const folder = dirname(manifest);
      const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
      // A checkout of the repository: its folders are what there is.
      if (!folder.split(sep).includes('node_modules')) return [name, fileSpecifier(project, folder)];
      return [name, tarballOf(folder, name, project) ?? version];
    }),
  );
}

/** The tarball that a project around an installed package names for it. */
function tarballOf(folder: string, name: string, project: string): string | undefined {
  const root = folder.slice(0, folder.lastIndexOf(`${sep}node_modules${sep}`));
  const manifest = join(root, 'package.json');
  if (!existsSync(manifest)) return undefined;
  const { dependencies = {}, devDependencies = {} } = JSON.parse(readFileSync(manifest, 'utf8'));
  const specifier: string | undefined = dependencies[name] ?? devDependencies[name];
  if (!specifier?.startsWith('file:')) return undefined;
  return fileSpecifier(project, resolve(root, specifier.slice('file:'.length)));
}

function fileSpecifier(project: string, path: string): string {
  const way = relative(realFolder(project), path).split(sep).join('/');
  return `file:${way.startsWith('.') ? way : `./${way}`}`;
}

/** npm counts steps from where a folder really is. The folder itself may not be there yet. */
function realFolder(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  return join(realFolder(dirname(path)), path.slice(dirname(path).length));
}

function sorted(packages: { [name: string]: string }): { [name: string]: string } {
  return Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)));
}
