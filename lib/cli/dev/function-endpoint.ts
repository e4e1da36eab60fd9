import { randomUUID } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loopback } from './ports';

/** The most bytes of a call: https://docs.oracle.com/en-us/iaas/Content/Functions/Concepts/functionsoverview.htm */
const mostBytes = 6_000_000;

/** Seconds that a call may take. */
const mostSeconds = 300;

/** Where a function is invoked. */
export interface FunctionEndpoint {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Stands in for the invoke endpoint of a function: hands each call to the socket of its container, one at a time, as the platform
 * does. Signatures are not looked at: it listens on this machine alone.
 * @see https://github.com/fnproject/docs/blob/master/fn/develop/fn-format.md
 */
export async function listenFunction(socketPath: string): Promise<FunctionEndpoint> {
  let last: Promise<unknown> = Promise.resolve();
  const server = createServer((incoming, response) => {
    readBody(incoming)
      .then((body) => {
        if (body === undefined) return refuse(response, 413, 'RequestTooLarge');
        const answer = last.then(() => invoke(socketPath, body, incoming.headers));
        last = answer.catch(() => {});
        return answer.then(({ status, type, text }) => {
          response.writeHead(status, type ? { 'content-type': type } : {}).end(text);
        });
      })
      .catch(() => refuse(response, 502, 'FunctionInvokeExecutionFailed'));
  });
  await new Promise<void>((resolve) => server.listen(0, loopback, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${loopback}:${port}/20181201/functions/local/actions/invoke`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify({ code, message: code }));
}

/** Undefined where there is more than a function takes. */
async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming) {
    bytes += (chunk as Buffer).length;
    if (bytes > mostBytes) return undefined;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

interface FunctionAnswer {
  readonly status: number;
  readonly type?: string;
  readonly text: Buffer;
}

function invoke(socketPath: string, body: Buffer, asked: IncomingHttpHeaders): Promise<FunctionAnswer> {
  // The platform puts its own in front of what the caller sends, and keeps who signed to itself.
  const passed = Object.entries(asked).filter(([name]) => !/^(fn-|authorization$|host$|connection$)/.test(name));
  const headers = {
    ...Object.fromEntries(passed.map(([name, value]) => [`Fn-Http-H-${name}`, String(value)])),
    'Content-Type': asked['content-type'] ?? 'application/json',
    'Content-Length': String(body.length),
    'Fn-Call-Id': randomUUID(),
    'Fn-Deadline': new Date(Date.now() + mostSeconds * 1000).toISOString(),
    'Fn-Intent': 'httprequest',
    'Fn-Http-Method': 'POST',
    'Fn-Http-Request-Url': '/20181201/functions/local/actions/invoke',
  };
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path: '/call', method: 'POST', headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.once('error', reject);
      answer.once('end', () => {
        if (answer.statusCode !== 200) return void reject(new Error(`the function answered ${answer.statusCode}`));
        const status = Number(answer.headers['fn-http-status'] ?? 200);
        resolve({ status, type: answer.headers['content-type'], text: Buffer.concat(chunks) });
      });
    });
    sent.setTimeout(mostSeconds * 1000, () => sent.destroy(new Error('the function did not answer')));
    sent.once('error', reject).end(body);
  });
}
