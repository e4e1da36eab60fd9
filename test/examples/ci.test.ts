import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } from '@actions/workflow-parser';
import { parse } from 'yaml';
import { z } from 'zod';
import { repository } from '../helpers/imports';
import { runCli } from '../lib/cli/library-cli';

const read = (path: string) => readFileSync(join(repository, path), 'utf8');
const workflowText = read('examples/ci/github-actions/platform.yml');
const buildText = read('examples/ci/oci-devops/build_spec.yaml');

interface Step {
  readonly name: string;
  readonly script: string;
}

/** https://docs.oracle.com/en-us/iaas/Content/devops/using/build_specs.htm */
const seconds = z.int().min(1).max(28_800);
const command = { type: z.literal('Command'), command: z.string(), timeoutInSeconds: seconds.optional() };
const buildSpecification = z.strictObject({
  version: z.literal(0.1),
  component: z.literal('build'),
  timeoutInSeconds: seconds.optional(),
  shell: z.enum(['bash', '/bin/sh']).optional(),
  failImmediatelyOnError: z.boolean().optional(),
  env: z
    .strictObject({
      variables: z.record(z.string().regex(/^[A-Za-z_]\w*$/), z.string()).optional(),
      vaultVariables: z.record(z.string(), z.string()).optional(),
      exportedVariables: z.array(z.string()).optional(),
    })
    .optional(),
  inputArtifacts: z.array(z.object({ name: z.string() })).optional(),
  steps: z
    .array(
      z.strictObject({
        ...command,
        name: z.string(),
        shell: z.string().optional(),
        failImmediatelyOnError: z.boolean().optional(),
        onFailure: z.array(z.strictObject(command)).optional(),
      }),
    )
    .min(1),
  outputArtifacts: z
    .array(z.strictObject({ name: z.string(), type: z.enum(['BINARY', 'DOCKER_IMAGE']), location: z.string() }))
    .optional(),
});

function stepsOfWorkflow(): Step[] {
  const { jobs } = parse(workflowText) as { jobs: { [job: string]: { steps: { name?: string; run?: string }[] } } };
  const steps = Object.values(jobs).flatMap((job) => job.steps);
  return steps.flatMap(({ name = '', run }) => (run === undefined ? [] : [{ name, script: run }]));
}

function stepsOfBuild(): Step[] {
  // Tools are fetched from the internet; here they are there.
  return buildSpecification
    .parse(parse(buildText))
    .steps.filter(({ name }) => name !== 'Tools')
    .map(({ name, command: script }) => ({ name, script }));
}

test('GitHub takes the workflow', async () => {
  const trace = new NoOperationTraceWriter();
  const { context, value } = parseWorkflow({ name: 'platform.yml', content: workflowText }, trace);
  expect(context.errors.getErrors().map(({ message }) => message)).toEqual([]);
  const template = await convertWorkflowTemplate(context, value as NonNullable<typeof value>);
  expect(template.errors ?? []).toEqual([]);
  expect(template.jobs.map((job) => job.id.value)).toEqual(['check', 'plan']);
});

test('GitHub would not take a workflow with a mistake in it', () => {
  const content = workflowText.replace('runs-on: ubuntu-24.04', 'run-on: ubuntu-24.04');
  const { context } = parseWorkflow({ name: 'platform.yml', content }, new NoOperationTraceWriter());
  expect(
    context.errors
      .getErrors()
      .map(({ message }) => message)
      .join(),
  ).toMatch(/run-on/);
});

test('the workflow may only read, and hands secrets to the plan alone', () => {
  const { permissions, jobs } = parse(workflowText);
  expect(permissions).toEqual({ contents: 'read' });
  expect(JSON.stringify(jobs.check)).not.toContain('secrets.');
  // A text of a pull request in a script would be run.
  for (const { script } of stepsOfWorkflow()) expect(script).not.toContain('${{');
});

test('the build specification is one that Oracle documents', () => {
  expect(buildSpecification.safeParse(parse(buildText)).error?.issues).toBeUndefined();
});

test('projects begin with the same pipelines', () => {
  expect(read('lib/templates/init/platform/github/workflows/platform.yml')).toBe(workflowText);
  expect(read('lib/templates/init/platform/build_spec.yaml')).toBe(buildText);
});

describe.each([
  ['GitHub Actions', stepsOfWorkflow],
  ['OCI DevOps', stepsOfBuild],
])('the steps for %s', (service, stepsOf) => {
  let folder: string;
  let project: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pipeline-'));
    project = join(folder, 'platform');
    expect(runCli(['init', '--template', 'platform', project]).status).toBe(0);
    symlinkSync(join(repository, 'node_modules'), join(project, 'node_modules'));
    mkdirSync(join(folder, 'bin'));
    // Packages are there; and what Terraform is asked to do is written down.
    program('npm', '[ "$*" = ci ]');
    program(
      'terraform',
      `cd "\${1#-chdir=}" && [ -f cdk.tf.json ] && shift && echo "$PWD: $*" >> ${join(folder, 'asked')}`,
    );
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  function program(name: string, script: string): void {
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, 'bin', name), 0o755);
  }

  /** Runs steps as the service does, up to the first that fails. @returns the name of that one */
  function run(): string | undefined {
    const env = {
      ...process.env,
      NODE_OPTIONS: '',
      OCI_PRIMARY_SOURCE_DIR: project,
      PATH: [join(folder, 'bin'), join(repository, 'node_modules', '.bin'), process.env.PATH].join(':'),
    };
    return stepsOf().find(({ script }) => {
      return spawnSync('bash', ['-e', '-o', 'pipefail', '-c', script], { cwd: project, env }).status !== 0;
    })?.name;
  }

  test('synthesize, check, draw and plan', () => {
    expect(run()).toBeUndefined();
    expect(readFileSync(join(project, 'platform.svg'), 'utf8')).toContain('platform/Gateway</text>');
    const stack = join(project, 'cdktf.out', 'stacks', 'platform');
    const asked = readFileSync(join(folder, 'asked'), 'utf8')
      .replaceAll(stack, '.')
      .replaceAll(/^.*\/stacks\/platform/gm, '.');
    expect(asked).toBe('.: init -input=false\n.: plan -input=false -lock=false\n');
  }, 60_000);

  if (service === 'GitHub Actions') {
    test('end before the plan where a rule finds something', () => {
      const main = join(project, 'main.ts');
      const text = readFileSync(main, 'utf8');
      const open = text.replace(/mcp\.InboundAuth\.jwt\(\{[\s\S]*?\}\)/, 'mcp.InboundAuth.none()');
      expect(open).not.toBe(text);
      writeFileSync(main, open.replace('mcp.McpRules.enforce(app);', ''));
      expect(run()).toBe('Check');
      expect(existsSync(join(folder, 'asked'))).toBe(false);
    }, 60_000);
  }
});
