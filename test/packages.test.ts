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
