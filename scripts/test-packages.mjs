// npm run test:packages: packs all three packages, installs them in empty projects with cdktf and with its fork cdktn, and does
// there what a user would: checks types, synthesizes, starts the gateway.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, setUp, step } from './setup.mjs';

const workspaces = ['provider-oci', 'gateway-runtime', 'lib'];
const manifest = (path) => JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8'));
const installed = (name) => manifest(join('node_modules', name)).version;

/** The ways to have `cdktf`. The fork has newer constructs, and providers that do not know it yet. */
const flavours = () => [
  { name: 'cdktf', cdktf: installed('cdktf'), constructs: installed('constructs'), overrides: {} },
  {
    name: 'cdktn',
    cdktf: 'npm:cdktn@0.24.0',
    constructs: '10.6.0',
    overrides: Object.fromEntries(
      ['@cdktf/provider-kubernetes', '@cdktf/provider-docker'].map((provider) => [provider, { cdktf: '$cdktf' }]),
    ),
  },
];

/** What is done in a project, by what it shows. */
const checks = {
  'types are right for CommonJS and for ES modules': checkTypes,
  'the example of README synthesizes as in the repository': checkStack,
  'ES modules find every name': checkModules,
  'errors point to the sources': checkSourceMaps,
  'the gateway starts and answers': checkGateway,
  'the command line draws the stack, and begins a project with the same packages': checkCommandLine,
};

/** @returns how many checks passed and failed; what failed is printed */
export async function testPackages() {
  const counts = { passed: 0, failed: 0 };
  const folder = mkdtempSync(join(tmpdir(), 'mcp-packages-'));
  try {
    const tarballs = await pack(folder);
    for (const flavour of flavours()) {
      const project = join(folder, flavour.name);
      await install(project, flavour, tarballs);
      for (const [title, check] of Object.entries(checks)) {
        const problem = await check(project).then(
          () => undefined,
          (error) => error,
        );
        counts[problem ? 'failed' : 'passed']++;
        if (problem) console.error(`packages with ${flavour.name}: not so: ${title}\n${problem.message}`);
      }
    }
  } catch (error) {
    counts.failed++;
    console.error(error.message);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return counts;
}

async function pack(folder) {
  for (const workspace of workspaces) {
    const args = ['pack', '--silent', '-w', workspace, '--pack-destination', folder];
    await step(`packing ${workspace}`, 'npm', args);
  }
  const files = readdirSync(folder);
  return Object.fromEntries(
    workspaces.map((workspace) => {
      const { name, version } = manifest(workspace);
      const file = `${name.replace(/^@/, '').replace('/', '-')}-${version}.tgz`;
      if (!files.includes(file)) throw new Error(`npm pack made no ${file}`);
      return [name, `file:../${file}`];
    }),
  );
}

async function install(project, { name, cdktf, constructs, overrides }, tarballs) {
  mkdirSync(project);
  const dependencies = {
    ...tarballs,
    cdktf,
    constructs,
    '@cdktf/provider-kubernetes': installed('@cdktf/provider-kubernetes'),
  };
  const document = { name: 'consumer', private: true, type: 'commonjs', dependencies, overrides };
  writeFileSync(join(project, 'package.json'), JSON.stringify(document, null, 2));
  cpSync(join(root, 'examples/minimal/main.ts'), join(project, 'main.ts'));
  writeFileSync(
    join(project, 'module.mts'),
    "import { McpServer } from 'cdktf-oci-mcp';\nimport { parseGatewayConfig } from 'oci-mcp-gateway/config';\nexport const all = [McpServer, parseGatewayConfig];\n",
  );
  // Types of the libraries are looked at, too, but for those that need what they do not bring.
  const compilerOptions = {
    target: 'es2022',
    module: 'nodenext',
    strict: true,
    skipLibCheck: true,
    types: [],
    outDir: 'out',
  };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['main.ts', 'module.mts'] }));
  const args = ['install', '--prefix', project, '--no-audit', '--no-fund', '--prefer-offline'];
  await step(`installing the packages with ${name}`, 'npm', args);
}

const compiler = join(root, 'node_modules/.bin/tsc');

