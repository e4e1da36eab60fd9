import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { devNull } from 'node:os';
import { join } from 'node:path';
import { PROVIDER_ADDRESS } from './schema.mjs';

/** Folder with hand-written TypeScript that generated code refers to. */
export const RUNTIME = new URL('../runtime/', import.meta.url);

/**
 * Writes the TypeScript source of the bindings: one folder for each block, and `provider`.
 *
 * @param {object} options
 * @param {object} options.schema `provider`, `resource_schemas` and `data_source_schemas`
 * @param {string} options.version lowest provider version that stacks may use
 * @param {string} options.outDir an existing, empty folder
 * @param {(done: number, total: number) => void} options.onProgress
 * @returns the folders written, sorted
 */
export async function generateBindings({ schema, version, outDir, onProgress }) {
  const { TerraformProviderGenerator, CodeMaker } = loadGenerator();
  const constraint = { isModule: false, name: 'oci', source: 'oracle/oci', version: `>= ${version}` };
  const parts = [
    ...named(schema.resource_schemas).map((resource_schemas) => ({ resource_schemas })),
    ...named(schema.data_source_schemas).map((data_source_schemas) => ({ data_source_schemas })),
    { provider: schema.provider },
  ];

  // One generator for each block: a shared one numbers class names by what came before, and then a class
  // would be called differently in the subset and in the complete package.
  for (const [index, part] of parts.entries()) {
    const code = new CodeMaker();
    const generator = new TerraformProviderGenerator(code, { provider_schemas: { [PROVIDER_ADDRESS]: part } });
    generator.generate(constraint);
    code.exclude('providers/oci/index.ts');
    code.exclude('providers/oci/lazy-index.ts');
    await generator.save(outDir);
    onProgress(index + 1, parts.length);
  }

  const root = join(outDir, 'providers', 'oci');
  const folders = readdirSync(root).sort();
  for (const folder of folders) completeReferences(join(root, folder));
  cpSync(RUNTIME, root, { recursive: true });
  return { root, folders: readdirSync(root).sort() };
}

/**
 * A map of maps has no accessor class in cdktf, although the generator refers to `cdktf.StringMapMap`. The
 * reference is led to the class in `runtime/`.
 */
function completeReferences(folder) {
  for (const file of readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.ts'))) {
    const path = join(folder, file);
    const text = readFileSync(path, 'utf8');
    if (!text.includes('cdktf.StringMapMap')) continue;
    const up = '../'.repeat(file.split(/[\\/]/).length);
    writeFileSync(
      path,
      `import { StringMapMap } from '${up}string-map-map';\n${text.replaceAll('cdktf.StringMapMap', 'StringMapMap')}`,
    );
  }
}

function named(schemas) {
  return Object.entries(schemas).map(([name, block]) => ({ [name]: block }));
}

/**
 * Loading the generator makes it ask the local Terraform for its version. The answer does not matter here, and
 * neither do complaints about the user's CLI configuration.
 */
function loadGenerator() {
  process.env.CHECKPOINT_DISABLE ??= '1';
  process.env.TF_CLI_CONFIG_FILE = devNull;
  return createRequire(import.meta.url)('@cdktf/provider-generator');
}
