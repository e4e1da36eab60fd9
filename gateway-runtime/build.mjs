/** Builds dist/: the configuration schema for importers (ESM, CommonJS, types) and the gateway as one file. */
import { execFile } from 'node:child_process';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const root = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const common = { absWorkingDir: root, bundle: true, platform: 'node', target: 'node20', logLevel: 'error' };

async function buildConfig(format, extension) {
  const outfile = `dist/config/index.${extension}`;
  await build({ ...common, entryPoints: ['src/config/index.ts'], outfile, format, external: ['zod'] });
}

async function buildTypes() {
  const compiler = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');
  await promisify(execFile)(process.execPath, [compiler, '-p', 'tsconfig.config.json'], { cwd: root }).catch(
    (error) => {
      throw new Error(error.stdout || error.message);
    },
  );
  // CommonJS importers need declarations that are CommonJS themselves.
  for (const file of await readdir(join(root, 'dist'), { recursive: true })) {
    if (!file.endsWith('.d.ts')) continue;
    const declarations = await readFile(join(root, 'dist', file), 'utf8');
    const commonJs = declarations
      .replace(/(from '\.[^']*)\.js'/g, "$1.cjs'")
      .replace(/(from "\.[^"]*)\.js"/g, '$1.cjs"');
    await writeFile(join(root, 'dist', file.replace(/\.d\.ts$/, '.d.cts')), commonJs);
  }
}

try {
  await rm(join(root, 'dist'), { recursive: true, force: true });
  await Promise.all([buildConfig('esm', 'js'), buildConfig('cjs', 'cjs'), buildTypes()]);
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
