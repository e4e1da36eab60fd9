import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compileBindings } from './compile.mjs';
import { generateBindings, RUNTIME } from './generate.mjs';
import { PACKAGE_DIR, readPackage, schemaFile } from './package-info.mjs';
import { progress } from './progress.mjs';
import { ociSchema, readSchema, UsageError } from './schema.mjs';
import { selectSubset } from './subset.mjs';

const USAGE = `Usage: npm run build -w provider-oci [-- --all] [-- --force]
  --all          every resource and data source of the provider, not only those in subset.json
  --force        build even when lib/ is up to date
  --package DIR  folder with package.json, subset.json and schema/ to build in; default: this package`;

async function main() {
  const { all, force, dir } = readArguments();
  const lib = join(dir, 'lib');
  const stamp = join(lib, '.build.json');
  const version = readPackage(dir).cdktf.provider.version;
  const inputs = { subset: fingerprint(dir, version, true), all: fingerprint(dir, version, false) };
  const built = existsSync(stamp) ? JSON.parse(readFileSync(stamp, 'utf8')) : {};

  const start = Date.now();
  const document = readSchema(schemaFile(version, dir));
  const selected = selectSubset(document, JSON.parse(readFileSync(join(dir, 'subset.json'), 'utf8')));

  // The complete package holds the subset too, so it also satisfies a plain build.
  if (!force && (built.all === inputs.all || (!all && built.subset === inputs.subset))) {
    console.log(`@cdktf/provider-oci: lib/ is up to date (${built.summary}); --force builds it again`);
    return;
  }

  const schema = all ? ociSchema(document) : selected;
  const summary = `${count(schema.resource_schemas)} resources, ${count(schema.data_source_schemas)} data sources`;
  console.log(`@cdktf/provider-oci: ${all ? 'complete package' : 'subset'} of oracle/oci ${version}, ${summary}`);

  // Built beside lib/ and moved at the end: a failed build leaves the old bindings in place.
  mkdirSync(join(dir, 'src'), { recursive: true });
  const work = mkdtempSync(join(dir, 'src', 'build-'));
  try {
    const { root, folders } = await generateBindings({
      schema,
      version,
      outDir: work,
      onProgress: progress('generating'),
    });
    const outDir = join(work, 'lib');
    await compileBindings({ rootDir: root, folders, outDir, onProgress: progress('compiling') });
    const mode = all ? 'all' : 'subset';
    writeFileSync(join(outDir, '.build.json'), JSON.stringify({ [mode]: inputs[mode], summary }));
    rmSync(lib, { recursive: true, force: true });
    renameSync(outDir, lib);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  const seconds = ((Date.now() - start) / 1000).toFixed(1);
  console.log(`@cdktf/provider-oci: ${summary}, ${seconds} s, ${megabytes(lib)} MB in lib/`);
}

function readArguments() {
  try {
    const options = { all: { type: 'boolean' }, force: { type: 'boolean' }, package: { type: 'string' } };
    const { all = false, force = false, package: dir = PACKAGE_DIR } = parseArgs({ options }).values;
    return { all, force, dir: resolve(dir) };
  } catch (error) {
    throw new UsageError(`${error.message}\n${USAGE}`);
  }
}

/** Hash over everything that decides what is in `lib/`. */
function fingerprint(dir, version, withSubset) {
  const hash = createHash('sha256');
  const require = createRequire(import.meta.url);
  for (const name of ['@cdktf/provider-generator', 'typescript']) {
    hash.update(`${name}@${require(`${name}/package.json`).version}\n`);
  }
  const files = [
    schemaFile(version, dir),
    ...(withSubset ? [join(dir, 'subset.json')] : []),
    ...['generate.mjs', 'compile.mjs', 'schema.mjs'].map((name) => join(PACKAGE_DIR, 'scripts', name)),
    ...filesUnder(fileURLToPath(RUNTIME)),
  ];
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest('hex');
}

function filesUnder(dir) {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

function count(schemas) {
  return Object.keys(schemas).length;
}

function megabytes(dir) {
  const bytes = filesUnder(dir).reduce((sum, file) => sum + statSync(file).size, 0);
  return (bytes / 1e6).toFixed(1);
}

main().catch((error) => {
  console.error(error instanceof UsageError ? `provider-oci: ${error.message}` : error);
  process.exitCode = 1;
});
