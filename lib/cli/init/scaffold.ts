import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { templateFile } from '../../core/template-file';
import { CommandError } from '../command-error';
import { packagesFor } from './dependencies';
import type { ProjectTemplate } from './templates';

/** Names under which files travel in a package of npm, which leaves out some of them, and their names in a project. */
const renamed: { readonly [name: string]: string } = { gitignore: '.gitignore', github: '.github' };

/** A project that was begun. */
export interface Scaffold {
  readonly directory: string;
  readonly name: string;
  /** Paths below the folder. */
  readonly files: readonly string[];
}

/**
 * Begins a project.
 * @param directory Folder that is empty, or not there yet.
 * @throws {CommandError} when the folder has files, or its name is none for a project
 */
export function scaffold(
  directory: string,
  template: ProjectTemplate,
  options: { readonly name?: string; readonly packages?: string },
): Scaffold {
  const folder = resolve(directory);
  const name = options.name ?? nameFor(folder);
  checkName(name);
  checkEmpty(folder);
  const packages = packagesFor(folder, options.packages);
  const { what, tool, deploy } = template;
  const values = { name, what, tool, deploy, id: randomUUID() };
  const files: { [path: string]: string } = {
    ...filesOf('common', values),
    ...filesOf(template.name, values),
    'package.json': json(manifestOf(name, packages)),
    // Else npm links the folders, and each would find packages of its own.
    ...(packages.fromFolders && { '.npmrc': 'install-links=true\n' }),
  };
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return { directory: folder, name, files: Object.keys(files).sort() };
}

function manifestOf(name: string, { dependencies, devDependencies }: ReturnType<typeof packagesFor>): object {
  return {
    name,
    version: '0.1.0',
    private: true,
    scripts: {
      dev: 'cdktf-oci-mcp dev',
      test: 'tsc && cdktf-oci-mcp check',
      synth: 'npx --yes cdktf-cli@0.21.0 synth',
      deploy: 'npx --yes cdktf-cli@0.21.0 deploy',
    },
    dependencies,
    devDependencies,
  };
}

/** Files of a template, with what is chosen filled in. */
function filesOf(template: string, values: { readonly [name: string]: string }): { [path: string]: string } {
  const root = dirname(templateFile('init/common/README.md'));
  const folder = join(dirname(root), template);
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    entries.map((entry) => {
      const file = join(entry.parentPath ?? entry.path, entry.name);
      const path = relative(folder, file)
        .split(sep)
        .map((part) => renamed[part] ?? part)
        .join('/');
      const text = readFileSync(file, 'utf8');
      return [path, text.replace(/\{\{(\w+)\}\}/g, (written, value) => values[value] ?? written)];
    }),
  );
}

/** The name of the folder, as far as it may be one of a stack, a package and a repository of images. */
function nameFor(folder: string): string {
  return basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 40);
}

function checkName(name: string): void {
  if (/^[a-z][a-z0-9-]{0,39}$/.test(name)) return;
  throw new CommandError({
    what: 'the project has no usable name',
    got: name,
    allowed: 'a lower case letter, then at most 39 lower case letters, digits and hyphens',
    fix: 'pass --name NAME',
  });
}

function checkEmpty(folder: string): void {
  if (!existsSync(folder)) return;
  const found = statSync(folder).isDirectory() ? readdirSync(folder).filter((name) => name !== '.git') : [folder];
  if (found.length === 0) return;
  throw new CommandError({
    what: `${folder} is not empty`,
    got: found.slice(0, 5).join(', ') + (found.length > 5 ? ` and ${found.length - 5} more` : ''),
    allowed: 'a folder that is empty, or not there yet',
    fix: 'name another folder: cdktf-oci-mcp init DIR',
  });
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
