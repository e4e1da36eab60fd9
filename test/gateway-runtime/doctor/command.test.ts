import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toText } from '../../../gateway-runtime/src/doctor/text.js';
import { checkIds } from '../../../gateway-runtime/src/doctor/verdict.js';
import { runCli, spawnCli } from '../../helpers/gateway-cli.js';
import { makeDirectory, type TestDirectory } from '../../helpers/gateway-directory.js';
import { startGateway } from '../../helpers/gateway-instance.js';
import { listen } from '../../helpers/gateway-servers.js';

let directory: TestDirectory;
beforeEach(() => {
  directory = makeDirectory();
});
afterEach(() => directory.remove());

const read = (page: string) => readFileSync(join(__dirname, '../../../docs', page), 'utf8');

describe('arguments', () => {
  test.each<[string, string[], string]>([
    ['no URL', ['mcp.example'], 'URL: expected the http or https URL'],
    ['a password in the URL', ['https://ada:s3cret@mcp.example/mcp'], 'URL: expected no user and password'],
    ['a token twice', ['--token-env', 'A', '--token-file', '/b'], '--token-file: --token-env is given too'],
    ['a variable that is not set', ['--token-env', 'NO_SUCH'], '--token-env: the variable NO_SUCH is not set'],
    ['a file that is not there', ['--token-file', '/no/such'], '--token-file: cannot be read (ENOENT)'],
    ['no origin', ['--origin', 'app'], '--origin: expected the origin of a web page'],
    ['no seconds', ['--timeout', '0'], '--timeout: expected a whole number of seconds from 1 to 300, got "0"'],
    ['an unknown option', ['--token', 's3cret'], "unknown option '--token'"],
  ])('%s', async (_, args, fault) => {
    const { code, stdout, stderr } = await runCli(['doctor', ...args]);
    expect([code, stdout]).toEqual([78, '']);
    expect(stderr).toContain(fault);
    expect(stderr).not.toContain('s3cret');
  });

  test('help', async () => {
    const { code, stdout } = await runCli(['help', 'doctor']);
    expect(code).toBe(0);
    for (const word of ['[URL]', '--token-file', '--json', '--config', 'Exit codes: 0']) expect(stdout).toContain(word);
  });

  test('a token on the standard input', async () => {
    const gateway = await startGateway({
      auth: { enabled: true, static_tokens: { 'token-of-ada': { client_id: 'ada' } } },
    });
    const run = spawnCli(['doctor', gateway.url, '--token-file', '-']);
    run.process.stdin?.end('token-of-ada\n');
    expect((await run.ended).stdout).toMatch(/ok +admission +the token is accepted/);
    await gateway.close();
  });
});

test('one JSON document, of the shape that is documented', async () => {
  const gateway = await startGateway({ backends: [{ name: 'b', url: 'http://127.0.0.1:1/mcp' }] });
  await gateway.waitFor('b', 'down');
  const { code, stdout, stderr } = await runCli(['doctor', `${gateway.url}?key=s3cret`, '--json']);
  const { checks, summary, ...report } = JSON.parse(stdout);
  expect([code, stderr]).toEqual([1, '']);
  expect(report).toEqual({ version: 1, target: { url: gateway.url, configuration: false } });
  expect(summary).toEqual({ ok: checks.length - 3, warning: 0, problem: 3 });
  for (const check of checks) {
    const isWell = check.status === 'ok';
    expect(check).toEqual({
      id: expect.stringMatching(/^[a-z]+(-[a-z]+)*$/),
      subject: expect.any(String),
      status: expect.stringMatching(/^(ok|warning|problem)$/),
      seen: expect.any(String),
      cause: isWell ? null : expect.any(String),
      solution: isWell ? null : expect.any(String),
      ms: expect.any(Number),
    });
  }
  await gateway.close();
});

test('a configuration that cannot be used is told as a finding, with 78; a URL is looked at all the same', async () => {
  const gateway = await startGateway({});
  const config = directory.write('gateway.json', { prot: 1 });
  const { code, stdout } = await runCli(['doctor', gateway.url, '--config', config, '--json']);
  expect(code).toBe(78);
  expect(JSON.parse(stdout).checks.map(({ id }: { id: string }) => id)).toEqual(
    expect.arrayContaining(['configuration', 'handshake']),
  );
  await gateway.close();
});

test('the flags of the gateway count as they do when it starts', async () => {
  const { stdout } = await runCli(['doctor', '--no-auth', '--port', '9', '--host', '127.0.0.1']);
  expect(stdout).toContain('connection refused by 127.0.0.1:9');
});

