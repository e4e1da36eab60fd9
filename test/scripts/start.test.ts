import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../helpers/imports';

const script = join(repository, 'scripts', 'start.mjs');

function start(...args: string[]) {
  return spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
}

describe('npm start', () => {
  test('--check prints a real answer of every backend and exits 0', () => {
    const { status, stdout, stderr } = start('--check');
    expect(stderr).not.toMatch(/failed/);
    expect(status).toBe(0);
    expect(stdout).toContain('Stack quickstart would create');
    expect(stdout).toContain('"resourceType":"instance","realm":"oc1","region":"eu-frankfurt-1"');
    expect(stdout).toContain('[{"cidr":"10.0.0.0/18","usable":16381}');
    expect(stdout).toContain('[["10.0.0.0/16","10.0.128.0/20"]]');
    expect(stdout).toContain('[{"cidr":"172.16.0.0/21","usable":2045}');
    expect(stdout).toContain('All 4 backends answered.');
  }, 60_000);

  test('interrupted while it starts, stops and leaves nothing that runs, nor its files', async () => {
    const work = join(repository, 'examples', 'quickstart', '.cdktf-oci-mcp');
    const child = spawn(process.execPath, [script, '--check'], { env: process.env });
    let errors = '';
    child.stderr.on('data', (text) => {
      errors += text;
    });
    child.stdout.on('data', (text) => {
      if (String(text).includes('Starting on this machine')) child.kill('SIGTERM');
    });
    expect(await once(child, 'close')).toEqual([1, null]);
    expect(errors).toContain('npm start failed: interrupted');
    expect(readdirSync(work).filter((name) => name === `run-${child.pid}`)).toEqual([]);
  }, 60_000);

  test('fails with a reason on an argument it does not know', () => {
    const { status, stderr } = start('--cheque');
    expect(status).toBe(1);
    expect(stderr).toContain('unknown argument --cheque; allowed: --check');
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});
