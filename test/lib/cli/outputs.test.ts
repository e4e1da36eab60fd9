import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OciProvider } from '@cdktf/provider-oci/lib/provider';
import { App, TerraformOutput, TerraformStack } from 'cdktf';
import { ClientConfiguration, ContainerInstanceHosting, InboundAuth, McpGateway, PrivateNetwork } from 'cdktf-oci-mcp';
import { cliMain, runCli } from './library-cli';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'outputs-'));
  writeFileSync(join(folder, 'cdktf.json'), JSON.stringify({ app: 'true' }));
  const app = new App({ outdir: join(folder, 'cdktf.out') });
  const stack = new TerraformStack(app, 'prod');
  new OciProvider(stack, 'Oci', { region: 'eu-frankfurt-1' });
  const compartmentId = 'ocid1.compartment.oc1..example';
  const network = new PrivateNetwork(stack, 'Network', { compartmentId });
  const gateway = new McpGateway(stack, 'Gateway', {
    image: 'fra.ocir.io/acme/oci-mcp-gateway@sha256:51aa0c6d',
    hosting: new ContainerInstanceHosting({ network, compartmentId }),
    inboundAuth: InboundAuth.staticTokens({ tokens: { secretId: 'ocid1.vaultsecret.oc1..x', compartmentId } }),
  });
  new TerraformOutput(stack, 'gateway_url', { value: gateway.endpoint.url });
  new ClientConfiguration(stack, 'Clients', { gateway, url: 'https://mcp.example/mcp', clientName: 'edge' });
  app.synth();
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

const deployed = {
  gateway_url: { sensitive: false, type: 'string', value: 'http://10.0.10.5:9000/mcp' },
  password: { sensitive: true, type: 'string', value: 'hunter2hunter2' },
  clients: {
    sensitive: false,
    type: 'object',
    value: { name: 'edge', url: 'https://mcp.example/mcp', auth: 'oauth', clients: {} },
  },
  odd: { sensitive: false, type: 'string', value: 'a\u001b[2Jb' },
};

test('writes the files of clients where there are none', () => {
  const file = join(folder, 'deployed-here.json');
  writeFileSync(file, JSON.stringify({ clients: deployed.clients }));
  const project = join(folder, 'project');
  mkdirSync(project);
  writeFileSync(join(project, '.mcp.json'), '{}');
  const args = ['outputs', file, '--for', 'claude-code', 'vscode', 'cline', '--write', project, '--json'];
  const { status, stdout } = runCli(args);
  expect({ status, files: JSON.parse(stdout).files }).toEqual({
    status: 0,
    files: { written: ['.vscode/mcp.json'], kept: ['.mcp.json'] },
  });
  expect(readFileSync(join(project, '.mcp.json'), 'utf8')).toBe('{}');
  expect(JSON.parse(readFileSync(join(project, '.vscode/mcp.json'), 'utf8'))).toEqual({
    servers: { edge: { type: 'http', url: 'https://mcp.example/mcp' } },
  });
});

function expectDeployment(stdout: string): void {
  const { outputs, endpoints } = JSON.parse(stdout);
  expect(outputs.map(({ name }: { name: string }) => name)).toEqual(Object.keys(deployed));
  expect(endpoints).toMatchObject([
    { output: 'gateway_url', path: 'prod/Gateway', url: 'http://10.0.10.5:9000/mcp', auth: 'token' },
    { output: 'clients', name: 'edge', url: 'https://mcp.example/mcp', auth: 'oauth' },
  ]);
  const [{ clients }] = endpoints;
  expect(clients[0].snippets[0].text).toContain('http://10.0.10.5:9000/mcp');
  expect(stdout).not.toContain('hunter2');
}

test('asks Terraform in the folder of each stack', () => {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(join(folder, 'deployed.json'), JSON.stringify(deployed));
  const answer = `#!/bin/sh\n[ "$1 $2" = "output -json" ] && [ -f cdk.tf.json ] && exec cat ${join(folder, 'deployed.json')}\nexit 3\n`;
  writeFileSync(join(bin, 'tofu'), answer);
  chmodSync(join(bin, 'tofu'), 0o755);
  const env = { ...process.env, TERRAFORM_BINARY_NAME: join(bin, 'tofu'), NODE_OPTIONS: '' };
  const args = [cliMain, 'outputs', '--for', 'cursor', '--json'];
  const { stdout, status } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', env });
  expectDeployment(stdout);
  expect(JSON.parse(stdout).outputs[0].stack).toBe('prod');
  expect(status).toBe(0);
});

test('reads what terraform prints', () => {
  const { stdout } = runCli(['outputs', '-', '--for', 'cursor', '--json'], {
    cwd: folder,
    input: JSON.stringify(deployed),
  });
  expectDeployment(stdout);
});

test('reads what cdktf writes, and tells people', () => {
  const file = join(folder, 'outputs.json');
  writeFileSync(file, JSON.stringify({ prod: { gateway_url: deployed.gateway_url.value, odd: deployed.odd.value } }));
  const { stdout, stderr, status } = runCli(['outputs', file, '--for', 'vscode'], { cwd: folder });
  expect(stdout).toContain('prod.gateway_url = http://10.0.10.5:9000/mcp\nprod.odd = a[2Jb\n');
  expect(stdout).toContain('http://10.0.10.5:9000/mcp  prod/Gateway\n\n  VS Code: .vscode/mcp.json\n    {');
  expect(stderr).toBe('');
  expect(status).toBe(0);
});

test('a URL that a shell would not take for one word is in no command', () => {
  const odd = { ...deployed, gateway_url: { ...deployed.gateway_url, value: 'http://10.0.10.5/$(id)' } };
  const hostile = { sensitive: false, value: { name: 'x', url: 'https://e.example/;id', auth: 'none', clients: {} } };
  const input = JSON.stringify({ ...odd, clients: hostile });
  const { stdout } = runCli(['outputs', '-', '--json'], { cwd: folder, input });
  expect(JSON.parse(stdout).endpoints).toEqual([]);
});

test('what is no output is told, and what was meant is asked', () => {
  expect(runCli(['outputs', '-'], { cwd: folder, input: '{"a":1}' }).stderr).toContain(
    'the standard input holds no outputs',
  );
  expect(runCli(['outputs', '--for', 'curser'], { cwd: folder }).stderr).toContain('did you mean --for cursor?');
  const { stderr, status } = runCli(['outputs'], { cwd: tmpdir() });
  expect(stderr).toContain('no CDKTF project is here');
  expect(status).toBe(2);
});
