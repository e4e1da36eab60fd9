// npm run docs: makes the documentation site in site/, of README, of the pages in docs/ and of the docstrings. It needs no server:
// open site/index.html.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root, setUp, step } from './setup.mjs';

const folder = join(root, 'docs', 'site');

try {
  await setUp();
  if (!existsSync(join(folder, 'node_modules', 'typedoc'))) {
    await step('installing what makes the site', 'npm', ['ci', '--prefix', folder, '--no-fund', '--no-audit']);
  }
  const typedoc = join(folder, 'node_modules', '.bin', 'typedoc');
  await step('making site/', typedoc, ['--options', join(folder, 'typedoc.json'), '--logLevel', 'Warn']);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
