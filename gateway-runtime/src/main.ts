import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { Command } from 'commander';
import { buildGateway, type Gateway } from './app.js';
import { clientConfiguration, clientNames } from './clients/index.js';
import { type ClientsArguments, planClients } from './clients/plan.js';
import { toText as clientsAsText } from './clients/text.js';
import { signingMethods } from './config/backend.js';
import { quote, withoutCredentials } from './config/faults.js';
import type { Backend } from './config/index.js';
import type { Host } from './contracts/host.js';
import { diagnose } from './doctor/diagnose.js';
import { type DoctorArguments, planDoctor } from './doctor/plan.js';
import { toText } from './doctor/text.js';
import { ConfigError, formatFault } from './errors.js';
import { createHttpServer, createTlsServer } from './http/server.js';
import { type ConfigFlags, ConfigLoader, type LoadedConfig } from './loading/config-loader.js';
import { toBoolean } from './loading/environment.js';
import { describeCrash } from './observability/crash.js';
import { createLogger } from './observability/logger.js';
import { Reloader } from './reload/reloader.js';
import { fetchSecrets } from './secrets/fetch-secrets.js';
import { type FetchArguments, planFetch } from './secrets/plan.js';
import { type Member, thisMember } from './workers/member.js';
import type { Order } from './workers/messages.js';
import { Supervisor } from './workers/supervisor.js';

/** Set by the build. */
declare const GATEWAY_VERSION: string;

/** What sysexits.h calls EX_CONFIG. */
const configurationError = 78;

const collect = (value: string, before: string[] = []) => [...before, value];

const program = new Command('oci-mcp-gateway')
  .description('One authenticated endpoint in front of many MCP servers')
  .helpCommand(true)
  .option('--config <file>', 'configuration file (MCP_GATEWAY_CONFIG)')
  .option(
    '--backends-dir <dir>',
    'directory of drop-in files, one backend or a list in each; repeatable (MCP_GATEWAY_BACKENDS_DIR)',
    collect,
  )
  .option(
    '--scan <path>',
    'look for the files of MCP clients, such as .mcp.json, below this directory; repeatable (MCP_GATEWAY_SCAN_PATHS)',
    collect,
  )
  .option('--host <address>', 'address to listen on (MCP_GATEWAY_HOST)')
  .option('--port <number>', 'port to listen on, 0 for any (MCP_GATEWAY_PORT)')
  .option('--path <path>', 'path of the MCP endpoint (MCP_GATEWAY_PATH)')
  .option('--workers <number>', 'processes that serve the port together (MCP_GATEWAY_WORKERS)')
  .option('--log-level <level>', 'DEBUG, INFO, WARNING or ERROR (MCP_GATEWAY_LOG_LEVEL)')
  .option('--stdio', 'serve the one client that started this process, on its streams, and open no port')
  .option('--no-auth', 'accept unauthenticated calls (MCP_GATEWAY_AUTH_ENABLED=false)')
  .option('--no-watch', 'reload the configuration on SIGHUP only (MCP_GATEWAY_WATCH=false)')
  .option('--check', 'check the configuration, print what it says and exit; doctor asks its servers, too')
  .version(GATEWAY_VERSION)
  .action(guarded(run));

program
  .command('fetch-secrets')
  .description('Write secrets of OCI Vault into files, then exit, or stay to keep them current')
  .usage('[options] DIR FILE=OCID...')
  .argument('[DIR]', 'directory for the files')
  .argument('[FILE=OCID...]', 'file names, and the OCIDs of the secrets they come from')
  .option('--auth-method <method>', `OCI identity: ${signingMethods.join(', ')}`, 'resource_principal')
  .option('--timeout <seconds>', 'give up when a secret cannot be read for this long', '300')
  .option('--stay', 'keep running, and read the secrets again from time to time', false)
  .option('--refresh <seconds>', 'how often, with --stay', '600')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : configurationError))
  .action(guarded((directory, pairs, options) => void fetchFiles({ directory, pairs, ...options })));

