import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../../helpers/imports';

const read = (path: string) => readFileSync(join(repository, path), 'utf8');
const lastStage = (dockerfile: string) =>
  read(dockerfile)
    .split('\nFROM ')
    .at(-1)
    ?.split('\n')
    .filter((line) => !line.startsWith('#')) ?? [];

describe.each([
  ['lib/templates/node-function/Dockerfile', ['node', 'func.mjs']],
  ['lib/templates/python-function/Dockerfile', ['fdk', 'func.py', 'handler']],
])('%s', (dockerfile, command) => {
  const instructionOf = (instruction: string) =>
    lastStage(dockerfile)
      .find((line) => line.startsWith(`${instruction} `))
      ?.slice(instruction.length + 1);

  test('starts what the tests of the adapters start', () => {
    expect(JSON.parse(instructionOf('ENTRYPOINT') ?? '')).toEqual(command);
    expect(instructionOf('WORKDIR')).toBe('/function');
  });

  test('runs as the user of the platform', () => {
    expect(instructionOf('USER')).toBe('1000:1000');
  });
});

test('the packages of the Node image are those that the tests use', () => {
  const { dependencies } = JSON.parse(read('lib/templates/node-function/package.json'));
  const { devDependencies } = JSON.parse(read('package.json'));
  for (const [name, version] of Object.entries(dependencies)) {
    expect({ name, version: devDependencies[name] }).toEqual({ name, version });
  }
});

test('the packages of the Python image are those that the tests use', () => {
  const tested = read('test/python/requirements-mcp-2.txt').split('\n');
  const installed = read('lib/templates/python-function/requirements.txt').trim().split('\n');
  expect(installed.filter((line) => !tested.includes(line))).toEqual([]);
});