test('for people: a line for each check, what to do about each finding, and how many', () => {
  const common = { subject: 'gateway', ms: 1 };
  const report = {
    version: 1,
    target: { url: null, configuration: false },
    checks: [
      { ...common, id: 'tcp', status: 'ok', seen: 'connects', cause: null, solution: null },
      { ...common, id: 'clock', status: 'problem', seen: 'late', cause: 'drift', solution: 'chrony' },
    ],
    summary: { ok: 1, warning: 0, problem: 1 },
  } as const;
  const lines = [
    'gateway',
    '  ok       tcp    connects',
    '  PROBLEM  clock  late',
    '',
    '1. PROBLEM: gateway, clock',
    '   What:  late',
    '   Why:   drift',
    '   To do: chrony',
    '',
    '2 checks: 1 ok, 0 warnings, 1 problem',
    '',
  ];
  expect(toText(report, false)).toBe(lines.join('\n'));
  expect(toText(report, true)).toContain('\u001b[31mPROBLEM');
});

test('no secret comes out, whoever repeats it', async () => {
  const canary = (name: string) => `c4nary-of-${name}`;
  const echo = await listen(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const message = `\u001b[31m${JSON.stringify(request.headers)} ${body} ${request.url}`;
    response.setHeader(
      'www-authenticate',
      `Bearer error="invalid_token", error_description="${message.replaceAll('"', "'").replace(/[^\x20-\x7e]/g, '')}"`,
    );
    const status = request.url?.startsWith('/closed') ? 401 : 200;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, code: 'x', error: { code: -32603, message } }));
  });
  const url = new URL(`${echo.url}/mcp?key=${canary('query')}`);
  [url.username, url.password] = ['ada', canary('password')];
  const config = directory.write('gateway.json', {
    host: '127.0.0.1',
    port: 9,
    auth: { static_tokens: { [canary('static')]: { client_id: 'a' } } },
    backends: [
      { name: 'url', url: url.href },
      { name: 'header', url: `${echo.url}/mcp`, headers: { 'x-key': canary('header') } },
      {
        name: 'key',
        url: `${echo.url}/mcp`,
        auth_method: 'api_key',
        api_key_file: directory.write('key', canary('file')),
      },
      { name: 'env', url: `${echo.url}/mcp`, auth_method: 'bearer_token', bearer_token_env: 'WORD' },
      {
        name: 'child',
        command: process.execPath,
        args: ['-e', 'console.error(process.argv[1], process.env.WORD); process.exit(1)', canary('argument')],
        env: { WORD: canary('child') },
      },
    ],
  });
  const env = { WORD: canary('variable'), MCP_GATEWAY_TOKEN: canary('token') };
  for (const more of [['--json'], []]) {
    const run = await runCli(['doctor', `${echo.url}/closed?k=${canary('url')}`, '--config', config, ...more], env);
    expect(run.stdout).toContain('***');
    expect(run.stdout + run.stderr).not.toContain('c4nary');
    expect(run.stdout).not.toContain('\u001b');
  }
  await echo.close();
});

describe('the documentation', () => {
  const idsIn = (text: string) => [...text.matchAll(/^\| `([a-z][a-z-]*)` \|/gm)].map(([, id]) => id);

  test('explains every check, and none besides', () => {
    expect(idsIn(read('doctor.md'))).toEqual([...checkIds]);
  });

  test('names the checks that find each row of the troubleshooting table', () => {
    const rows = read('troubleshooting.md')
      .split('\n')
      .filter((line) => line.startsWith('| `'));
    const named = [
      '`401 Unauthorized`',
      '`Connection refused`',
      '`Resource principal not configured`',
      '`Timeout` connecting to backend',
      '`No tools found`',
      '`CORS error` from browser',
    ];
    expect(rows.map((row) => row.split('|')[1]?.trim())).toEqual(expect.arrayContaining(named));
    for (const row of rows) {
      const checks = [...(row.split('|').at(-2) ?? '').matchAll(/`([a-z-]+)`/g)].map(([, id]) => id);
      expect(checks.length).toBeGreaterThan(0);
      for (const id of checks) expect(checkIds).toContain(id);
    }
  });

  test('explains every option of the command', async () => {
    const { stdout } = await runCli(['doctor', '--help']);
    const own = stdout.slice(stdout.indexOf('Options:'), stdout.indexOf('Global Options:'));
    const options = [...own.matchAll(/^ +(--[a-z-]+)/gm)].map(([, option]) => option);
    expect(options).toEqual(['--token-env', '--token-file', '--origin', '--timeout', '--json']);
    for (const option of options) expect(read('doctor.md')).toContain(`| \`${option}`);
  });
});