program
  .command('doctor')
  .description('Find out what is wrong with a running gateway and its backends, and what to do about it')
  .argument('[URL]', 'MCP endpoint of a running gateway, looked at as a client sees it')
  .option('--token-env <name>', 'variable that holds the token to call with (default: MCP_GATEWAY_TOKEN)')
  .option('--token-file <file>', 'file that holds it, - for the standard input')
  .option('--origin <origin>', 'origin of a web page that should be let in, such as https://app.example')
  .option('--timeout <seconds>', 'how long one check may take', '10')
  .option('--json', 'print one JSON document')
  .addHelpText(
    'after',
    `
Without a URL it looks at what the configuration names, from where the gateway runs, and at the gateway that
listens as the configuration says; --config and the like are given, or left to variables, as when it was started.
With a URL and --config, --backends-dir or --scan it looks at both.

Examples:
  oci-mcp-gateway doctor https://mcp.example.com/mcp --token-file token.txt --origin https://app.example
  oci-mcp-gateway doctor --config gateway.json --json
  kubectl -n mcp exec deploy/gateway -- node /app/main.js doctor

Exit codes: 0 no problem, 1 at least one problem, 78 arguments or a configuration that cannot be used.`,
  )
  .configureHelp({ showGlobalOptions: true })
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : configurationError))
  .action(guarded((url, _, command: Command) => void examine({ url, ...command.optsWithGlobals() })));

program
  .command('clients')
  .description('Print what AI clients have to be told to use the gateway: files, commands and links')
  .argument('[URL]', 'MCP endpoint (default: as the configuration says)')
  .option('--for <client>', `${clientNames.join(', ')}; repeatable (default: all)`, collect)
  .option('--name <name>', 'what clients call the gateway', 'oci')
  .option('--view <view>', 'a view in place of everything')
  .option('--client-auth <how>', 'oauth, token or none (default: as the configuration says, oauth for a URL)')
  .option('--token-env <name>', 'variable in which clients find their token (default: MCP_GATEWAY_TOKEN)')
  .option('--json', 'print one JSON document')
  .addHelpText(
    'after',
    `
With --stdio, for clients that start the gateway themselves and speak to it over its streams.

Examples:
  oci-mcp-gateway clients https://mcp.example.com/mcp --for cursor --for vscode
  oci-mcp-gateway clients --config gateway.json --stdio --for claude-desktop`,
  )
  .configureHelp({ showGlobalOptions: true })
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : configurationError))
  .action(guarded((url, _, command: Command) => tellClients({ url, ...command.optsWithGlobals() })));

/** Tells what is wrong with a configuration, and nothing else of it. */
function guarded<T extends unknown[]>(action: (...given: T) => void): (...given: T) => void {
  return (...given) => {
    try {
      action(...given);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      process.stderr.write(`${error.message}\n`);
      process.exitCode = configurationError;
    }
  };
}

function examine(given: DoctorArguments): void {
  const plan = planDoctor(given, process.env);
  void diagnose(plan, { host, version: GATEWAY_VERSION }).then(({ report, isConfigurationUnusable }) => {
    const text = plan.json ? `${JSON.stringify(report, null, 2)}\n` : toText(report, process.stdout.isTTY === true);
    const code = isConfigurationUnusable ? configurationError : report.summary.problem > 0 ? 1 : 0;
    process.stdout.write(text, () => process.exit(code));
  });
}

function tellClients(given: ClientsArguments & ConfigFlags): void {
  const program = ['node', resolve(process.argv[1] ?? '')];
  const config = given.config === undefined ? undefined : resolve(given.config);
  const load = () => new ConfigLoader(given, process.env).load().config;
  const { clients, target, json } = planClients({ ...given, config }, load, program);
  const configurations = clients.map((client) => clientConfiguration(client, target));
  const text = json
    ? `${JSON.stringify(configurations, null, 2)}\n`
    : clientsAsText(configurations, process.stdout.isTTY);
  process.stdout.write(text);
}

function fetchFiles(given: FetchArguments): void {
  const plan = planFetch(given);
  const logger = createLogger({ name: 'fetch-secrets', log_level: 'INFO' }, process.stdout);
  const ending = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => ending.abort());
  fetchSecrets(plan, { environment: process.env, logger, signal: ending.signal }).then(
    () => process.exit(0),
    (error: Error) => {
      if (ending.signal.aborted) process.exit(plan.stay ? 0 : 1);
      process.stderr.write(`${error.message}\n`);
      process.exit(1);
    },
  );
}

/** This process. */
const host: Host = { env: process.env, kill: (pid, signal) => process.kill(pid, signal) };

/**
 * Milliseconds that the client waits for backends over stdio: it starts the gateway together with them, and many a client looks
 * at the list of tools only once. The same as the default of `connect_timeout`.
 */
const stdioGraceMs = 10_000;

