import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OciProvider } from '@cdktf/provider-oci/lib/provider';
import { App, TerraformStack, TerraformVariable } from 'cdktf';
import {
  ContainerImage,
  ContainerInstanceHosting,
  ContainerRepository,
  InboundAuth,
  McpGateway,
  McpServer,
  McpServerSource,
  OutboundAuth,
  PrivateNetwork,
  StdioHosting,
} from 'cdktf-oci-mcp';
import { readLocalFile } from '../../../lib/cli/dev/local-file';
import { type LocalBackend, planOf } from '../../../lib/cli/dev/local-plan';
import { revisionOf } from '../../../lib/cli/dev/local-server';
import { SynthesizedFolder } from '../../../lib/cli/synthesized-folder';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'local-plan-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const compartmentId = 'ocid1.compartment.oc1..example';

/** Synthesizes gateways into the folder. */
function synthesized(build: (stack: TerraformStack, gateway: (id?: string) => McpGateway) => void): SynthesizedFolder {
  const outdir = join(folder, 'cdktf.out');
  const app = new App({ outdir });
  const stack = new TerraformStack(app, 'stack');
  new OciProvider(stack, 'Oci', { region: 'eu-frankfurt-1' });
  const network = new PrivateNetwork(stack, 'Network', { compartmentId });
  build(
    stack,
    (id = 'Gateway') =>
      new McpGateway(stack, id, {
        image: 'fra.ocir.io/acme/oci-mcp-gateway@sha256:51aa0c6d',
        hosting: new ContainerInstanceHosting({ network, compartmentId }),
        inboundAuth: InboundAuth.jwt({
          issuer: 'https://issuer.example/',
          audiences: ['mcp'],
          jwksUri: 'https://issuer.example/keys',
        }),
      }),
  );
  app.synth();
  return new SynthesizedFolder(outdir);
}

function plan(from: SynthesizedFolder, options: { env?: object; gateway?: string } = {}): LocalBackend[] {
  const env = { PATH: process.env.PATH, ...options.env };
  const local = readLocalFile(folder);
  return [...planOf(from, { directory: folder, local, gateway: options.gateway, env }).backends];
}

test('what cannot run here is left out, and says why', () => {
  const from = synthesized((stack, makeGateway) => {
    const gateway = makeGateway();
    const network = PrivateNetwork.fromSubnetAttributes(stack, 'There', {
      vcnId: 'ocid1.vcn',
      subnetId: 'ocid1.subnet',
    });
    const hosting = new ContainerInstanceHosting({ network, compartmentId });
    const image = McpServerSource.image('fra.ocir.io/acme/logs@sha256:0f3a');
    gateway.addBackend(new McpServer(stack, 'Logs', { source: image, hosting }));
    const stdio = (id: string, command: string, args: string[]) =>
      gateway.addBackend(
        new McpServer(stack, id, { source: McpServerSource.command(command, args), hosting: new StdioHosting() }),
      );
    stdio('Absent', 'no-such-program', []);
    stdio('Image', 'node', ['/opt/servers/x.js']);
    stdio('Here', 'node', ['server.js']);
    gateway.addBackend(McpServer.fromEndpoint(stack, 'Docs', { url: 'https://docs.example/mcp' }));
    const outboundAuth = OutboundAuth.bearerToken({ secretId: 'ocid1.vaultsecret.oc1..x', compartmentId });
    gateway.addBackend(McpServer.fromEndpoint(stack, 'Closed', { url: 'https://closed.example/mcp', outboundAuth }));
    const url = new TerraformVariable(stack, 'url', { type: 'string' }).stringValue;
    gateway.addBackend(McpServer.fromEndpoint(stack, 'Unknown', { url }));
  });
  expect(
    Object.fromEntries(plan(from).map(({ name, run }) => [name, 'reason' in run ? run.reason : run.kind])),
  ).toEqual({
    logs: 'its image comes from a registry (fra.ocir.io/acme/logs@sha256:0f3a); name a program for it in mcp.dev.json',
    absent: "the gateway's image has the program no-such-program; name a program for it in mcp.dev.json",
    image: "the gateway's image has the file /opt/servers/x.js; name a program for it in mcp.dev.json",
    here: 'child',
    docs: 'elsewhere',
    closed: 'it takes credentials of the deployed gateway (bearer_token)',
    unknown: 'Oracle runs it, at an address that a deployment makes known',
  });
});

