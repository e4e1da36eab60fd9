import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@redis/client';
import { until } from './gateway-instance.js';
import { closeAtEnd, freePort } from './gateway-servers.js';

const program = ['redis-server', 'valkey-server'].find(
  (command) => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0,
);

/** `describe` for tests that run a Redis server; without one they are skipped, and `npm test` says so and counts them. */
export const describeRedis: typeof describe | typeof describe.skip = program === undefined ? describe.skip : describe;

/** A server of its own, empty, on a free port of this machine. */
export interface TestRedis {
  readonly url: string;
  /** Port for plain text, or for TLS when it was asked for. */
  readonly port: number;
  /** The certificate that signed the server's, with TLS. */
  readonly caFile: string;
  /** Sends one command with every right. @returns its answer */
  command(...words: string[]): Promise<unknown>;
  /** Ends the server; what it knew is lost. */
  stop(): Promise<void>;
  /** Starts it again at the same port. */
  start(): Promise<void>;
  /** Stops it in its tracks: it accepts connections and answers nothing. */
  freeze(): void;
  thaw(): void;
}

export interface TestRedisOptions {
  /** TLS only. @default false */
  readonly tls?: boolean;
}

export async function startRedis({ tls = false }: TestRedisOptions = {}): Promise<TestRedis> {
  const directory = mkdtempSync(join(tmpdir(), 'redis-'));
  const port = await freePort();
  if (tls) makeCertificates(directory);
  const file = (name: string) => join(directory, name);
  const secured = ['--port', '0', '--tls-port', `${port}`, '--tls-auth-clients', 'no'].concat(
    ['--tls-cert-file', file('server.pem'), '--tls-key-file', file('server.key')],
    ['--tls-ca-cert-file', file('ca.pem')],
  );
  const socket = file('redis.sock');
  const own = ['--unixsocket', socket, '--bind', '127.0.0.1', '--save', '', '--dir', directory];
  const args = [...own, ...(tls ? secured : ['--port', `${port}`])];
  let child: ChildProcess | undefined;
  const start = async () => {
    child = spawn(program ?? 'redis-server', args, { stdio: 'ignore' });
    await until(
      () =>
        command('PING').then(
          () => true,
          () => false,
        ),
      'the Redis server to answer',
    );
  };
  const stop = async () => {
    const running = child;
    child = undefined;
    if (!running || running.exitCode !== null) return;
    const ended = new Promise((resolve) => running.once('close', resolve));
    running.kill('SIGKILL');
    await ended;
  };
  const command = async (...words: string[]) => {
    const client = createClient({ socket: { path: socket, reconnectStrategy: false }, RESP: 2 });
    client.on('error', () => {});
    await client.connect();
    return client.sendCommand(words).finally(() => client.destroy());
  };
  await start();
  closeAtEnd(async () => {
    await stop();
    rmSync(directory, { recursive: true, force: true });
  });
  return {
    url: `${tls ? 'rediss' : 'redis'}://${tls ? 'localhost' : '127.0.0.1'}:${port}`,
    port,
    caFile: file('ca.pem'),
    command,
    start,
    stop,
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
  };
}

/** A certificate authority of its own, and a certificate for this machine. */
function makeCertificates(directory: string): void {
  const openssl = (...words: string[]) => execFileSync('openssl', words, { cwd: directory, stdio: 'ignore' });
  const key = ['-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj'];
  openssl('req', '-x509', ...key, '/CN=test authority', '-keyout', 'ca.key', '-out', 'ca.pem');
  const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-addext', 'subjectAltName=DNS:localhost'];
  openssl('req', '-x509', ...key, '/CN=localhost', ...signed, '-keyout', 'server.key', '-out', 'server.pem');
}