function run(flags: ConfigFlags & { check?: boolean; watch: boolean }): void {
  const isWatching = flags.watch && watchVariable() !== false;
  const loader = new ConfigLoader(flags, process.env);
  const loaded = loader.load();
  const member = thisMember(process.env);
  if (loaded.config.workers > 1 && !member && !flags.check) {
    supervise(loaded);
    return;
  }
  keepRequestsYoung();
  const gateway = buildGateway(loaded.config, {
    host,
    version: GATEWAY_VERSION,
    consoleFiles: fileURLToPath(new URL('console', import.meta.url)),
    warnings: loaded.warnings,
    worker: member,
    ...(flags.stdio ? { logs: logsOn(process.stderr), startGraceMs: stdioGraceMs } : { logs: process.stdout }),
  });
  if (flags.check) {
    void gateway.close({ now: true });
    process.stdout.write(describe(loaded));
    return;
  }
  watchProcess(gateway);
  const orders = member ?? signals();
  if (member) leaveSignalsToSupervisor();
  for (const warning of loaded.warnings) gateway.logger.warn({ warning: formatFault(warning) }, 'configuration');
  if (flags.stdio) serveStdio(loaded, gateway, orders);
  else serve(loaded, gateway, orders, member?.number);
  followChanges(gateway, loader, orders, isWatching);
}

/**
 * Lets every object begin its life where collecting garbage is cheap. With many requests in flight V8 may conclude that what belongs
 * to one of them lasts, and allocate the like of it among the old objects from then on: there it outlives its request, and with it
 * all that it refers to. Of processes under 128 connections two in five ended so, and took half as much processor time again.
 */
function keepRequestsYoung(): void {
  setFlagsFromString('--no-allocation-site-pretenuring');
}

/** Who tells this process what to do. */
type Orders = Pick<Member, 'onOrder'>;

/** Whoever sends signals to it. */
function signals(): Orders {
  return {
    onOrder: (follow) => {
      for (const [signal, order] of Object.entries(orderOf) as [NodeJS.Signals, Order][]) {
        process.on(signal, () => follow(order, signal));
      }
    },
  };
}

/** A terminal and some supervisors signal every process, and each would take that for the second time. */
function leaveSignalsToSupervisor(): void {
  for (const signal of Object.keys(orderOf)) process.on(signal, () => {});
}

const orderOf = {
  SIGTERM: 'end',
  SIGINT: 'end',
  SIGHUP: 'reload',
  SIGUSR2: 'toggle debug',
} as const satisfies Partial<Record<NodeJS.Signals, Order>>;

/** Has several processes serve, and passes on what this one is told. */
function supervise({ config }: LoadedConfig): void {
  const { workers } = config;
  const logger = createLogger(config, process.stdout);
  logger.info({ workers }, 'starting workers');
  const supervisor = new Supervisor({ workers, logger, onEnded: (code) => process.exit(code) });
  supervisor.start();
  let isEnding = false;
  signals().onOrder((order, reason) => {
    supervisor.tell(order === 'end' && isEnding ? 'end now' : order, reason);
    if (order === 'end') isEnding = true;
  });
}

/** @throws {ConfigError} when it says neither true nor false */
function watchVariable(): boolean {
  const said = toBoolean(process.env.MCP_GATEWAY_WATCH || 'true');
  if (typeof said === 'boolean') return said;
  throw new ConfigError([{ path: 'MCP_GATEWAY_WATCH', message: `expected true or false, got ${quote(said)}` }]);
}

/** Reads the configuration again on SIGHUP, and whenever files change unless they are not watched. */
function followChanges(gateway: Gateway, loader: ConfigLoader, orders: Orders, isWatching: boolean): void {
  const { logger } = gateway;
  const reloader = new Reloader({ loader, logger, apply: (reloaded) => gateway.reload(reloaded) });
  orders.onOrder((order) => {
    if (order === 'reload') reloader.reload();
    if (order === 'toggle debug') logger.toggleDebug();
  });
  if (isWatching) reloader.watch();
}

/** Bytes of log lines that may wait for a client that does not read them; what comes then is lost. */
const mostLogged = 1024 * 1024;

function logsOn(stream: Writable): { write(line: string): void } {
  stream.on('error', () => {});
  return { write: (line) => void (stream.writableLength < mostLogged && stream.write(line)) };
}

/** Milliseconds that a gateway which failed, or is told once more to end, takes to end its children and to send what waits. */
const hurryMs = 3000;