test('a folder with a Dockerfile of its own needs a program in its place', () => {
  mkdirSync(join(folder, 'server'));
  writeFileSync(join(folder, 'server', 'Dockerfile'), 'FROM scratch\n');
  const from = synthesized((stack, makeGateway) => {
    const network = PrivateNetwork.fromSubnetAttributes(stack, 'There', {
      vcnId: 'ocid1.vcn',
      subnetId: 'ocid1.subnet',
    });
    const repository = new ContainerRepository(stack, 'Images', { compartmentId, name: 'servers' });
    ContainerImage.dockerProvider(stack, 'Docker', { repositories: [repository] });
    const image = ContainerImage.fromDirectory(stack, 'Image', { directory: join(folder, 'server'), repository });
    const server = new McpServer(stack, 'Own', {
      source: McpServerSource.image(image),
      hosting: new ContainerInstanceHosting({ network, compartmentId }),
      environment: { MODE: 'fast', WHERE: new TerraformVariable(stack, 'where', {}).stringValue },
    });
    makeGateway().addBackend(server);
  });
  expect(plan(from)[0]?.run).toEqual({
    kind: 'remote',
    reason: 'its folder has a Dockerfile of its own; name a program for it in mcp.dev.json',
  });
  writeFileSync(join(folder, 'mcp.dev.json'), JSON.stringify({ servers: { own: { command: ['node', 'x.js'] } } }));
  const [standIn] = plan(from);
  expect(standIn).toMatchObject({
    run: { kind: 'program', command: ['node', 'x.js'], directory: folder },
    environment: { MODE: 'fast' },
    missing: ['WHERE'],
  });
  expect(plan(from, { env: { WHERE: 'here' } })[0]?.missing).toEqual([]);
});

test('a program is another one when a file beside it has changed', () => {
  const from = synthesized((stack, makeGateway) => {
    const source = McpServerSource.command('node', ['server.js']);
    makeGateway().addBackend(new McpServer(stack, 'Here', { source, hosting: new StdioHosting() }));
  });
  const revision = () => revisionOf(plan(from)[0] as LocalBackend);
  writeFileSync(join(folder, 'server.js'), '1');
  const first = revision();
  expect(revision()).toBe(first);
  writeFileSync(join(folder, 'helper.js'), '1');
  expect(revision()).not.toBe(first);
});

test('one gateway runs at a time', () => {
  const from = synthesized((_, makeGateway) => ['One', 'Two'].map((id) => makeGateway(id)));
  expect(() => plan(from)).toThrow(/allowed: stack\/One, stack\/Two\n +fix: +pass --gateway stack\/One/);
  expect(() => plan(from, { gateway: 'stack/Tow' })).toThrow(/pass --gateway stack\/Two/);
  expect(plan(from, { gateway: 'stack/Two' })).toEqual([]);
  expect(() => plan(synthesizedElsewhere())).toThrow(/the app has no gateway/);
});

test('everything that is wrong in mcp.dev.json is told at once', () => {
  const write = (document: unknown) => writeFileSync(join(folder, 'mcp.dev.json'), JSON.stringify(document));
  write({ servers: { a: { comand: ['x'] }, b: { command: [], transport: 'sse', env: { X: 1 } } }, more: 1 });
  const faults = [
    'more: is not known; remove it',
    'servers.a.comand: is not known; did you mean command?',
    'servers.a.command: got undefined; allowed: a list of a program and its arguments',
    'servers.b.command: got []',
    'servers.b.transport: got "sse"; allowed: "http", "stdio"',
    'servers.b.env: got {"X":1}',
  ];
  for (const fault of faults) expect(() => readLocalFile(folder)).toThrow(fault);
  write([]);
  expect(() => readLocalFile(folder)).toThrow('servers: got undefined');
  write({ servers: { hallo: { command: ['x'] } } });
  const from = synthesized((stack, makeGateway) => {
    makeGateway().addBackend(McpServer.fromEndpoint(stack, 'hello', { url: 'https://docs.example/mcp' }));
  });
  expect(() => plan(from)).toThrow('did you mean hello?');
});

/** An app without a gateway. */
function synthesizedElsewhere(): SynthesizedFolder {
  const outdir = join(folder, 'elsewhere');
  const app = new App({ outdir });
  new TerraformStack(app, 'empty');
  app.synth();
  return new SynthesizedFolder(outdir);
}
