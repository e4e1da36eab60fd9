import { type ChildProcess, spawn } from 'node:child_process';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { until } from './gateway-instance.js';
import { closeAtEnd, type Listening, listen } from './gateway-servers.js';
import { repository } from './imports.js';

/** A process that serves HTTP on a port of this machine. */
export interface ServingProcess {
  readonly url: string;
  /** Everything it printed so far. */
  output(): string;
  stop(): Promise<void>;
}

/** Loads an artifact as a model server does. @param folder Its unpacked content. */
export function startModelServer(python: string, folder: string): Promise<ServingProcess> {
  const harness = join(repository, 'test', 'python', 'model_server.py');
  return startServing(python, [harness, folder], /^listening (\d+)$/m);
}

/** Starts a program and waits until it says its port. */
export async function startServing(
  command: string,
  args: readonly string[],
  portIn: RegExp,
  env: Record<string, string> = {},
): Promise<ServingProcess> {
  const child = spawn(command, args, { env: { PATH: process.env.PATH ?? '', ...env } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const stop = closeAtEnd(() => kill(child));
  await until(() => portIn.test(output) || child.exitCode !== null, `${args.join(' ')} to listen`, 20_000);
  const port = portIn.exec(output)?.[1];
  if (port === undefined) throw new Error(`the process ended: ${output}`);
  return { url: `http://127.0.0.1:${port}`, output: () => output, stop };
}

function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('close', () => resolve());
    child.kill('SIGKILL');
  });
}

/** The endpoint of a model deployment. */
export interface DeploymentEndpoint extends Listening {
  /** What Terraform exports as `model_deployment_url`. */
  readonly deploymentUrl: string;
  /** Requests as they came: method and path. */
  readonly seen: string[];
}

/**
 * The router in front of a model deployment, as far as its documents tell: it lets signed requests to `/predict` and to the
 * declared paths below it pass, one answer for each.
 * https://docs.oracle.com/en-us/iaas/data-science/using/model-dep-predict-endpoint.htm
 *
 * @param options.endpoints Declared paths of a container, which get POST only.
 * @param options.check Why a caller is not let in; undefined for one who is.
 */
export async function startDeploymentEndpoint(
  server: string,
  options: {
    readonly endpoints?: readonly string[];
    readonly check?: (request: IncomingMessage, body: string) => string | undefined;
  } = {},
): Promise<DeploymentEndpoint> {
  const deployment = '/ocid1.datasciencemodeldeployment.oc1..example';
  const routes = new Map([
    [`${deployment}/predict`, '/predict'],
    ...(options.endpoints ?? []).map((path) => [`${deployment}/predict${path}`, path] as const),
  ]);
  const seen: string[] = [];
  const listening = await listen(async (incoming, response) => {
    const { method = '', url = '', headers } = incoming;
    let body = '';
    for await (const chunk of incoming.setEncoding('utf8')) body += chunk;
    seen.push(`${method} ${url.replace(deployment, '')}`);
    const refuse = (status: number, code: string) =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ code }));
    const path = routes.get(url);
    if (path === undefined) return refuse(404, 'NotAuthorizedOrNotFound');
    if (method !== 'POST') return refuse(405, 'MethodNotAllowed');
    if (headers['content-length'] === undefined) return refuse(411, 'LengthRequired');
    if (Buffer.byteLength(body) > 10_000_000) return refuse(413, 'PayloadTooLarge');
    if (options.check?.(incoming, body) !== undefined) return refuse(401, 'NotAuthenticated');
    const { host: _, ...forwarded } = headers;
    const onward = request(server + path, { method, headers: forwarded }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => refuse(503, 'ServiceUnavailable'));
    onward.end(body);
  });
  return { ...listening, deploymentUrl: listening.url + deployment, seen };
}
