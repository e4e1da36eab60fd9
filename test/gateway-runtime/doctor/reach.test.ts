import { createServer } from 'node:net';
import { resolves } from '../../../gateway-runtime/src/doctor/reach/dns.js';
import { accepts } from '../../../gateway-runtime/src/doctor/reach/tcp.js';
import { startBlackHole } from '../../helpers/black-hole.js';
import { makeCertificate, type TestCertificate } from '../../helpers/certificates.js';
import { examine } from '../../helpers/doctor.js';
import { runCli } from '../../helpers/gateway-cli.js';
import { makeDirectory } from '../../helpers/gateway-directory.js';
import { closeAtEnd, freePort, listen } from '../../helpers/gateway-servers.js';
import { listenSecurely } from '../../helpers/tls-servers.js';

const dayMs = 86_400_000;

test('a closed port: connection refused, and what to start where', async () => {
  const port = await freePort();
  const { report, say, solve } = await examine({ url: `http://127.0.0.1:${port}/mcp` });
  expect(say('tcp')).toBe(`problem: connection refused by 127.0.0.1:${port}`);
  expect(solve('tcp')).toContain(`transport set to streamable_http on 0.0.0.0:${port}`);
  expect(report.summary).toEqual({ ok: 0, warning: 0, problem: 1 });
});

test('a port that drops packets: timeout, and which rules to look at', async () => {
  const port = await startBlackHole();
  const begin = Date.now();
  const { say, solve } = await examine({ url: `http://127.0.0.1:${port}/mcp`, timeout: '1' });
  expect(Date.now() - begin).toBeLessThan(2000);
  expect(say('tcp')).toBe(`problem: timeout: 127.0.0.1:${port} does not answer within 1 s`);
  for (const place of ['security list', 'NSG', 'route tables', 'egress']) expect(solve('tcp')).toContain(place);
});

test('a Service of Kubernetes that does not answer is looked for with kubectl', async () => {
  const name = await resolves('logs.tools.svc.cluster.local');
  expect(name.advice?.solution).toContain('kubectl -n tools get pods,service/logs');
  const port = await accepts({ host: 'logs.tools.svc.cluster.local', port: 8000 }, 1000);
  expect(port.status).toBe('problem');
});

test('a name without an address', async () => {
  const { say, solve } = await examine({ url: 'http://no-such-host.invalid/mcp' });
  expect(say('dns')).toMatch(/^problem: no-such-host\.invalid (has no address|cannot be looked up)/);
  expect(solve('dns')).not.toContain('null');
});

test('a server that ends connections, and one that takes them and says nothing', async () => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  closeAtEnd(async () => silent.close());
  const { port } = silent.address() as { port: number };
  const { say } = await examine({ url: `http://127.0.0.1:${port}/mcp`, timeout: '1' });
  expect(say('endpoint')).toBe('problem: no answer within 1 s');
  const rude = createServer((socket) => socket.once('data', () => socket.resetAndDestroy()));
  await new Promise<void>((resolve) => rude.listen(0, '127.0.0.1', resolve));
  closeAtEnd(async () => rude.close());
  const rudePort = (rude.address() as { port: number }).port;
  const broken = await examine({ url: `http://127.0.0.1:${rudePort}/mcp` });
  expect(broken.say('endpoint')).toBe('problem: the connection ended before an answer');
});

test('certificates: trusted, about to expire, expired, of another name, of nobody, none at all', async () => {
  const directory = makeDirectory();
  const authority = makeCertificate({ name: 'test authority' });
  const issue = (until: number, name = 'localhost', issuer: TestCertificate = authority) =>
    makeCertificate({ name, alternatives: [`DNS:${name}`], notAfter: new Date(Date.now() + until * dayMs) }, issuer);
  const answer = (_: unknown, response: { end(): void }) => response.end();
  const plain = await listen(answer);
  const servers = {
    good: await listenSecurely(issue(300.5), answer),
    soon: await listenSecurely(issue(3.5), answer),
    expired: await listenSecurely(issue(-1), answer),
    other: await listenSecurely(issue(300, 'elsewhere.example'), answer),
    private: await listenSecurely(issue(300, 'localhost', makeCertificate({ name: 'another authority' })), answer),
    plain: { ...plain, url: plain.url.replace('http:', 'https:') },
  };
  const backends = Object.entries(servers).map(([name, { url }]) => ({ name, url: `${url}/mcp` }));
  const config = directory.write('gateway.json', { host: '127.0.0.1', port: await freePort(), backends });
  const env = { NODE_EXTRA_CA_CERTS: directory.write('ca.pem', authority.cert) };
  const { code, stdout } = await runCli(['doctor', '--config', config, '--json', '--timeout', '2'], env);
  const found = Object.fromEntries(
    JSON.parse(stdout)
      .checks.filter(({ id }: { id: string }) => id === 'tls')
      .map(({ subject, status, seen }: Record<string, string>) => [subject?.split(' ')[1], `${status}: ${seen}`]),
  );
  expect(code).toBe(1);
  expect(found).toEqual({
    good: 'ok: certificate of localhost is trusted and valid for 300 more days',
    soon: 'warning: certificate of localhost is trusted and valid for 3 more days',
    expired: expect.stringMatching(/^problem: certificate of localhost not accepted: expired on /),
    other: 'problem: certificate of localhost not accepted: it is for another name (DNS:elsewhere.example)',
    private: expect.stringMatching(/^problem: .*(not trusted|UNABLE_TO_VERIFY|authority)/),
    plain: expect.stringMatching(/^problem: no TLS with /),
  });
  directory.remove();
});
