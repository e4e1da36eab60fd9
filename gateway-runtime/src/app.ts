import type { RequestListener } from 'node:http';
import type { Readable, Writable } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import { admissionOf } from './app/admission.js';
import { observableOf } from './app/observable.js';
import { readinessOf } from './app/readiness.js';
import { Shutdown } from './app/shutdown.js';
import { exchange } from './auth/exchange.js';
import { acceptedBy } from './auth/inbound/revocation.js';
import { Ingestion, logIngestion, metricIngestion } from './auth/oci/index.js';
import { credentialIn } from './auth/outbound/credential.js';
import { outboundDependencies } from './auth/outbound/dependencies.js';
import { outboundAuths } from './auth/outbound/index.js';
import type { GatewayConfig } from './config/index.js';
import { withLiveFields } from './config/live-fields.js';
import { Console } from './console/console.js';
import type { AuditRecord } from './contracts/audit.js';
import type { Host } from './contracts/host.js';
import type { ReloadStatus } from './contracts/reload-status.js';
import type { WorkerPlace } from './contracts/worker.js';
import { ConfigError, type ConfigFault } from './errors.js';
import { ClientSessions } from './http/client-sessions.js';
import { createListener } from './http/listener.js';
import { McpEndpoint } from './http/mcp-endpoint.js';
import { createMetricsListener } from './http/metrics-endpoint.js';
import { OpenAnswers } from './http/open-answers.js';
import type { HttpSession } from './http/session.js';
import type { SseConnection } from './http/sse-connection.js';
import { SseEndpoint } from './http/sse-endpoint.js';
import type { ReloadedConfig } from './loading/config-loader.js';
import { upstreamFactory } from './mcp/index.js';
import { AuditTrail, nothingAudited } from './observability/audit-trail.js';
import { type AdjustableLogger, createLogger } from './observability/logger.js';
import { RefusedCallers } from './observability/refused-callers.js';
import { ReloadRecord } from './observability/reload-record.js';
import { Telemetry } from './observability/telemetry.js';
import { withOpenApi } from './openapi/index.js';
import { Sealer } from './protocol/sealer.js';
import { RestApi } from './rest/rest-api.js';
import { Router } from './routing/router.js';
import { MemoryLimiter } from './state/memory-limiter.js';
import { MemorySessionStore } from './state/memory-session-store.js';
import { RedisConnection } from './state/redis-connection.js';
import { RedisLimiter } from './state/redis-limiter.js';
import { RedisSessions } from './state/redis-sessions.js';
import { SealedSessions } from './state/sealed-sessions.js';
import { ClientConnection } from './stdio/client-connection.js';

/** What the gateway takes from its surroundings. */
export interface GatewayDependencies {
  readonly host: Host;
  /** Takes log lines, one JSON object each. */
  readonly logs: { write(line: string): void };
  /** What was said of the configuration at the start, and is not said again at a reload. */
  readonly warnings?: readonly ConfigFault[];
  /** Milliseconds between keep-alive comments on event streams. @default 10000, below the 15 s that an API Gateway waits for the next byte */
  readonly keepAliveMs?: number;
  /** Milliseconds a session may stay unused. @default 30 minutes */
  readonly sessionIdleMs?: number;
  /** Milliseconds that the first clients wait for backends which are still connecting. @default 1000 */
  readonly startGraceMs?: number;
  /** Version of the program, as metrics tell it. @default - unknown */
  readonly version?: string;
  /** The place of this process among those that serve one port together. @default - it is the only one */
  readonly worker?: WorkerPlace;
  /** Folder with the files of the console. @default - there is none */
  readonly consoleFiles?: string;
  /** Milliseconds that calls in flight get to finish at a backend that was removed or changed. @default 30000 */
  readonly drainMs?: number;
}

/** A gateway that has no port: whoever owns one hands its requests to `listener`. */
export interface Gateway {
  readonly listener: RequestListener;
  /** Answers `/metrics` to everybody who asks, and nothing else. */
  readonly metricsListener: RequestListener;
  /** Serves the client at the other end of a pair of streams. Resolves when it has gone. */
  serve(input: Readable, output: Writable): Promise<void>;
  readonly logger: AdjustableLogger;
  /** Connects to the backends in the background. */
  start(): void;
  /**
   * Serves what the configuration says that was read again, from the next request on: sessions and calls in flight go on. What
   * only a start can change stays as it is, and is named in the log; with a key that cannot be used, everything does.
   */
  reload(reloaded: ReloadedConfig): void;
  /** How reloads went. */
  readonly reloads: ReloadStatus;
  /**
   * Is not ready from now on, takes calls for another `drain_delay`, lets those in flight finish within `drain_timeout`, and ends
   * sessions and child processes.
   * @param options.now True to wait for no call, also when it waits already.
   */
  close(options?: { readonly now?: boolean }): Promise<void>;
}

