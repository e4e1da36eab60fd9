import { createServer } from 'node:http';
import type { Writable } from 'node:stream';
import { Command } from 'commander';
import { buildGateway, type Gateway } from './app.js';
import { signingMethods } from './config/backend.js';
import { withoutCredentials } from './config/faults.js';
import type { Host } from './config/host.js';
import type { Backend } from './config/index.js';
import { type ConfigFlags, type LoadedConfig, loadConfig } from './config/load.js';
import { diagnose } from './doctor/diagnose.js';
import { type DoctorArguments, planDoctor } from './doctor/plan.js';
import { toText } from './doctor/text.js';
import { ConfigError, formatFault } from './errors.js';
import { createLogger } from './observability/logger.js';
import { fetchSecrets } from './secrets/fetch-secrets.js';
import { type FetchArguments, planFetch } from './secrets/plan.js';

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
    'directory of drop-in files, one backend or a list in each (MCP_GATEWAY_BACKENDS_DIR)',
  )
  .option(
    '--scan <path>',
    'look for .mcp.json files below this directory; repeatable (MCP_GATEWAY_SCAN_PATHS)',
    collect,
  )
  .option('--host <address>', 'address to listen on (MCP_GATEWAY_HOST)')
  .option('--port <number>', 'port to listen on, 0 for any (MCP_GATEWAY_PORT)')
  .option('--path <path>', 'path of the MCP endpoint (MCP_GATEWAY_PATH)')
  .option('--log-level <level>', 'DEBUG, INFO, WARNING or ERROR (MCP_GATEWAY_LOG_LEVEL)')
  .option('--stdio', 'serve the one client that started this process, on its streams, and open no port')
  .option('--no-auth', 'accept unauthenticated calls (MCP_GATEWAY_AUTH_ENABLED=false)')
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

function run(flags: ConfigFlags & { check?: boolean }): void {
  const loaded = loadConfig(flags, process.env);
  const gateway = buildGateway(loaded.config, {
    host,
    ...(flags.stdio ? { logs: logsOn(process.stderr), startGraceMs: stdioGraceMs } : { logs: process.stdout }),
  });
  if (flags.check) {
    void gateway.close();
    process.stdout.write(describe(loaded));
    return;
  }
  for (const warning of loaded.warnings) gateway.logger.warn({ warning: formatFault(warning) }, 'configuration');
  if (flags.stdio) serveStdio(loaded, gateway);
  else serve(loaded, gateway);
}

/** Bytes of log lines that may wait for a client that does not read them; what comes then is lost. */
const mostLogged = 1024 * 1024;

function logsOn(stream: Writable): { write(line: string): void } {
  stream.on('error', () => {});
  return { write: (line) => void (stream.writableLength < mostLogged && stream.write(line)) };
}

function serveStdio({ config }: LoadedConfig, gateway: Gateway): void {
  const backends = config.backends.filter(({ enabled }) => enabled).length;
  gateway.logger.info({ backends }, 'gateway serves one client over stdio');
  gateway.start();
  const stop = async (reason: string) => {
    gateway.logger.info({ reason }, 'gateway is shutting down');
    await gateway.close();
    process.exit(0);
  };
  void gateway.serve(process.stdin, process.stdout).then(() => stop('the client is gone'));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(signal));
}

/**
 * How long a connection stays open between requests. OCI's load balancer wants that of its backends, and drops idle ones
 * after 300 seconds by itself.
 * @see https://docs.oracle.com/en-us/iaas/Content/Balance/Reference/connectionreuse.htm
 */
const keepAliveTimeout = 310_000;

function serve({ config }: LoadedConfig, gateway: Gateway): void {
  const server = createServer({ keepAliveTimeout }, gateway.listener);
  server.once('error', (error: NodeJS.ErrnoException) => {
    process.stderr.write(
      `cannot listen on ${config.host}:${config.port} (${error.code}); choose another --host or --port\n`,
    );
    process.exit(1);
  });
  server.listen(config.port, config.host, () => {
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : config.port;
    const backends = config.backends.filter(({ enabled }) => enabled).length;
    gateway.logger.info({ host: config.host, port, path: config.path, backends }, 'gateway is listening');
    gateway.start();
  });
  const stop = async (signal: NodeJS.Signals) => {
    gateway.logger.info({ signal }, 'gateway is shutting down');
    const closed = new Promise((resolve) => server.close(resolve));
    await gateway.close();
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), 500).unref();
    await closed;
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(signal));
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
