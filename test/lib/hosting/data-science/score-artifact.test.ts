import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { McpServer, McpServerSource, ModelDeploymentHosting } from 'cdktf-oci-mcp';
import { repository } from '../../../helpers/imports';
import { condaEnvironment, entriesOf, makeFolder, synthArtifact } from '../../../helpers/score-artifact';
import { faultsOf } from '../../../helpers/synth';
import { reference } from '../../fixtures';

const folders: { remove(): void }[] = [];
afterAll(() => folders.map((folder) => folder.remove()));

/** Path of a new folder with a server and these files. */
function folderOf(files: { readonly [path: string]: string } = {}): string {
  const folder = makeFolder({ 'server.py': 'mcp = None\n', ...files });
  folders.push(folder);
  return folder.path;
}

function faultsOfFolder(directory: string, server?: string, environment = condaEnvironment): string[] {
  return faultsOf((stack) => {
    new McpServer(stack, 'Forecast', {
      source: McpServerSource.scoreArtifact(directory, server),
      hosting: new ModelDeploymentHosting({
        compartmentId: 'ocid1.compartment.oc1..example',
        condaEnvironment: environment,
      }),
    });
  });
}

describe('the archive', () => {
  test('holds the folder, what the service reads, and what answers MCP', () => {
    const directory = folderOf({
      'forecasts/__init__.py': '',
      'forecasts/trend.py': 'x = 1\n',
      'requirements.txt': 'mcp\n',
    });
    const entries = entriesOf(synthArtifact(directory).archive);
    expect(Object.keys(entries)).toEqual([
      'forecasts/__init__.py',
      'forecasts/trend.py',
      'mcp_server.json',
      'requirements.txt',
      'runtime.yaml',
      'score.py',
      'server.py',
      'stateless_mcp.py',
    ]);
    expect(entries['mcp_server.json']).toBe('{"server":"server:mcp"}\n');
    expect(entries['score.py']).toContain('def predict(data, model=None):');
  });

  test('names the conda environment', () => {
    expect(entriesOf(synthArtifact(folderOf()).archive)['runtime.yaml']).toBe(`MODEL_ARTIFACT_VERSION: "3.0"
MODEL_DEPLOYMENT:
  INFERENCE_CONDA_ENV:
    INFERENCE_ENV_PATH: "oci://conda@acme/mcp/1.0/mcp_p312_cpu_x86_64_v1"
    INFERENCE_ENV_SLUG: "mcp_p312_cpu_x86_64_v1"
    INFERENCE_ENV_TYPE: "published"
    INFERENCE_PYTHON_VERSION: "3.12"
`);
  });

  test('leaves out what tools leave behind', () => {
    const directory = folderOf({
      '__pycache__/server.cpython-312.pyc': '',
      'old.pyc': '',
      '.venv/bin/python': '',
      '.git/config': '',
      '.pytest_cache/x': '',
    });
    expect(Object.keys(entriesOf(synthArtifact(directory).archive))).toEqual([
      'mcp_server.json',
      'runtime.yaml',
      'score.py',
      'server.py',
      'stateless_mcp.py',
    ]);
  });

  test('is the same bytes whenever it is made', () => {
    const [one, other] = [folderOf({ 'a.py': '1', 'b.py': '2' }), folderOf({ 'b.py': '2', 'a.py': '1' })];
    utimesSync(join(other, 'a.py'), 1, 1);
    const first = synthArtifact(one);
    expect(synthArtifact(other).archive.equals(first.archive)).toBe(true);
    // The time and date of the first entry: 1980-01-01 00:00, the earliest there is.
    expect([...first.archive.subarray(10, 14)]).toEqual([0, 0, 0x21, 0]);
  });

  test('is the same bytes in every time zone', () => {
    const script = `
      const { App, TerraformStack } = require('cdktf');
      const { ModelArtifact } = require('./lib/dist/hosting/data-science/model-artifact.js');
      const stack = new TerraformStack(new App(), 'stack');
      process.stdout.write(new ModelArtifact(stack, 'Artifact', new Map([['a', Buffer.from('1')]])).path);`;
    const paths = ['UTC', 'Pacific/Kiritimati', 'America/Los_Angeles'].map((TZ) => {
      const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], { cwd: repository, env: { TZ } });
      return stdout.toString() || stderr.toString();
    });
    expect(paths[0]).toMatch(/^assets\/.*\.zip$/);
    expect(new Set(paths).size).toBe(1);
  });

  test('is told with its exact length, at a path that changes with the content', () => {
    const directory = folderOf();
    const before = synthArtifact(directory);
    expect(before.length).toBe(String(before.archive.length));
    // As long as before.
    writeFileSync(join(directory, 'server.py'), 'mcp = nonE\n');
    const after = synthArtifact(directory);
    expect(after.length).toBe(before.length);
    expect(after.path).not.toBe(before.path);
    expect(after.path).toMatch(/^assets\/Forecast_Artifact_File_\w+\/[0-9a-f]{32}\/model-[0-9a-f]{32}\.zip$/);
  });
});

