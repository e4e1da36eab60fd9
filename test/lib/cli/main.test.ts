import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repository } from '../../helpers/imports';
import { runCli } from './library-cli';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'library-cli-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A project whose app does not need the library: it writes what it is told to. */
function makeProject(name: string, app: string, settings: object = {}): string {
  const directory = join(folder, name);
  mkdirSync(join(directory, 'below'), { recursive: true });
  writeFileSync(join(directory, 'cdktf.json'), JSON.stringify({ app: 'node app.js', ...settings }));
  writeFileSync(join(directory, 'app.js'), app);
  return directory;
}

const oneStack = `
const { mkdirSync, writeFileSync } = require('node:fs');
const out = process.env.CDKTF_OUTDIR;
mkdirSync(out + '/stacks/prod', { recursive: true });
const stack = { name: 'prod', constructPath: 'prod', workingDirectory: 'stacks/prod', synthesizedStackPath: 'stacks/prod/cdk.tf.json' };
writeFileSync(out + '/manifest.json', JSON.stringify({ version: '0.21.0', stacks: { prod: stack } }));
const group = { matching_rule: "ALL {resource.compartment.id = 'ocid1.compartment.oc1..x'}", '//': { metadata: { path: 'prod/Group/Resource' } } };
const context = JSON.parse(process.env.CDKTF_CONTEXT_JSON ?? '{}');
const resource = context.empty ? {} : { oci_identity_dynamic_group: { Group: group } };
writeFileSync(out + '/stacks/prod/cdk.tf.json', JSON.stringify({ resource }));
`;

describe('check', () => {
  test('synthesizes the project around the working directory, and ends with 1 when something is found', () => {
    const { status, stdout, stderr } = runCli(['check'], { cwd: join(makeProject('wide', oneStack), 'below') });
    expect(stderr).toBe('');
    expect(stdout).toContain('MCP002 Dynamic group of a whole compartment  prod/Group/Resource');
    expect(stdout).toMatch(/1 found in 1 stack of \S*cdktf\.out\n$/);
    expect(status).toBe(1);
  });

  test('reads a folder that is there, as JSON', () => {
    const directory = makeProject('json', oneStack);
    runCli(['check', '--project', directory]);
    const { status, stdout } = runCli(['check', join(directory, 'cdktf.out'), '--json']);
    expect(JSON.parse(stdout)).toEqual({
      directory: join(directory, 'cdktf.out'),
      stacks: ['prod'],
      findings: [expect.objectContaining({ rule: 'MCP002', stack: 'prod', path: 'prod/Group/Resource' })],
    });
    expect(status).toBe(1);
  });

  test('ends with 0 when nothing is found; the app gets the context, and its output folder', () => {
    const directory = makeProject('clean', oneStack, { context: { empty: true }, output: 'elsewhere' });
    const { status, stdout } = runCli(['check', '--project', directory]);
    expect(stdout).toMatch(/^Nothing found in 1 stack of \S*elsewhere\n$/);
    expect(status).toBe(0);
  });

  test('an app that fails is told without its stack trace, and ends with 2', () => {
    const directory = makeProject('broken', "throw new Error('Validation failed:\\n  [prod/Logs] port: got 0');");
    const { status, stderr } = runCli(['check', '--project', directory]);
    expect(stderr).toContain(
      'error: the app does not synthesize\n  Error: Validation failed:\n    [prod/Logs] port: got 0',
    );
    expect(stderr).toContain('fix:     mend what it says');
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(status).toBe(2);
  });

  test('a mistake is JSON where a result would be', () => {
    const { status, stdout } = runCli(['check', folder, '--json']);
    expect(JSON.parse(stdout).error).toEqual(expect.objectContaining({ got: folder, what: expect.any(String) }));
    expect(status).toBe(2);
  });
});

