import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compileBindings } from './compile.mjs';
import { generateBindings } from './generate.mjs';
import { PACKAGE_DIR, readPackage, schemaFile } from './package-info.mjs';
import { progress } from './progress.mjs';
import { ociSchema, readSchema, UsageError } from './schema.mjs';
import { selectSubset } from './subset.mjs';

const USAGE = `Usage: node scripts/build.mjs [--all] [--force]
  --all    every resource and data source of the provider, not only those in subset.json
  --force  build even when lib/ is up to date`;

const LIB = join(PACKAGE_DIR, 'lib');
const STAMP = join(LIB, '.build.json');

async function main() {
  const { all, force } = readArguments();
  const version = readPackage().cdktf.provider.version;
  const inputs = { subset: fingerprint(version, true), all: fingerprint(version, false) };
  const built = existsSync(STAMP) ? JSON.parse(readFileSync(STAMP, 'utf8')) : {};

  // The complete package holds the subset too, so it also satisfies a plain build.
  if (!force && (built.all === inputs.all || (!all && built.subset === inputs.subset))) {
    console.log(`@cdktf/provider-oci: lib/ is up to date (${built.summary}); --force builds it again`);
    return;
  }

  const start = Date.now();
  const document = readSchema(schemaFile(version));
  const subset = JSON.parse(readFileSync(join(PACKAGE_DIR, 'subset.json'), 'utf8'));
  const selected = selectSubset(document, subset);
  const schema = all ? ociSchema(document) : selected;
  const counts =
    `${Object.keys(schema.resource_schemas).length} resources, ` +
    `${Object.keys(schema.data_source_schemas).length} data sources`;
  console.log(`@cdktf/provider-oci: ${all ? 'complete package' : 'subset'} of oracle/oci ${version}, ${counts}`);

  const src = join(PACKAGE_DIR, 'src');
  mkdirSync(src, { recursive: true });
  const work = mkdtempSync(join(src, 'build-'));
  try {
    const generated = await generateBindings({ schema, version, outDir: work, onProgress: progress('generating') });
    const outDir = join(work, 'lib');
    await compileBindings({
      rootDir: generated.root,
      folders: generated.folders,
      outDir,
      onProgress: progress('compiling'),
    });
    writeFileSync(
      join(outDir, '.build.json'),
      JSON.stringify({ [all ? 'all' : 'subset']: inputs[all ? 'all' : 'subset'], summary: counts }),
    );
    rmSync(LIB, { recursive: true, force: true });
    renameSync(outDir, LIB);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  const seconds = ((Date.now() - start) / 1000).toFixed(1);
  console.log(`@cdktf/provider-oci: ${counts}, ${seconds} s, ${megabytes(LIB)} MB in lib/`);
}

function readArguments() {
  try {
    return parseArgs({ options: { all: { type: 'boolean' }, force: { type: 'boolean' } } }).values;
  } catch (error) {
    throw new UsageError(`${error.message}\n${USAGE}`);
  }
}

/** Hash over everything that decides what is in `lib/`. */
function fingerprint(version, withSubset) {
  const hash = createHash('sha256');
  const require = createRequire(import.meta.url);
  for (const name of ['@cdktf/provider-generator', 'typescript']) {
    hash.update(`${name}@${require(`${name}/package.json`).version}\n`);
  }
  const files = [
    schemaFile(version),
    ...(withSubset ? [join(PACKAGE_DIR, 'subset.json')] : []),
    ...['generate.mjs', 'compile.mjs', 'subset.mjs', 'schema.mjs'].map((name) => join(PACKAGE_DIR, 'scripts', name)),
    ...filesUnder(join(PACKAGE_DIR, 'runtime')),
  ];
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest('hex');
}

function filesUnder(dir) {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function megabytes(dir) {
  const bytes = filesUnder(dir).reduce((sum, file) => sum + readFileSync(file).length, 0);
  return (bytes / 1e6).toFixed(1);
}

main().catch((error) => {
  console.error(error instanceof UsageError ? `provider-oci: ${error.message}` : error);
  process.exitCode = 1;
});
