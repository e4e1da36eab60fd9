import { request as send } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { closeAtEnd, type Listening, listen } from './gateway-servers.js';

/** A load balancer that sends each request to the next target, whoever asks. */
export interface RoundRobin extends Listening {
  /** Origins in turn; may be changed at any time. */
  targets: string[];
  /** Origin and method of each request, in order. */
  readonly seen: { readonly target: string; readonly method: string; readonly status: number }[];
}

export async function startRoundRobin(targets: string[]): Promise<RoundRobin> {
  let turn = 0;
  const seen: RoundRobin['seen'] = [];
  const balancer = {
    targets,
    seen,
    ...(await listen((request, response) => {
      const target = balancer.targets[turn++ % balancer.targets.length] ?? '';
      const { method = '', headers } = request;
      const forwarded = send(new URL(request.url ?? '/', target), { method, headers }, (answer) => {
        seen.push({ target, method, status: answer.statusCode ?? 0 });
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        response.flushHeaders();
        answer.pipe(response);
      });
      forwarded.once('error', () => response.headersSent || response.writeHead(502).end());
      response.once('close', () => forwarded.destroy());
      request.pipe(forwarded);
    })),
  };
  return balancer;
}

/** Something between a client and a port of this machine. */
export interface Relay extends Omit<Listening, 'url'> {
  /** Breaks the connections there are; new ones can be made. */
  cut(): void;
}

/** Passes connections on to a port of this machine, and breaks them when it closes. */
export async function startRelay(target: number, port = 0): Promise<Relay> {
  const open = new Set<Socket>();
  const server = createServer((incoming) => {
    const outgoing = connect(target, '127.0.0.1');
    for (const [socket, other] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      open.add(socket);
      socket.on('error', () => {}).on('close', () => other.destroy());
      socket.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const cut = () => {
    for (const socket of open) socket.destroy();
    open.clear();
  };
  const close = async () => {
    cut();
    await new Promise((resolve) => server.close(resolve));
  };
  return { port: (server.address() as AddressInfo).port, cut, close: closeAtEnd(close) };
}
