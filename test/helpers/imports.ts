import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';

/** Source files by path from the repository's root, with `/` between folders. */
export type Sources = ReadonlyMap<string, string>;

/** A package of the repository: what a room may import, rooms being folders or single files below `root`. */
export interface Package {
  readonly root: string;
  /** Rooms that each room may import besides itself. */
  readonly arrows: { readonly [room: string]: readonly string[] };
  /** Rooms that alone may import packages whose name starts with the key. */
  readonly reserved?: { readonly [prefix: string]: readonly string[] };
}

export const repository = join(__dirname, '..', '..');

/** Reads the TypeScript sources below a folder, without generated and installed ones. */
export function readSources(folder: string): Sources {
  const files = readdirSync(join(repository, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.ts$/.test(entry.name) && !/\.d\.ts$/.test(entry.name))
    .map((entry) => relative(repository, join(entry.parentPath ?? entry.path, entry.name)).replaceAll('\\', '/'))
    .filter((path) => !/(^|\/)(node_modules|dist|templates)\//.test(path));
  return new Map(files.sort().map((path) => [path, readFileSync(join(repository, path), 'utf8')]));
}

/** What a source imports, type imports and re-exports included. */
export function importsOf(source: string): string[] {
  const statements = source.matchAll(/(?:^|\n)\s*(?:import|export)\s(?:[^'"`;]*?\sfrom\s*)?['"]([^'"]+)['"]/g);
  const calls = source.matchAll(/\b(?:import|require)\(\s*['"]([^'"]+)['"]/g);
  return [...statements, ...calls].map((match) => match[1] as string);
}

/** Every import that the arrows of a package do not allow, one line each. */
export function forbiddenArrows(sources: Sources, { root, arrows, reserved = {} }: Package): string[] {
  const found: string[] = [];
  for (const [path, source] of sources) {
    const room = roomOf(path, root);
    if (!(room in arrows)) found.push(`${path}: room "${room}" is not in the diagram`);
    for (const specifier of importsOf(source)) {
      if (specifier.startsWith('.')) {
        const target = posix.join(posix.dirname(path), specifier);
        if (!target.startsWith(`${root}/`)) {
          found.push(`${path}: imports ${specifier}, outside ${root}`);
          continue;
        }
        const to = roomOf(target, root);
        if (to !== room && !arrows[room]?.includes(to))
          found.push(`${path}: ${room} may not import ${to} (${specifier})`);
      }
      for (const [prefix, rooms] of Object.entries(reserved)) {
        if (specifier.startsWith(prefix) && !rooms.includes(room))
          found.push(`${path}: ${room} may not import ${specifier}`);
      }
    }
  }
  return found;
}

/** Every circle of files that import each other, as a path that ends where it began. Type imports count: they tie files as much. */
export function cycles(sources: Sources): string[] {
  const graph = new Map([...sources].map(([path, source]) => [path, targetsOf(path, source, sources)]));
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) found.push([...trail.slice(start), path].join(' -> '));
    if (start >= 0 || done.has(path)) return;
    for (const target of graph.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return found;
}

function targetsOf(path: string, source: string, sources: Sources): string[] {
  return importsOf(source)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => posix.join(dirname(path), specifier.replace(/\.js$/, '')))
    .flatMap((target) => [`${target}.ts`, `${target}/index.ts`].filter((candidate) => sources.has(candidate)));
}

function roomOf(path: string, root: string): string {
  const [first = ''] = path.slice(root.length + 1).split('/');
  return first.replace(/\.(ts|js)$/, '');
}
