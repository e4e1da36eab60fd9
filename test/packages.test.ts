import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './helpers/imports';

interface Packages {
  readonly [path: string]: { version?: string; resolved?: string; optionalDependencies?: { [name: string]: string } };
}

describe.each(['package-lock.json', 'test/conformance/suite/package-lock.json'])('%s', (lock) => {
  const { packages } = JSON.parse(readFileSync(join(repository, lock), 'utf8')) as { packages: Packages };

  test('has the binaries of every platform, so that npm ci works on each', () => {
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter((name) => !isLocked(packages, path, name)),
    );
    expect(missing).toEqual([]);
  });

  test('names no registry', () => {
    const hosts = Object.values(packages).flatMap(({ resolved }) => (resolved?.includes('://') ? [resolved] : []));
    expect(hosts).toEqual([]);
  });
});

test('the library brings no dependency of the gateway but the schema', () => {
  const { dependencies } = JSON.parse(readFileSync(join(repository, 'gateway-runtime', 'package.json'), 'utf8'));
  expect(Object.keys(dependencies)).toEqual(['zod']);
});

/** Whether Node would find a locked version of `name` from the package at `path`. */
function isLocked(packages: Packages, path: string, name: string): boolean {
  if (packages[`${path ? `${path}/` : ''}node_modules/${name}`]?.version !== undefined) return true;
  if (path === '') return false;
  const parent = path.lastIndexOf('/node_modules/');
  return isLocked(packages, parent < 0 ? '' : path.slice(0, parent), name);
}

describe.each(['lib', 'gateway-runtime', 'provider-oci'])('%s', (workspace) => {
  const files = (): { path: string }[] => {
    const packed = outputOf('npm', ['pack', '--dry-run', '--json', '--silent', '-w', workspace]);
    return JSON.parse(packed)[0].files;
  };

  test('ships what importers need and nothing else', () => {
    const paths = files().map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json']));
    expect(
      paths.filter(
        (path) => !path.startsWith('templates/') && /tsbuildinfo|\.test\.|node_modules|(?<!\.d)\.ts$/.test(path),
      ),
    ).toEqual([]);
    const maps = new Set(paths.filter((path) => path.endsWith('.map')).map((path) => path.replace(/\.map$/, '')));
    const withoutMap = paths.filter((path) => /^dist\/.*\.c?js$/.test(path) && !maps.has(path));
    expect(withoutMap).toEqual([]);
  });

  test('says of its exports what is true', () => {
    expect(outputOf('node_modules/.bin/publint', [workspace, '--strict'])).toContain('All good!');
  });
});

test('what importers can use is what the reports say', () => {
  expect(outputOf(process.execPath, ['scripts/api-report.mjs', '--check'])).toBe('');
});

/** What a program of the repository prints. @throws when it fails, with that */
function outputOf(command: string, args: string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: repository, encoding: 'utf8' });
  if (status !== 0) throw new Error(stdout + stderr);
  return stdout;
}
