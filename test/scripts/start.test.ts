import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { repository } from '../helpers/imports';

function start(...args: string[]) {
  return spawnSync(process.execPath, [join(repository, 'scripts', 'start.mjs'), ...args], { encoding: 'utf8' });
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

  test('fails with a reason on an argument it does not know', () => {
    const { status, stderr } = start('--cheque');
    expect(status).toBe(1);
    expect(stderr).toContain('unknown argument --cheque; allowed: --check');
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});
