import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigLoader, type ReloadedConfig } from '../../../gateway-runtime/src/loading/config-loader.js';
import { createLogger } from '../../../gateway-runtime/src/observability/logger.js';
import { Reloader, type ReloaderOptions } from '../../../gateway-runtime/src/reload/reloader.js';
import { makeDirectory, type TestDirectory } from '../../helpers/gateway-directory.js';
import { until } from '../../helpers/gateway-instance.js';

let directory: TestDirectory;
let reloader: Reloader;
const applied: ReloadedConfig[] = [];
const logger = createLogger({ name: 'test', log_level: 'ERROR' }, { write: (line) => process.stderr.write(line) });

beforeEach(() => {
  directory = makeDirectory();
  applied.length = 0;
});
afterEach(() => {
  reloader.close();
  directory.remove();
});

const server = (name: string) => ({ mcpServers: { [name]: { command: 'x' } } });
const names = () => applied.at(-1)?.config.backends.map(({ name }) => name);

/** Follows a directory of drop-in files and a tree of projects. */
async function follow(options: Partial<ReloaderOptions> = {}): Promise<void> {
  for (const name of ['d', 'tree']) mkdirSync(join(directory.path, name));
  const flags = { auth: false, backendsDir: join(directory.path, 'd'), scan: [join(directory.path, 'tree')] };
  const loader = new ConfigLoader(flags, {});
  loader.load();
  reloader = new Reloader({ loader, logger, apply: (reloaded) => void applied.push(reloaded), ...options });
  reloader.watch();
}

test('where a file system tells of nothing, changes are found by looking, and nothing else is applied', async () => {
  await follow({ isNotified: false, pollMs: 20 });
  await until(() => applied.length === 1, 'the first look');
  directory.write('d/a.json', { name: 'a', command: 'x' });
  await until(() => names()?.includes('a') === true, 'the file');
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(applied).toHaveLength(2);
});

test('a project that comes later is found in a tree, at any level, and its end is seen', async () => {
  await follow();
  await until(() => applied.length === 1, 'the first look');
  directory.write('tree/one/two/.vscode/mcp.json', server('nested'));
  await until(() => names()?.includes('nested') === true, 'the project');
  directory.write('tree/one/.mcp.json', server('upper'));
  await until(() => names()?.join() === 'upper,nested', 'the other project');
  rmSync(join(directory.path, 'tree/one/two'), { recursive: true });
  await until(() => names()?.join() === 'upper', 'its end');
});

test('what does not matter is not looked at, and many changes are one', async () => {
  await follow();
  await until(() => applied.length === 1, 'the first look');
  for (let n = 0; n < 50; n++) {
    directory.write(`tree/${n}.txt`, '');
    directory.write(`d/.hidden-${n}`, '');
  }
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(applied).toHaveLength(1);
  for (let n = 0; n < 50; n++) directory.write('d/a.json', { name: `a${n}`, command: 'x' });
  await until(() => names()?.join() === 'a49', 'the last of them');
  expect(applied).toHaveLength(2);
});

test('changes without an end are read all the same', async () => {
  await follow();
  await until(() => applied.length === 1, 'the first look');
  let round = 0;
  const writing = setInterval(() => directory.write('d/a.json', { name: `a${round++}`, command: 'x' }), 20);
  await until(() => applied.length > 1, 'a look in between').finally(() => clearInterval(writing));
});