describe('diagram', () => {
  test('draws the stack of the example, as docs show it', () => {
    const file = join(folder, 'minimal.svg');
    const app = 'npx tsx examples/minimal/main.ts';
    const project = makeProject('minimal', '');
    const out = join(project, 'out');
    const env = { ...process.env, NODE_OPTIONS: '', CDKTF_OUTDIR: out };
    spawnSync(app, { cwd: repository, shell: true, env });
    const mermaid = runCli(['diagram', out]).stdout;
    expect(mermaid).toMatch(/^flowchart LR\n/);
    expect(mermaid).toMatch(/-->\|"search, encrypted"\|/);
    expect(runCli(['diagram', out, '--out', file]).status).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(readFileSync(join(repository, 'docs', 'diagram-sample.svg'), 'utf8'));
    expect(JSON.parse(runCli(['diagram', out, '--json']).stdout).links).toContainEqual({
      from: 'minimal/Gateway',
      to: 'minimal/Docs',
      label: 'search, encrypted',
      encrypted: true,
    });
  }, 60_000);

  test('asks what was meant', () => {
    const { status, stderr } = runCli(['diagram', '--format', 'mermade']);
    expect(stderr).toContain('allowed: svg, mermaid');
    expect(stderr).toContain('did you mean --format mermaid?');
    expect(status).toBe(2);
  });
});

describe('the program', () => {
  test('asks what was meant, and ends with 2', () => {
    const { status, stderr } = runCli(['chekc']);
    expect(stderr).toContain("unknown command 'chekc'");
    expect(stderr).toContain('Did you mean check?');
    expect(status).toBe(2);
  });

  test('says how to begin where no project is', () => {
    const { status, stderr } = runCli(['check'], { cwd: folder });
    expect(stderr).toContain(`got:     ${folder}`);
    expect(stderr).toContain('cdktf-oci-mcp init');
    expect(status).toBe(2);
  });

  test('helps, and tells its version, with 0', () => {
    expect(runCli(['--help'])).toEqual({
      status: 0,
      stdout: expect.stringContaining('check [options] [DIR]'),
      stderr: '',
    });
    expect(runCli(['--version']).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test('loads neither the library nor CDKTF for what needs neither', () => {
    const program = `process.argv.splice(1, 0, 'x');
      require(${JSON.stringify(join(repository, 'lib/dist/cli/main.js'))});
      process.on('exit', () => process.stderr.write(JSON.stringify(Object.keys(require.cache))));`;
    const { stderr } = spawnSync(process.execPath, ['-e', program, '--', '--version'], { encoding: 'utf8' });
    const loaded: string[] = JSON.parse(stderr);
    expect(loaded.filter((path) => /node_modules\/(cdktf|constructs|zod)\//.test(path))).toEqual([]);
    expect(loaded.length).toBeGreaterThan(5);
  });
});

describe('completion', () => {
  test('bash completes commands and options', () => {
    const { stdout } = runCli(['completion', 'bash']);
    const complete = (...words: string[]) => {
      const script = `${stdout}\nCOMP_WORDS=(cdktf-oci-mcp ${words.join(' ')}); COMP_CWORD=${words.length}
        _cdktf_oci_mcp; echo "\${COMPREPLY[@]}"`;
      return spawnSync('bash', ['-c', script], { encoding: 'utf8' }).stdout.trim().split(' ');
    };
    expect(complete('che')).toEqual(['check']);
    expect(complete('diagram', '--f')).toEqual(['--format']);
    expect(complete('check', '--allow-m')).toEqual(['--allow-manage']);
  });

  test.each(['zsh', 'fish'])('%s gets every command and option', (shell) => {
    const { stdout, status } = runCli(['completion', shell]);
    expect(stdout).toMatch(/check/);
    expect(stdout).toMatch(/allow-manage/);
    expect(status).toBe(0);
  });

  test('asks what was meant', () => {
    expect(runCli(['completion', 'bsh']).stderr).toContain('did you mean bash?');
  });
});
