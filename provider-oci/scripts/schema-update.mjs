import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { PACKAGE_DIR, readPackage, schemaFile } from './package-info.mjs';
import { compareSchemas, normalizeSchema, packSchema, providerVersion, readSchema, UsageError } from './schema.mjs';
import { subsetFaults } from './subset.mjs';

const USAGE = `Usage: npm run schema:update -w provider-oci -- FILE [--provider-version X.Y.Z] [--package DIR]
  FILE                output of: terraform providers schema -json
  --provider-version  version of oracle/oci; needed where the file does not carry it
                      (terraform version -json lists it under provider_selections)
  --package           folder with the package.json and schema/ to update; default: this package`;

function main() {
  const { file, version: givenVersion, dir } = readArguments();
  const document = readDocument(file);
  const after = normalizeSchema(document);
  const version = givenVersion ?? providerVersion(document);
  if (!/^\d+\.\d+\.\d+$/.test(version ?? '')) {
    const problem = version
      ? `"${version}" is not a version such as 8.28.0`
      : `${file} does not say which version it is of`;
    throw new UsageError(`${problem}; pass --provider-version X.Y.Z`);
  }

  const manifest = readPackage(dir);
  const previous = manifest.cdktf.provider.version;
  const previousFile = schemaFile(previous, dir);
  const before = existsSync(previousFile) ? normalizeSchema(readSchema(previousFile)) : undefined;

  mkdirSync(`${dir}/schema`, { recursive: true });
  writeFileSync(schemaFile(version, dir), packSchema(after));
  if (version !== previous) rmSync(previousFile, { force: true });
  manifest.version = version;
  manifest.cdktf.provider.version = version;
  writeFileSync(`${dir}/package.json`, `${JSON.stringify(manifest, null, 2)}\n`);

  console.log(`oracle/oci ${previous} -> ${version}; stacks will require oracle/oci >= ${version}`);
  if (before) report(compareSchemas(before, after));
  reportSubset(dir, after);
  console.log('next: npm install (the lock file names the version), npm run build -w provider-oci, npm test');
}

function readArguments() {
  let parsed;
  try {
    parsed = parseArgs({
      options: { 'provider-version': { type: 'string' }, package: { type: 'string' } },
      allowPositionals: true,
    });
  } catch (error) {
    throw new UsageError(`${error.message}\n${USAGE}`);
  }
  const { values, positionals } = parsed;
  if (positionals.length !== 1) throw new UsageError(`expected one FILE, got ${positionals.length}\n${USAGE}`);
  // npm runs a workspace's script in the workspace; the path was typed somewhere else.
  const file = resolve(process.env.INIT_CWD ?? '.', positionals[0]);
  return { file, version: values['provider-version'], dir: resolve(values.package ?? PACKAGE_DIR) };
}

function readDocument(file) {
  if (!existsSync(file)) throw new UsageError(`${file} does not exist`);
  const text = readFileSync(file, 'utf8');
  if (text.trim() === '') {
    throw new UsageError(`${file} is empty; run: terraform providers schema -json > ${file}`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(
      `${file} is not JSON (${error.message}); pass the output of: terraform providers schema -json`,
    );
  }
}

function report({ added, removed, changed }) {
  for (const [title, names] of Object.entries({ added, removed, changed })) {
    console.log(`${title}: ${names.length}`);
    for (const name of names) console.log(`  ${name}`);
  }
}

/** Names of the subset that the new version does not have: the build would refuse them, so say it now. */
function reportSubset(dir, document) {
  const file = `${dir}/subset.json`;
  if (!existsSync(file)) return;
  const faults = subsetFaults(document, JSON.parse(readFileSync(file, 'utf8')));
  if (faults.length > 0) console.log(`subset.json must be changed before the next build:\n  ${faults.join('\n  ')}`);
}

try {
  main();
} catch (error) {
  console.error(error instanceof UsageError ? `schema:update: ${error.message}` : error);
  process.exitCode = 1;
}
