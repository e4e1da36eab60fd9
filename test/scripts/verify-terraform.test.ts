import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SCRIPT = join(__dirname, '../../scripts/verify-terraform.mjs');

/** An example that writes a stack as CDKTF does, without taking CDKTF's time. */
const EXAMPLE = `
import { mkdirSync, writeFileSync } from 'node:fs';
for (const [stack, providers] of Object.entries({ platform: { oci: {} }, servers: { kubernetes: {}, oci: {} } })) {
  const dir = \`\${process.env.CDKTF_OUTDIR}/stacks/\${stack}\`;
  mkdirSync(\`\${dir}/assets/model\`, { recursive: true });
  writeFileSync(\`\${dir}/assets/model/model.zip\`, 'zip');
  const variable = { vcn_id: { type: 'string' }, domain_url: { type: 'string' }, client: { type: 'string' } };
  writeFileSync(\`\${dir}/cdk.tf.json\`, JSON.stringify({ terraform: { required_providers: providers }, variable }));
}
`;

describe('verify:terraform', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'verify-test-'));
    mkdirSync(join(dir, 'story'));
    mkdirSync(join(dir, 'bin'));
    mkdirSync(join(dir, 'tmp'));
    writeFileSync(join(dir, 'story/main.ts'), EXAMPLE);
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  function program(path: string, text: string): string {
    writeFileSync(join(dir, path), `#!/bin/sh\n${text}`);
    chmodSync(join(dir, path), 0o755);
    return join(dir, path);
  }

  /** A `terraform` whose phases do what the shell fragment says; `$1` is the phase. */
  function terraform(text: string): void {
    program('bin/terraform', `[ "$1" = version ] && { echo '{"terraform_version":"1.2.3"}'; exit 0; }\n${text}`);
  }

  function verify(env: object = {}) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, join(dir, 'story')], {
      encoding: 'utf8',
      env: { PATH: `${join(dir, 'bin')}:/bin:/usr/bin`, TMPDIR: join(dir, 'tmp'), ...env },
    });
    return { status, stdout, stderr };
  }

  test('validates every stack and leaves nothing behind', () => {
    terraform('exit 0');
    expect(verify()).toEqual({
      status: 0,
      stdout: `Terraform 1.2.3
validated  story/platform
validated  story/servers
2 validated, 0 not run, 0 failed
`,
      stderr: '',
    });
    expect(spawnSync('ls', [join(dir, 'tmp')], { encoding: 'utf8' }).stdout).not.toContain('verify-terraform-');
  });

  test('says which stack was not run when a provider cannot be had, and does not fail', () => {
    terraform(`grep -q kubernetes cdk.tf.json || exit 0
echo 'Error: Failed to query available provider packages

Could not retrieve the list of available versions for provider
hashicorp/kubernetes: could not connect' >&2
exit 1`);
    const { status, stdout } = verify();
    expect(status).toBe(0);
    expect(stdout).toContain(`NOT RUN    story/servers: this machine's Terraform cannot get hashicorp/kubernetes\n`);
    expect(stdout).toMatch(/\n1 validated, 1 not run, 0 failed\n$/);
  });

  test('fails when Terraform rejects a stack, and shows why', () => {
    terraform('[ "$1" = validate ] || exit 0; echo "Error: Unsupported argument"; exit 1');
    const { status, stdout } = verify();
    expect(status).toBe(1);
    expect(stdout).toContain('FAILED     story/platform: terraform validate\n    Error: Unsupported argument\n');
    expect(stdout).toMatch(/\n0 validated, 0 not run, 2 failed\n$/);
  });

  test('fails when init rejects a stack for another reason than a missing provider', () => {
    terraform('echo "Error: Invalid backend"; exit 1');
    expect(verify()).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('FAILED     story/servers: terraform init'),
    });
  });

  test('fails when an example does not synthesize', () => {
    terraform('exit 0');
    writeFileSync(join(dir, 'story/main.ts'), 'throw new Error("two faults");');
    const { status, stdout } = verify();
    expect(status).toBe(1);
    expect(stdout).toMatch(/FAILED {5}story: it does not synthesize\n[\s\S]*two faults/);
  });

  test.each([
    ['--nope', "Unknown option '--nope'"],
    ['examples/nothing', 'examples/nothing: no folder with a main.ts'],
  ])('fails on the argument %s with how it is used, and without a stack trace', (argument, reason) => {
    const { status, stderr } = spawnSync(process.execPath, [SCRIPT, argument], { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toContain(reason);
    expect(stderr).toContain('Usage: npm run verify:terraform');
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test('says loudly that nothing was validated when terraform is missing', () => {
    const { status, stdout } = verify({ PATH: join(dir, 'bin') });
    expect(status).toBe(0);
    expect(stdout).toContain('terraform is not installed (or not on PATH): NOTHING IS VALIDATED\n');
    expect(stdout).toMatch(/\n0 validated, 2 not run, 0 failed\n$/);
  });

  test('runs the life cycle of stacks with OCI alone where a stand-in is given', () => {
    terraform('[ -n "$TF_CLI_CONFIG_FILE" ] || exit 1; cat "$TF_CLI_CONFIG_FILE" > /dev/null');
    mkdirSync(join(dir, 'mirror/registry.terraform.io/oracle/oci'), { recursive: true });
    const fake = program(
      'run.sh',
      'cd "$1"; find . -type f | sort > "$LOG"; echo "$2 $TF_VAR_vcn_id $TF_VAR_domain_url $TF_VAR_client" >> "$LOG"',
    );
    const env = { MIRROR: join(dir, 'mirror'), FAKE_OCI: fake, LOG: join(dir, 'log') };
    const { status, stdout } = verify(env);
    expect(status).toBe(0);
    expect(stdout).toContain('validated  story/platform: applied, planned again without changes, destroyed\n');
    expect(stdout).toContain('validated  story/servers: not applied, it also needs kubernetes\n');
    expect(spawnSync('cat', [env.LOG], { encoding: 'utf8' }).stdout).toBe(
      './assets/model/model.zip\n./cdk.tf.json\ncycle ocid1.vcn.oc1..placeholder https://placeholder.example placeholder\n',
    );

    program('run.sh', 'echo "replan FAILED"; exit 1');
    const broken = verify(env);
    expect(broken.status).toBe(1);
    expect(broken.stdout).toContain('FAILED     story/platform: apply, plan again, destroy\n    replan FAILED\n');
  });
});
