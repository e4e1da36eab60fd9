import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { hashOf, readFolder, stage } from '../../../lib/image/build-context';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

function folderOf(files: { readonly [path: string]: string }): string {
  const folder = mkdtempSync(join(tmpdir(), 'folder-'));
  folders.push(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

const pathsOf = (folder: string, keep?: string[]) => readFolder(folder, keep).files.map(({ path }) => path);
const settings = { platform: 'linux/amd64' };
const hash = (files: { readonly [path: string]: string }) => hashOf(readFolder(folderOf(files)).files, settings);

test('reads what Docker would, in an order of its own, without what tools leave behind', () => {
  const folder = folderOf({
    'server.py': '',
    'B.py': '',
    'lib/a.py': '',
    'lib/__pycache__/a.pyc': '',
    '.git/HEAD': '',
    'node_modules/x/index.js': '',
    '.venv/bin/python': '',
  });
  expect(pathsOf(folder)).toEqual(['B.py', 'lib/a.py', 'server.py']);
});

test('obeys .dockerignore, which is no part of the image and may take back what is left out by itself', () => {
  const folder = folderOf({
    '.dockerignore': 'tests\r\n*.md\nDockerfile\n!node_modules/kept\n',
    'server.js': '',
    'README.md': '',
    'tests/a.js': '',
    Dockerfile: '',
    'node_modules/kept/index.js': '',
    'node_modules/other/index.js': '',
  });
  expect(pathsOf(folder)).toEqual(['node_modules/kept/index.js', 'server.js']);
  expect(pathsOf(folder, ['Dockerfile'])).toContain('Dockerfile');
});

test('names links instead of following them', () => {
  const folder = folderOf({ 'server.py': '' });
  symlinkSync('/etc', join(folder, 'etc'));
  expect(readFolder(folder)).toMatchObject({ files: [{ path: 'server.py' }], links: ['etc'] });
});

test('the hash is of names, content, mode and settings, and of nothing else', () => {
  const files = { 'a.py': '1', 'b.py': '2' };
  const base = hash(files);
  expect(base).toMatch(/^[0-9a-f]{32}$/);
  expect(hash({ 'b.py': '2', 'a.py': '1' })).toBe(base);
  expect(hash({ 'a.py': '1', 'c.py': '2' })).not.toBe(base);
  expect(hash({ 'a.py': '1', 'b.py': '3' })).not.toBe(base);
  const folder = folderOf(files);
  expect(hashOf(readFolder(folder).files, { platform: 'linux/arm64' })).not.toBe(base);
  chmodSync(join(folder, 'a.py'), 0o755);
  expect(hashOf(readFolder(folder).files, settings)).not.toBe(base);
});

test('what is staged can be read and run by any user', () => {
  const folder = folderOf({ 'bin/start': '#!/bin/sh', 'server.py': 'x' });
  chmodSync(join(folder, 'bin/start'), 0o700);
  chmodSync(join(folder, 'server.py'), 0o600);
  const staged = stage(readFolder(folder).files);
  folders.push(staged);
  expect(readFileSync(join(staged, 'server.py'), 'utf8')).toBe('x');
  expect(statSync(join(staged, 'server.py')).mode & 0o777).toBe(0o644);
  expect(statSync(join(staged, 'bin/start')).mode & 0o777).toBe(0o755);
  expect(existsSync(folder)).toBe(true);
});
