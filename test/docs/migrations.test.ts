import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from '../helpers/gateway-cli.js';
import { makeDirectory } from '../helpers/gateway-directory.js';
import { makeIssuerKey } from '../helpers/gateway-jwt.js';
import { repository } from '../helpers/imports';

const blockOf = (page: string, language: string) =>
  new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(
    readFileSync(join(repository, 'docs', page), 'utf8'),
  )?.[1] as string;

test('a file of the public Python gateway loads as the page shows it', async () => {
  const directory = makeDirectory();
  const { publicKey } = await makeIssuerKey();
  directory.write('keys/public.pem', publicKey);
  const config = JSON.parse(blockOf('migrating-from-mcp-oci.md', 'json'));
  config.auth.jwt_public_key_file = join(directory.path, config.auth.jwt_public_key_file);
  const file = directory.write('gateway.json', config);
  const { code, stdout, stderr } = await runCli(['--config', file, '--check'], { COMPUTE_TOKEN: 'x' });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('compute');
  directory.remove();
});

test('what manifests become synthesizes as the page shows it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'migrated-'));
  try {
    symlinkSync(join(repository, 'node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'main.ts'), blockOf('migrating-from-manifests.md', 'ts'));
    const tsx = join(repository, 'node_modules/.bin/tsx');
    const { status, stderr } = spawnSync(tsx, ['main.ts'], { cwd: folder, encoding: 'utf8' });
    expect({ status, stderr }).toMatchObject({ status: 0 });
    const { resource } = JSON.parse(readFileSync(join(folder, 'cdktf.out/stacks/migrated/cdk.tf.json'), 'utf8'));
    const kinds = Object.keys(resource).sort();
    expect(kinds).toEqual(
      expect.arrayContaining([
        'kubernetes_deployment_v1',
        'kubernetes_network_policy_v1',
        'kubernetes_pod_disruption_budget_v1',
        'kubernetes_service_v1',
      ]),
    );
    const deployments = Object.values(resource.kubernetes_deployment_v1).map((each) => JSON.stringify(each));
    expect(deployments.filter((text) => text.includes('logs-mcp:1.4.0') && text.includes('logs-api'))).toHaveLength(1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
