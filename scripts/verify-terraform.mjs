// Runs real Terraform on every example, and on what `cdktf-oci-mcp init` begins: init and validate, and where a stand-in for OCI is at hand, a whole life cycle.
import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

const USAGE = `Usage: npm run verify:terraform [-- EXAMPLE...]

  EXAMPLE   folder of an example, such as examples/quickstart (default: every folder of examples/ with a main.ts, and a project of every template of the command line)

Environment:
  MIRROR    provider filesystem mirror that holds oracle/oci, used instead of the CLI configuration
  FAKE_OCI  run.sh of a stand-in for OCI; with MIRROR, each stack with OCI alone is applied, planned again and destroyed

Exits with 1 when a stack fails; a stack that could not be run is named, but is no failure.`;

/** What Terraform says when it cannot obtain a provider, as opposed to not liking the configuration. */
const NO_PROVIDER = /Failed to (query available provider packages|install provider)|registry\.terraform\.io: failed/;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const run = promisify(execFile);

async function main() {
  const { values, positionals } = readArguments();
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const work = mkdtempSync(join(tmpdir(), 'verify-terraform-'));
  try {
    const named = positionals.map((path) => resolve(path));
    const examples = named.length > 0 ? named : [...allExamples(), ...(await beginProjects(work))];
    const environment = terraformEnvironment(work);
    const version = await terraformVersion(environment);
    console.log(version ? `Terraform ${version}` : 'terraform is not installed (or not on PATH): NOTHING IS VALIDATED');
    const results = [];
    for (const example of examples) {
      for await (const result of verifyExample(example, { work, environment, version })) {
        results.push(result);
        const details = result.details ? `\n${result.details.trim().replace(/^/gm, '    ')}` : '';
        console.log(
          `${result.outcome.padEnd(9)}  ${result.name}${result.reason ? `: ${result.reason}` : ''}${details}`,
        );
      }
    }
    const count = (outcome) => results.filter((result) => result.outcome === outcome).length;
    console.log(`${count('validated')} validated, ${count('NOT RUN')} not run, ${count('FAILED')} failed`);
    if (count('FAILED') > 0) process.exitCode = 1;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** @throws Error that says which argument is wrong and how the script is used */
function readArguments() {
  try {
    const parsed = parseArgs({ options: { help: { type: 'boolean', short: 'h' } }, allowPositionals: true });
    const missing = parsed.positionals.filter((path) => !existsSync(join(path, 'main.ts')));
    if (missing.length > 0) throw new Error(`${missing.join(', ')}: no folder with a main.ts`);
    return parsed;
  } catch (error) {
    throw new Error(`${error.message}\n\n${USAGE}`);
  }
}

function allExamples() {
  const folder = join(root, 'examples');
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((path) => existsSync(join(path, 'main.ts')))
    .sort();
}

/** A project of each template of the command line, with the packages of the repository. */
async function beginProjects(work) {
  const templates = join(root, 'lib', 'templates', 'init');
  const names = readdirSync(templates).filter((name) => existsSync(join(templates, name, 'main.ts')));
  const cli = join(root, 'lib', 'dist', 'cli', 'main.js');
  return Promise.all(
    names.sort().map(async (name) => {
      const project = join(work, 'projects', `template-${name}`);
      await run(process.execPath, [cli, 'init', '--template', name, project]);
      symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'));
      return project;
    }),
  );
}

/** One result for each stack: `{ name, outcome, reason?, details? }`. */
async function* verifyExample(example, { work, environment, version }) {
  const story = basename(example);
  const outDir = join(work, story);
  try {
    await synthesize(example, outDir);
  } catch (error) {
    yield { name: story, outcome: 'FAILED', reason: 'it does not synthesize', details: output(error) };
    return;
  }
  for (const stack of readdirSync(join(outDir, 'stacks')).sort()) {
    const dir = join(outDir, 'stacks', stack);
    const name = `${story}/${stack}`;
    if (!version) yield { name, outcome: 'NOT RUN', reason: 'terraform is not installed' };
    else yield { name, ...(await verifyStack(dir, environment)) };
  }
}

async function synthesize(example, outDir) {
  const tsx = createRequire(import.meta.url).resolve('tsx/cli');
  const env = { ...process.env, CDKTF_OUTDIR: outDir, CHECKPOINT_DISABLE: '1' };
  // A project names the folders of its servers from where it is.
  const cwd = existsSync(join(example, 'node_modules')) ? example : root;
  await run(process.execPath, [tsx, join(example, 'main.ts')], { cwd, env });
}

async function verifyStack(dir, environment) {
  const terraform = (...args) => run('terraform', args, { cwd: dir, env: environment, maxBuffer: 64 * 2 ** 20 });
  try {
    await terraform('init', '-backend=false', '-input=false', '-no-color');
  } catch (error) {
    const details = output(error);
    if (!NO_PROVIDER.test(details)) return { outcome: 'FAILED', reason: 'terraform init', details };
    const providers = [...new Set(details.match(/(?<=for\s+provider\s+)[\w.-]+(?:\/[\w.-]+)+/g))].join(', ');
    return { outcome: 'NOT RUN', reason: `this machine's Terraform cannot get ${providers || 'a provider'}` };
  }
  try {
    await terraform('validate', '-no-color');
  } catch (error) {
    return { outcome: 'FAILED', reason: 'terraform validate', details: output(error) };
  }
  return { outcome: 'validated', ...(await liveCycle(dir)) };
}

/** Applies, plans again and destroys against the stand-in for OCI, where there is one. */
async function liveCycle(dir) {
  const { MIRROR, FAKE_OCI } = process.env;
  if (!MIRROR || !FAKE_OCI) return {};
  const { terraform, variable = {} } = JSON.parse(readFileSync(join(dir, 'cdk.tf.json'), 'utf8'));
  const others = Object.keys(terraform.required_providers).filter((name) => name !== 'oci');
  if (others.length > 0) return { reason: `not applied, it also needs ${others.join(', ')}` };
  const stack = join(dir, 'live', 'stack');
  mkdirSync(stack, { recursive: true });
  // Not what `terraform init` left there.
  for (const name of ['cdk.tf.json', 'assets']) {
    if (existsSync(join(dir, name))) cpSync(join(dir, name), join(stack, name), { recursive: true });
  }
  const env = { ...process.env, ...placeholders(variable), WORK: join(dir, 'live', 'work') };
  try {
    await run('bash', [FAKE_OCI, stack, 'cycle'], { env, maxBuffer: 64 * 2 ** 20 });
    return { reason: 'applied, planned again without changes, destroyed' };
  } catch (error) {
    return { outcome: 'FAILED', reason: 'apply, plan again, destroy', details: output(error) };
  }
}

/** Values for variables that have none; the stand-in overrides those it knows better, such as the compartment. */
function placeholders(variables) {
  return Object.fromEntries(
    Object.entries(variables)
      .filter(([, { type, default: value }]) => type === 'string' && value === undefined)
      .map(([name]) => [`TF_VAR_${name}`, placeholder(name)]),
  );
}

function placeholder(name) {
  if (name.endsWith('_url')) return 'https://placeholder.example';
  if (!name.endsWith('_id')) return 'placeholder';
  return `ocid1.${name.slice(0, -'_id'.length).replaceAll('_', '')}.oc1..placeholder`;
}

/** The user's environment; with MIRROR, also a CLI configuration: what the mirror has from there, the rest as usual. */
function terraformEnvironment(work) {
  const environment = { ...process.env, CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' };
  const { MIRROR } = process.env;
  if (!MIRROR) return environment;
  const mirrored = readdirSync(MIRROR).flatMap((host) =>
    readdirSync(join(MIRROR, host)).flatMap((namespace) =>
      readdirSync(join(MIRROR, host, namespace)).map((type) => `${host}/${namespace}/${type}`),
    ),
  );
  const list = JSON.stringify(mirrored);
  const file = join(work, 'terraform.rc');
  writeFileSync(
    file,
    `provider_installation {
  filesystem_mirror {
    path    = ${JSON.stringify(resolve(MIRROR))}
    include = ${list}
  }
  direct {
    exclude = ${list}
  }
}
`,
  );
  return { ...environment, TF_CLI_CONFIG_FILE: file };
}

async function terraformVersion(env) {
  try {
    return JSON.parse((await run('terraform', ['version', '-json'], { env })).stdout).terraform_version;
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function output({ stdout = '', stderr = '', message }) {
  return `${stdout}${stderr}`.trim() || message;
}

await main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