async function checkTypes(project) {
  await run(compiler, ['-p', project], project);
}

async function checkStack(project) {
  await run(process.execPath, ['out/main.js'], project);
  const made = JSON.parse(readFileSync(join(project, 'cdktf.out/stacks/minimal/cdk.tf.json'), 'utf8'));
  const reference = join(project, 'reference');
  const example = join(root, 'examples/minimal/main.ts');
  // The folder in which it runs is where the state would be.
  await run(join(root, 'node_modules/.bin/tsx'), [example], project, { CDKTF_OUTDIR: reference });
  const expected = JSON.parse(readFileSync(join(reference, 'stacks/minimal/cdk.tf.json'), 'utf8'));
  for (const document of [made, expected]) delete document['//'];
  const blocks = ({ resource }) => Object.values(resource).flatMap((kind) => Object.keys(kind)).length;
  if (blocks(made) === 0) throw new Error('the stack is empty');
  if (JSON.stringify(made) !== JSON.stringify(expected))
    throw new Error('the stack is another one than in the repository');
}

async function checkModules(project) {
  const script = `
    import { createRequire } from 'node:module';
    import * as found from 'cdktf-oci-mcp';
    const missing = Object.keys(createRequire(import.meta.url)('cdktf-oci-mcp')).filter((name) => !(name in found));
    if (missing.length > 0) throw new Error('an ES module cannot import ' + missing);
    for (const room of ['config', 'clients']) await import('oci-mcp-gateway/' + room);`;
  writeFileSync(join(project, 'names.mjs'), script);
  await run(process.execPath, ['names.mjs'], project);
}

async function checkSourceMaps(project) {
  const script = `
    const { McpServerSource } = require('cdktf-oci-mcp');
    try { McpServerSource.image(undefined); } catch (error) { console.log(error.stack); }`;
  writeFileSync(join(project, 'fails.cjs'), script);
  const stack = await run(process.execPath, ['--enable-source-maps', 'fails.cjs'], project);
  if (!/cdktf-oci-mcp\/\S+\.ts:\d+/.test(stack)) throw new Error(`no source is named in\n${stack}`);
}

async function checkGateway(project) {
  const program = join(project, 'node_modules/.bin/oci-mcp-gateway');
  const gateway = spawn(program, ['--host', '127.0.0.1', '--port', '0', '--no-auth'], { cwd: project });
  try {
    const port = await new Promise((resolve, reject) => {
      let output = '';
      for (const stream of [gateway.stdout, gateway.stderr]) {
        stream.on('data', (text) => {
          output += text;
          const [, found] = /"port":(\d+)/.exec(output) ?? [];
          if (found) resolve(found);
        });
      }
      gateway.once('exit', () => reject(new Error(`it ended: ${output}`)));
    });
    const { status } = await fetch(`http://127.0.0.1:${port}/health`);
    if (status !== 200) throw new Error(`it answered with ${status}`);
  } finally {
    gateway.kill();
  }
}

async function checkCommandLine(project) {
  const program = join(project, 'node_modules/.bin/cdktf-oci-mcp');
  const picture = await run(program, ['diagram', 'cdktf.out'], project);
  if (!picture.includes('minimal/Gateway')) throw new Error(`the gateway is not in\n${picture}`);
  await run(program, ['init', '--template', 'platform', 'begun'], project);
  const begun = (path) => readFileSync(join(project, 'begun', path), 'utf8');
  const { dependencies } = JSON.parse(begun('package.json'));
  const expected = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')).dependencies;
  for (const workspace of workspaces) {
    const { name } = manifest(workspace);
    if (dependencies[name] !== expected[name].replace('file:', 'file:../')) {
      throw new Error(`${name} would come from ${dependencies[name]}`);
    }
  }
  // npm leaves files out by their names.
  for (const file of ['.gitignore', '.github/workflows/platform.yml', 'servers/convert/package-lock.json']) begun(file);
}

async function run(command, args, cwd, env = {}) {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => {
      output += text;
    });
  }
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(output);
  return output;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await setUp();
  const { passed, failed } = await testPackages();
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}
