import { chmodSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { formatFault } from '../../../gateway-runtime/src/errors.js';
import { ConfigLoader, loadConfig } from '../../../gateway-runtime/src/loading/config-loader.js';
import { makeDirectory, type TestDirectory } from '../../helpers/gateway-directory.js';

let directory: TestDirectory;
beforeEach(() => {
  directory = makeDirectory();
  mkdirSync(join(directory.path, 'd'));
});
afterEach(() => directory.remove());

const backend = (name: string, more: object = {}) => ({ name, command: 'x', ...more });

/** A loader that has read gateway.json and the directory of drop-in files. */
function start(gateway: unknown = {}, more: { scan?: string[] } = {}): ConfigLoader {
  const config = directory.write('gateway.json', gateway);
  const loader = new ConfigLoader({ auth: false, config, backendsDir: join(directory.path, 'd'), ...more }, {});
  loader.load();
  return loader;
}

function reload(loader: ConfigLoader) {
  const { config, faults } = loader.reload();
  const told = (all: typeof faults) => all.map((fault) => formatFault(fault).replaceAll(`${directory.path}/`, ''));
  return { names: config.backends.map(({ name }) => name), config, faults: told(faults) };
}

test.each<[string, unknown, string]>([
  ['is not JSON', '{ "name": "s3cret', 'd/b.json: is not valid JSON'],
  ['is empty', '', 'd/b.json: is not valid JSON'],
  ['is larger than 1 MB', ' '.repeat(1024 * 1024 + 1), 'd/b.json: is larger than 1048576 bytes'],
  ['has an unknown field', backend('b', { comand: 1 }), 'd/b.json: comand: unknown field; did you mean "command"?'],
  ['needs a variable', backend('b', { cwd: '${NOPE}' }), 'd/b.json: cwd: variable NOPE is not set'],
  ['uses a name twice', [backend('b'), backend('b')], 'd/b.json[1]: name: "b" is already the name of d/b.json[0]'],
  ['uses the name of another file', backend('a'), 'd/b.json: "a" is already the name of a backend in d/a.json'],
  ['uses a name of gateway.json', backend('own'), 'd/b.json: "own" is already the name of a backend in gateway.json'],
  ['is nested deeply', '['.repeat(5000) + ']'.repeat(5000), 'd/b.json: is nested more than 100 levels deep'],
])('a drop-in file that %s counts as it last could, and others are taken in', (_, content, fault) => {
  directory.write('d/a.json', backend('a'));
  directory.write('d/b.json', backend('b'));
  const loader = start({ backends: [backend('own')] });
  directory.write('d/b.json', content);
  directory.write('d/c.json', backend('c'));
  const { names, faults } = reload(loader);
  expect(names).toEqual(['own', 'a', 'b', 'c']);
  expect(faults).toEqual([expect.stringContaining(fault)]);
  expect(faults.join()).not.toContain('s3cret');
  directory.write('d/b.json', backend('b2'));
  expect(reload(loader)).toMatchObject({ names: ['own', 'a', 'b2', 'c'], faults: [] });
});

test('directories, links without an end and files nobody may read are told of, or left out', () => {
  directory.write('d/a.json', backend('a'));
  const loader = start();
  mkdirSync(join(directory.path, 'd/x.json'));
  symlinkSync('loop.json', join(directory.path, 'd/loop.json'));
  symlinkSync('.', join(directory.path, 'd/self.json'));
  expect(reload(loader)).toMatchObject({
    names: ['a'],
    faults: ['d/loop.json: cannot be read (ELOOP)', 'd/self.json: is not a file'],
  });
  rmSync(join(directory.path, 'd/a.json'));
  expect(reload(loader).names).toEqual([]);
});

test('a directory that is not there counts as it was', () => {
  directory.write('d/a.json', backend('a'));
  const loader = start();
  rmSync(join(directory.path, 'd'), { recursive: true });
  expect(reload(loader)).toMatchObject({ names: ['a'], faults: ['d: does not exist'] });
  mkdirSync(join(directory.path, 'd'));
  expect(reload(loader)).toMatchObject({ names: [], faults: [] });
});

test('gateway.json counts as a whole, and drop-in files go on beside it', () => {
  const loader = start({ page_size: 5, backends: [backend('own')] });
  directory.write('gateway.json', { page_size: 0, backends: [backend('other')] });
  directory.write('d/a.json', backend('a'));
  const { names, config, faults } = reload(loader);
  expect(names).toEqual(['own', 'a']);
  expect(config.page_size).toBe(5);
  expect(faults).toEqual(['page_size: expected a whole number from 1 to 10000, got 0']);
  rmSync(join(directory.path, 'gateway.json'));
  expect(reload(loader)).toMatchObject({ names: ['own', 'a'], faults: ['gateway.json: does not exist'] });
});

test('a name stays with the file that had it, and is free once that lets it go', () => {
  directory.write('d/b.json', backend('b'));
  const loader = start();
  directory.write('d/a.json', [backend('a'), backend('b')]);
  expect(reload(loader)).toMatchObject({
    names: ['b'],
    faults: ['d/a.json: "b" is already the name of a backend in d/b.json'],
  });
  directory.write('d/b.json', backend('c'));
  expect(reload(loader)).toMatchObject({ names: ['a', 'b', 'c'], faults: [] });
});

test('files that change places at once are taken in', () => {
  directory.write('d/a.json', backend('a'));
  directory.write('d/b.json', backend('b'));
  const loader = start();
  directory.write('d/a.json', backend('b'));
  directory.write('d/b.json', backend('a'));
  expect(reload(loader)).toMatchObject({ names: ['b', 'a'], faults: [] });
});

test('what does not fit together stays as it all was', () => {
  directory.write('d/a.json', backend('a'));
  const loader = start({ views: { v: { backends: ['a'] } } });
  rmSync(join(directory.path, 'd/a.json'));
  expect(reload(loader)).toMatchObject({
    names: ['a'],
    faults: ['views.v.backends: no backend is named "a"; there are none'],
  });
});

test('a file of a project that is half written counts as it was', () => {
  const project = join(directory.path, 'project');
  directory.write('project/.mcp.json', { mcpServers: { p: { command: 'x' } } });
  const loader = start({}, { scan: [project] });
  directory.write('project/.mcp.json', '{ "mcpServers": {');
  const faults = [expect.stringContaining('project/.mcp.json: is not valid JSON')];
  expect(reload(loader)).toMatchObject({ names: ['p'], faults });
  rmSync(project, { recursive: true });
  expect(reload(loader)).toMatchObject({ names: ['p'], faults: ['project: does not exist'] });
});

test('whatever happens to files, what is read in the end is what a start would read', () => {
  const names = ['a', 'b', 'c', 'd'];
  const file = fc.constantFrom('1.json', '2.json', '3.json');
  const good = fc
    .uniqueArray(fc.constantFrom(...names), { maxLength: 3 })
    .map((some) => some.map((name) => backend(name)));
  const edit = fc.record({ file, content: fc.oneof(good, fc.constantFrom('', '{', '[1]', null)) });
  const finalFiles = fc.uniqueArray(fc.constantFrom(...names), { maxLength: 4 });
  fc.assert(
    fc.property(fc.array(edit, { maxLength: 12 }), finalFiles, (edits, last) => {
      for (const name of ['1.json', '2.json', '3.json']) rmSync(join(directory.path, 'd', name), { force: true });
      const loader = start();
      for (const { file, content } of edits) {
        const path = join(directory.path, 'd', file);
        if (content === null) rmSync(path, { force: true });
        else directory.write(`d/${file}`, content);
        const { config } = loader.reload();
        const used = config.backends.map(({ name }) => name);
        expect(new Set(used).size).toBe(used.length);
      }
      // Good files in the end: one backend in each, whatever was kept of others before.
      ['1.json', '2.json', '3.json'].forEach((name, index) => {
        directory.write(`d/${name}`, last[index] === undefined ? [] : backend(last[index], { cwd: '/' }));
      });
      const { config, faults } = loader.reload();
      expect(faults).toEqual([]);
      const flags = {
        auth: false,
        config: join(directory.path, 'gateway.json'),
        backendsDir: join(directory.path, 'd'),
      };
      expect(config).toEqual(loadConfig(flags, {}).config);
    }),
    { numRuns: 150 },
  );
});

test('without permission to read, what could last be read stays', () => {
  if (process.getuid?.() === 0) return;
  directory.write('d/a.json', backend('a'));
  const loader = start();
  chmodSync(join(directory.path, 'd/a.json'), 0);
  expect(reload(loader)).toMatchObject({ names: ['a'], faults: ['d/a.json: cannot be read (EACCES)'] });
});