/**
 * Puts a gateway together. Opens nothing before `start()`.
 *
 * @throws {ConfigError} when a key cannot be used
 *
 * @example
 * const gateway = buildGateway(parseGatewayConfig(json), { host, logs: process.stdout });
 * http.createServer(gateway.listener).listen(9000);
 * gateway.start();
 */
export function buildGateway(config: GatewayConfig, dependencies: GatewayDependencies): Gateway {
  const {
    host,
    logs,
    keepAliveMs,
    sessionIdleMs,
    startGraceMs,
    drainMs,
    warnings,
    worker,
    consoleFiles,
    version = 'unknown',
  } = dependencies;
  const logger = createLogger(config, logs, worker?.number);
  const reloads = new ReloadRecord(logger, warnings);
  const serverInfo = { name: config.name, version: config.version };
  const outbound = outboundDependencies(config, host.env);
  const { state, metrics, otlp_metrics, traces, sealing } = config;
  const inbound = { ...outbound, logger };
  const current = { config, admission: admissionOf(config, inbound) };
  const sealingKey = sealing && credentialIn(sealing, 'key', outbound);
  const sender = { signer: outbound.signer, environment: host.env };
  const ingestion = new Ingestion({ service: metricIngestion, region: metrics?.region, ...sender });
  const telemetry = new Telemetry({
    config,
    version,
    tracesKey: traces && credentialIn(traces, 'data_key', outbound),
    metricsKey: otlp_metrics && credentialIn(otlp_metrics, 'data_key', outbound),
    sendMetrics: (body) => ingestion.post(body),
    logger,
  });
  const { oci_logging } = config.audit ?? {};
  const auditLog =
    oci_logging && new Ingestion({ service: logIngestion(oci_logging.log_id), region: oci_logging.region, ...sender });
  const trail = config.enable_audit_log
    ? new AuditTrail({
        config,
        worker: worker?.number,
        logs,
        logger,
        meters: telemetry.meters,
        send: auditLog && ((body) => auditLog.post(body)),
      })
    : undefined;
  const refusedCallers = trail && new RefusedCallers({ record: (record) => trail.record(record)?.catch(() => {}) });
  const connection =
    state && new RedisConnection({ config: state, password: credentialIn(state, 'password', outbound), logger });
  const limiterOf = ({ limits, name: gateway }: GatewayConfig) => {
    if (!limits) return undefined;
    return connection ? new RedisLimiter({ limits, connection, gateway }) : new MemoryLimiter(limits);
  };
  const sealer = new Sealer(sealingKey ? () => sealingKey.read() : worker && (async () => worker.key));
  const outboundAuth = outboundAuths(outbound);
  const routing = {
    serverInfo,
    reloads,
    startGraceMs,
    drainMs,
    createUpstream: withOpenApi(upstreamFactory({ clientInfo: serverInfo, host, logger, outboundAuth }), {
      logger,
      outboundAuth,
    }),
    logger,
    hasSessions: !config.stateless,
    audit: {
      ready: () => trail?.ready(),
      record: (record: AuditRecord, isAlone?: boolean) => {
        telemetry.record(record);
        webConsole?.record(record);
        return trail?.record(record, isAlone);
      },
    },
    history: trail?.history,
    auditForm: trail?.config ?? nothingAudited,
    tracer: telemetry.tracer,
    sealer,
  };
  const router = new Router(routing, config, current.admission.policy);
  router.limit(limiterOf(config));
  const sealed = sealing || worker ? new SealedSessions({ sealer, logger, relay: worker?.relay }) : undefined;
  const redis = connection && new RedisSessions({ connection, gateway: config.name, idleMs: sessionIdleMs });
  const shared = config.stateless ? undefined : (redis ?? sealed);
  const store = new MemorySessionStore<HttpSession>({
    idleMs: sessionIdleMs,
    onEvicted: (session) => sessions?.evicted(session),
  });
  const sessions = config.stateless ? undefined : new ClientSessions({ store, shared, dispatcher: router });
  const endpoint = new McpEndpoint({
    current,
    dispatcher: router,
    sessions,
    serverInfo,
    logger,
    keepAliveMs,
  });
  const sse = config.enable_sse
    ? new SseEndpoint({
        current,
        gatekeeper: endpoint,
        dispatcher: router,
        connections: new MemorySessionStore<SseConnection>({ idleMs: sessionIdleMs }),
        serverInfo,
        logger,
        keepAliveMs,
      })
    : undefined;
  const rest = config.rest_api
    ? new RestApi({
        current,
        dispatcher: router,
        fetchDocument: async (url) => (await exchange({ method: 'GET', url, headers: {} })).document,
      })
    : undefined;
  const webConsole =
    consoleFiles === undefined
      ? undefined
      : new Console({
          current,
          files: consoleFiles,
          observable: {
            ...{ serverInfo, reloads, started: Date.now(), worker: worker?.number, history: trail?.history },
            ...observableOf(router, store),
          },
        });
  const connections: ClientConnection[] = [];
  const answers = new OpenAnswers();
  const renderMetrics = telemetry.pageOf(router, reloads);
  const shutdown = new Shutdown({
    delayMs: config.drain_delay * 1000,
    graceMs: config.drain_timeout * 1000,
    announce: () => answers.beLast(),
    drain: (graceMs) =>
      Promise.all([
        endpoint.drain(graceMs),
        sse?.drain(graceMs),
        rest?.drain(graceMs),
        ...connections.map((connection) => connection.close()),
      ]),
    release: async () => {
      // First of all, so that the last points still tell of sessions and backends.
      const sent = telemetry.close();
      shared?.close();
      connection?.close();
      store.close();
      await Promise.all([router.stop(), sent]);
      refusedCallers?.close();
      await trail?.close();
    },
  });
  const follow = (next: GatewayConfig): void => {
    const admission = admissionOf(next, inbound, current);
    const hasOtherCallers = admission.authenticator !== current.admission.authenticator;
    const hasOtherLimits = !isDeepStrictEqual(next.limits, current.config.limits);
    Object.assign(current, { config: next, admission });
    logger.setLevel(next.log_level);
    if (hasOtherLimits) router.limit(limiterOf(next));
    router.reload(next, admission.policy);
    if (!hasOtherCallers) return;
    const isAccepted = acceptedBy(next.auth);
    endpoint.keepOnly(isAccepted);
    sse?.keepOnly(isAccepted);
  };
  return {
    logger,
    metricsListener: createMetricsListener(renderMetrics, logger),
    serve: (input, output) => {
      const connection = new ClientConnection({ input, output, dispatcher: router, serverInfo, logger });
      connections.push(connection);
      connection.start();
      return connection.gone;
    },
    listener: createListener({
      path: config.path.replace(/(?<=.)\/$/, ''),
      endpoint,
      sse,
      neighbours: [rest, webConsole].flatMap((neighbour) => neighbour ?? []),
      current,
      logger,
      answers,
      meters: telemetry.meters,
      onRefused: (caller) => {
        telemetry.meters.authFailed(caller.failure);
        refusedCallers?.note(caller);
      },
      // A scraper would get those of whichever worker has its connection.
      metrics: worker ? undefined : renderMetrics,
      readiness: () => readinessOf({ phase: shutdown.phase, router, reloads, shared: connection }),
      isClosing: () => shutdown.phase === 'closing',
    }),
    start: () => {
      router.start();
      connection?.start();
      if (sessions) shared?.start(sessions);
      telemetry.start(router);
      trail?.start();
    },
    reloads,
    reload: ({ config: wanted, warnings, faults }) => {
      if (shutdown.phase !== 'serving') return;
      const { config: next, ignored } = withLiveFields(current.config, wanted);
      const hasChanged = !isDeepStrictEqual(next, current.config);
      try {
        if (hasChanged) follow(next);
        reloads.note({ hasChanged, faults, warnings, ignored });
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        reloads.note({ hasChanged: false, faults: [...faults, ...error.faults], warnings, ignored });
      }
    },
    close: ({ now = false } = {}) => shutdown.run(now),
  };
}
