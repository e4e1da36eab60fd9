import { request as send } from 'node:http';
import { type Listening, listen } from './gateway-servers.js';

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
