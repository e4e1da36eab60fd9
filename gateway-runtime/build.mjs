/**
 * Builds dist/: the gateway with everything it needs, and for importers (ESM, CommonJS, types) the configuration schema and
 * what clients are told.
 * With --program only the first, which is all an image needs.
 */
import { execFile } from 'node:child_process';
import { chmod, copyFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const root = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const isProgramOnly = process.argv.includes('--program');
const common = { absWorkingDir: root, bundle: true, platform: 'node', target: 'node20', logLevel: 'error' };

/** Rooms that others import. */
const exported = ['config', 'clients'];

async function buildExported(format, extension) {
  const entryPoints = exported.map((room) => `src/${room}/index.ts`);
  const outExtension = { '.js': extension };
  const where = { entryPoints, outdir: 'dist', outbase: 'src', outExtension };
  await build({ ...common, ...where, format, external: ['zod'], sourcemap: true });
}

/**
 * What the gateway uses of undici. The whole of it comes with fetch, caches, proxies and mocks, which nobody here asks for: without
 * them there are 400 kB less to read at each start, and 3 MB less in memory.
 */
const requestsOnly = {
  name: 'undici, requests only',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^undici$/ }, ({ path }) => ({ path, namespace: 'requests-only' }));
    onLoad({ filter: /.*/, namespace: 'requests-only' }, () => ({ resolveDir: root, contents: usedOfUndici }));
  },
};

const usedOfUndici = `
  const { getGlobalDispatcher } = require('undici/lib/global');
  Object.assign(require('undici/lib/dispatcher/dispatcher').prototype, require('undici/lib/api'));
  exports.Pool = require('undici/lib/dispatcher/pool');
  exports.request = (url, options) => {
    const { origin, pathname, search } = new URL(url);
    return getGlobalDispatcher().request({ ...options, method: options.method ?? 'GET', origin, path: pathname + search });
  };
`;

/**
 * Everything the gateway needs, so that its image needs no node_modules: main.js, and chunks/ with what only some
 * configurations ask for, which no other start has to read.
 */
async function buildMain() {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  // Bundled CommonJS packages ask for Node's own modules through `require`, which ES modules lack.
  const banner = [
    '#!/usr/bin/env node',
    "import { createRequire as gatewayRequire } from 'node:module';",
    'const require = gatewayRequire(import.meta.url);',
  ];
  await build({
    ...common,
    entryPoints: ['src/main.ts'],
    outdir: 'dist',
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    format: 'esm',
    banner: { js: banner.join('\n') },
    define: { GATEWAY_VERSION: JSON.stringify(version) },
    plugins: [requestsOnly],
    // node-fetch wants it only where Node has no URL of its own, and it would load a module that Node warns about.
    // The OCI SDK calls what it requires, which only the CommonJS file of node-fetch lets it do.
    alias: { 'whatwg-url': 'node:url', 'node-fetch': 'node-fetch/lib/index.js' },
    // The OCI SDK tells of its retries on stdout, which belongs to the log.
    drop: ['console'],
    // Of a package that is there as ES modules too, only what is used comes along: a third of a megabyte less to read.
    mainFields: ['module', 'main'],
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    // An image has no use for them.
    sourcemap: !isProgramOnly,
  });
  await chmod(join(root, 'dist/main.js'), 0o755);
}

/** The page by which operators look in. */
async function buildConsole() {
  const outfile = 'dist/console/app.js';
  const browser = { platform: 'browser', target: 'es2022', format: 'esm', minify: true };
  await build({ ...common, ...browser, entryPoints: ['console/app.ts'], outfile, sourcemap: !isProgramOnly });
  for (const file of ['index.html', 'style.css']) {
    await copyFile(join(root, 'console', file), join(root, 'dist/console', file));
  }
}

/** Nothing is written: the page has types of its own. */
const checkConsole = () => compile('tsconfig.console.json');

async function buildTypes() {
  await compile('tsconfig.exports.json');
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

async function compile(project) {
  const compiler = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');
  await promisify(execFile)(process.execPath, [compiler, '-p', project], { cwd: root }).catch((error) => {
    throw new Error(error.stdout || error.message);
  });
}

try {
  // What an earlier build left would be shipped, too.
  await rm(join(root, 'dist'), { recursive: true, force: true });
  const forImporters = () => [buildExported('esm', '.js'), buildExported('cjs', '.cjs'), buildTypes(), checkConsole()];
  await Promise.all([buildMain(), buildConsole(), ...(isProgramOnly ? [] : forImporters())]);
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