/** Keeps the debugger closed, and ends the gateway when it fails in a way that nobody foresaw. */
function watchProcess(gateway: Gateway): void {
  const { logger } = gateway;
  // Node would open its debugger, to whom everything in memory is readable.
  process.on('SIGUSR1', () => logger.warn({}, 'SIGUSR1 is ignored: no debugger is opened'));
  process.once('uncaughtException', (error, origin) => {
    // What fails after that changes nothing any more.
    process.on('uncaughtException', () => {});
    logger.error({ origin, ...describeCrash(error) }, 'gateway has failed and ends');
    void endNow(gateway, 1);
  });
}

async function endNow(gateway: Gateway, code: number): Promise<void> {
  await Promise.race([gateway.close({ now: true }), new Promise((resolve) => setTimeout(resolve, hurryMs))]);
  process.exit(code);
}

/** Ends the gateway when it is told to: in order the first time, and without waiting for calls the second time. */
function endWhenTold(gateway: Gateway, orders: Orders, end: (reason: string) => Promise<void>): void {
  let isEnding = false;
  orders.onOrder((order, reason) => {
    if (order !== 'end' && order !== 'end now') return;
    if (isEnding || order === 'end now') void endNow(gateway, 0);
    else void end(reason);
    isEnding = true;
  });
}

function serveStdio({ config }: LoadedConfig, gateway: Gateway, orders: Orders): void {
  const backends = config.backends.filter(({ enabled }) => enabled).length;
  gateway.logger.info({ backends }, 'gateway serves one client over stdio');
  gateway.start();
  const stop = async (reason: string) => {
    gateway.logger.info({ reason }, 'gateway is shutting down');
    await gateway.close();
    process.exit(0);
  };
  void gateway.serve(process.stdin, process.stdout).then(() => stop('the client is gone'));
  endWhenTold(gateway, orders, stop);
}

/** Milliseconds that the last answers get to reach their clients. */
const lastAnswersMs = 500;

/** Milliseconds that everything may take after the calls in flight; whatever hangs is left behind then. */
const restMs = 4000;

function serve({ config }: LoadedConfig, gateway: Gateway, orders: Orders, worker = 1): void {
  const { logger } = gateway;
  const { tls } = config;
  const server = tls ? createTlsServer(tls, logger, gateway.listener) : createHttpServer(gateway.listener);
  const backends = config.backends.filter(({ enabled }) => enabled).length;
  listen(server, config, 'another --host or --port', (port) => {
    logger.info({ host: config.host, port, path: config.path, backends }, 'gateway is listening');
    gateway.start();
  });
  const { port, host = config.host } = config.prometheus ?? {};
  if (port !== undefined && config.enable_metrics) {
    const metrics = createHttpServer(gateway.metricsListener);
    // Each worker has its own: what one of them knows is no more than its part.
    listen(metrics, { host, port: port + worker - 1 }, 'another prometheus.host or prometheus.port', (taken) => {
      logger.info({ host, metrics_port: taken }, 'metrics are served');
    });
  }
  endWhenTold(gateway, orders, async (signal) => {
    const { drain_delay, drain_timeout } = config;
    logger.info({ signal, drain_delay, drain_timeout }, 'gateway is shutting down');
    setTimeout(() => process.exit(0), (drain_delay + drain_timeout) * 1000 + restMs).unref();
    // Until calls in flight have ended, those who come late are told so and not just refused.
    await gateway.close();
    setTimeout(() => server.closeAllConnections(), lastAnswersMs).unref();
    server.close(() => process.exit(0));
    server.closeIdleConnections();
  });
}

function listen(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
  choice: string,
  onListening: (port: number) => void,
): void {
  server.once('error', (error: NodeJS.ErrnoException) => {
    process.stderr.write(`cannot listen on ${host}:${port} (${error.code}); choose ${choice}\n`);
    process.exit(1);
  });
  server.listen(port, host, () => onListening((server.address() as AddressInfo).port));
}

function describe({ config, warnings }: LoadedConfig): string {
  const lines = [`ok: ${config.backends.length} backend${config.backends.length === 1 ? '' : 's'}`];
  for (const backend of config.backends) {
    const disabled = backend.enabled ? '' : ' (disabled)';
    lines.push(`  ${backend.name}  ${backend.transport}  ${targetOf(backend)}${disabled}`);
  }
  for (const warning of warnings) lines.push(`warning: ${formatFault(warning)}`);
  return `${lines.join('\n')}\n`;
}

/** Where a backend is; the arguments of a command may hold secrets and are left out. */
function targetOf(backend: Backend): string {
  if (backend.transport === 'stdio') return backend.command;
  return backend.transport === 'in_process' ? backend.module : withoutCredentials(backend.url);
}

program.parse();