describe('a server', () => {
  test.each([
    ['server:mcp', 'mcp: FastMCP = FastMCP("x")\n'],
    ['server:make', 'def make():\n    pass\n'],
    ['server:make', 'async def make():\n    pass\n'],
    ['server:mcp', 'from other import mcp\n'],
    ['server:mcp', 'try:\n    mcp = 1\nexcept ImportError:\n    mcp = 2\n'],
  ])('%s may be made by %j', (server, text) => {
    expect(entriesOf(synthArtifact(folderOf({ 'server.py': text }), server).archive)['server.py']).toBe(text);
  });

  test.each(['forecasts', 'forecasts.main'])('may be in the package or module %s', (module) => {
    const files = { 'forecasts/__init__.py': 'mcp = 1', 'forecasts/main.py': 'mcp = 1' };
    const entries = entriesOf(synthArtifact(folderOf(files), `${module}:mcp`).archive);
    expect(entries['mcp_server.json']).toBe(`{"server":"${module}:mcp"}\n`);
  });

  test.each<[string, string, string]>([
    ['is not named', 'server', 'allowed: a server as "<module>:<variable>": "server:mcp"'],
    ['is a path', '../server:mcp', 'allowed: a server as "<module>:<variable>": "server:mcp"'],
    ['is in no module', 'other:mcp', '; fix: add other.py, or name another module'],
    ['is no variable of the module', 'server:app', 'allowed: a variable or function that the module server defines'],
    ['is only used there', 'server:None', 'allowed: a variable or function that the module server defines'],
  ])('fails when it %s', (_, server, text) => {
    const [fault, ...others] = faultsOfFolder(folderOf(), server);
    expect(fault).toContain(`[stack/Forecast] source: got "${server}"; allowed: `);
    expect(fault).toContain(text);
    expect(others).toEqual([]);
  });
});

describe('a folder', () => {
  const faultOf = (directory: string, got: string, allowed: string) => [
    `[stack/Forecast] source: got "${got} in ${JSON.stringify(directory).replaceAll('"', '\\"')}"; allowed: ${allowed}`,
  ];

  test('fails when it does not exist, or is a file', () => {
    const directory = folderOf();
    for (const path of [join(directory, 'nothing'), join(directory, 'server.py')]) {
      expect(faultsOfFolder(path)).toEqual([
        `[stack/Forecast] source: got "${path}"; allowed: a folder that exists, with the modules of a server`,
      ]);
    }
  });

  test.each([
    '.env',
    '.env.production',
    'api.pem',
    'keys/id_rsa',
    'server.KEY',
    'wallet.p12',
    '.netrc',
    '.env.example',
    'wallet/cwallet.sso',
    '.oci/config',
  ])('fails when it holds secrets as %s has them', (path) => {
    const directory = folderOf({ [path]: 's3cret' });
    const faults = faultsOfFolder(directory);
    const allowed = 'no files of secrets: the artifact is kept in the model catalog; fix: move it out of the folder';
    expect(faults).toEqual(faultOf(directory, path, allowed));
    expect(faults.join()).not.toContain('s3cret');
  });

  test('fails when it holds symbolic links, wherever they lead', () => {
    const directory = folderOf({ 'real.py': '' });
    mkdirSync(join(directory, 'a'));
    symlinkSync(join(directory, 'real.py'), join(directory, 'inside.py'));
    const allowed =
      'no symbolic links: what they lead to may change without the folder; fix: move it out of the folder';
    expect(faultsOfFolder(directory)).toEqual(faultOf(directory, 'inside.py', allowed));
    symlinkSync('/etc', join(directory, 'a', 'outside'));
    symlinkSync('nothing', join(directory, 'dangling'));
    expect(faultsOfFolder(directory)).toHaveLength(3);
  });

  test.each(['score.py', 'runtime.yaml', 'stateless_mcp.py', 'mcp_server.json'])('fails when it has a %s', (name) => {
    const directory = folderOf({ [name]: '' });
    const allowed =
      'folders without score.py, runtime.yaml, stateless_mcp.py, mcp_server.json, which are made at synth; fix: rename or remove it';
    expect(faultsOfFolder(directory)).toEqual(faultOf(directory, name, allowed));
  });
});

describe('a conda environment', () => {
  test.each(['conda/mcp', 'oci://conda/mcp', 'oci://conda@acme/', 'https://conda@acme/mcp'])(
    'fails when its path is %s',
    (path) => {
      expect(faultsOfFolder(folderOf(), 'server:mcp', { path, pythonVersion: '3.12' })).toEqual([
        `[stack/Forecast] condaEnvironment.path: got "${path.replace('conda@', '')}"; allowed: a path in Object Storage such as "oci://conda@acme/mcp/1.0/mcp_p312_cpu_x86_64_v1"`,
      ]);
    },
  );

  test('fails when it is a reference, which could not stand in the artifact', () => {
    const faults = faultsOf((stack) => {
      const references = { path: reference(stack, 'path'), pythonVersion: reference(stack, 'python') };
      new McpServer(stack, 'Forecast', {
        source: McpServerSource.scoreArtifact(folderOf()),
        hosting: new ModelDeploymentHosting({
          compartmentId: 'ocid1.compartment.oc1..example',
          condaEnvironment: references,
        }),
      });
    });
    expect(faults).toEqual(
      ['path', 'pythonVersion'].map(
        (prop) =>
          `[stack/Forecast] condaEnvironment.${prop}: got "a Terraform reference"; allowed: text known at synth, which stands in the artifact`,
      ),
    );
  });

  test.each(['3.9', '3', '3.12.1', '2.7'])('fails when its Python is %s', (pythonVersion) => {
    expect(faultsOfFolder(folderOf(), 'server:mcp', { ...condaEnvironment, pythonVersion })).toEqual([
      `[stack/Forecast] condaEnvironment.pythonVersion: got "${pythonVersion}"; allowed: a version such as "3.12", at least the 3.10 that the mcp package needs`,
    ]);
  });
});
