import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { closeAtEnd } from './gateway-servers.js';

/** Listens and says where; what cannot be queued is not answered. */
const program = `require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () {
  process.stdout.write(String(this.address().port));
})`;

/** A port that answers no attempt to connect, as behind a firewall that drops packets. @returns the port */
export async function startBlackHole(): Promise<number> {
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = Number(String((await once(child.stdout, 'data'))[0]));
  child.kill('SIGSTOP');
  // Nobody accepts these, and there is no room for more.
  const waiting = Array.from({ length: 4 }, () => connect(port, '127.0.0.1').on('error', () => {}));
  await once(waiting[0] as (typeof waiting)[number], 'connect');
  closeAtEnd(async () => {
    for (const socket of waiting) socket.destroy();
    child.kill('SIGKILL');
  });
  return port;
}
