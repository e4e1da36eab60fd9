import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './gateway-instance.js';
import { closeAtEnd, type Listening, listen } from './gateway-servers.js';

/** What a container answers on its socket. */
export interface CallAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A function's container: a process that listens on the socket which the platform names to it. */
export interface FunctionContainer {
  /** Seconds from the start of the process until it listened. */
  readonly listenedAfter: number;
  /** Sends one call, as the platform's agent does. */
  call(body: string, headers?: Record<string, string>): Promise<CallAnswer>;
  /** Everything it printed so far. */
  output(): string;
  stop(): Promise<void>;
}

/**
 * Starts a function as the platform does.
 * https://github.com/fnproject/docs/blob/master/fn/develop/fn-format.md
 */
export async function startContainer(
  command: readonly string[],
  options: { readonly cwd: string; readonly env?: Record<string, string> },
): Promise<FunctionContainer> {
  const folder = mkdtempSync(join(tmpdir(), 'fn-'));
  const socket = join(folder, 'lsnr.sock');
  const env = {
    PATH: process.env.PATH ?? '',
    FN_FORMAT: 'http-stream',
    FN_LISTENER: `unix:${socket}`,
    FN_FN_ID: 'ocid1.fnfunc.oc1..example',
    FN_APP_ID: 'ocid1.fnapp.oc1..example',
    FN_MEMORY: '512',
    ...options.env,
  };
  const started = Date.now();
  const child = spawn(command[0] as string, command.slice(1), { cwd: options.cwd, env });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const stop = closeAtEnd(async () => {
    await kill(child);
    rmSync(folder, { recursive: true, force: true });
  });
  await until(() => existsSync(socket) || child.exitCode !== null, 'the function to listen', 20_000);
  if (child.exitCode !== null) throw new Error(`the function ended: ${output}`);
  const listenedAfter = (Date.now() - started) / 1000;
  return { listenedAfter, stop, output: () => output, call: (body, headers = {}) => call(socket, body, headers) };
}

function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('close', () => resolve());
    child.kill('SIGKILL');
  });
}

function call(socketPath: string, body: string, extra: Record<string, string>): Promise<CallAnswer> {
  const headers = {
    'Content-Type': 'application/json',
    'Content-Length': String(Buffer.byteLength(body)),
    'Fn-Call-Id': randomUUID(),
    'Fn-Deadline': new Date(Date.now() + 60_000).toISOString(),
    'Fn-Intent': 'httprequest',
    'Fn-Http-Method': 'POST',
    'Fn-Http-Request-Url': '/20181201/functions/ocid1.fnfunc.oc1..example/actions/invoke',
    ...extra,
  };
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path: '/call', method: 'POST', headers }, async (response) => {
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: await textOf(response) });
    });
    sent.once('error', reject).end(body);
  });
}

async function textOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** How an invoke endpoint passes on what a function says in `Fn-Http-Status`: Oracle does not document which. */
export type StatusHandling = 'passes on' | 'translates';

/** The invoke endpoint of one function; its URL is the one to call. */
export interface InvokeEndpoint extends Listening {
  /** Headers and bodies of the calls, as they came. */
  readonly calls: { readonly headers: IncomingHttpHeaders; readonly body: string }[];
}

/** An invoke endpoint in front of containers, each of which gets one call at a time. Signatures are for others to check. */
export async function startInvokeEndpoint(
  containers: readonly FunctionContainer[],
  statusHandling: StatusHandling,
): Promise<InvokeEndpoint> {
  const path = '/20181201/functions/ocid1.fnfunc.oc1..example/actions/invoke';
  const calls: { headers: IncomingHttpHeaders; body: string }[] = [];
  const queues = containers.map((container) => oneAtATime(container));
  const listening = await listen(async (incoming, response) => {
    const body = await textOf(incoming);
    const refuse = (status: number, code: string) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ code, message: code }));
    if (incoming.method !== 'POST' || incoming.url !== path) return void refuse(404, 'NotFound');
    const turn = calls.push({ headers: incoming.headers, body }) % queues.length;
    const answer = await queues[turn]?.(body, functionHeaders(incoming.headers));
    if (answer?.status !== 200) return void refuse(502, 'FunctionInvokeExecutionFailed');
    const said = Number(answer.headers['fn-http-status'] ?? 200);
    const type = answer.headers['content-type'];
    response.writeHead(statusHandling === 'translates' ? said : 200, {
      ...(type && { 'content-type': type }),
      ...(statusHandling === 'passes on' && { 'fn-http-status': String(said) }),
    });
    response.end(answer.body);
  });
  return { ...listening, url: listening.url + path, calls };
}

function oneAtATime(container: FunctionContainer): FunctionContainer['call'] {
  let last: Promise<unknown> = Promise.resolve();
  return (body, headers) => {
    const answer = last.then(() => container.call(body, headers));
    last = answer.catch(() => {});
    return answer;
  };
}

/** What came over HTTP, under the names that the platform gives it; a function never sees who signed. */
function functionHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const passed = Object.entries(headers).filter(([name]) => !/^(fn-|authorization$)/.test(name));
  return Object.fromEntries(passed.map(([name, value]) => [`Fn-Http-H-${name}`, String(value)]));
}
